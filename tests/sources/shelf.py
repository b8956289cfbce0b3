"""A folder of real seed files, and what SeedFiles makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worker.fetched import Fetched, Problem, SourceState
from worker.model import Document
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles

GOOD = "Bell found\n20220208\nhttps://lantern.example/bell\nThe bell hung in a drawer.\nIt weighs 11 kilograms.\n"


@dataclass(frozen=True)
class Shelf:
    """Writes seed files below a folder, and fetches them."""

    folder: Path

    def put(self, name: str, content: str | bytes = GOOD) -> Path:
        """The path of a new file with this content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def fetch(self, path: str | Path | None = None) -> Fetched:
        """What the source gives for a path; without one, for the folder."""
        return SeedFiles("seeds", SourceSettings(path=str(path or self.folder))).fetch(SourceState())

    def only(self, content: str | bytes) -> tuple[Document, tuple[Problem, ...]]:
        """The one document that a file with this content is, and what was wrong with it."""
        fetched = self.fetch(self.put("only.txt", content))
        (document,) = fetched.documents
        return document, fetched.problems

    def refused(self, path: Path) -> Problem:
        """The one fatal problem of a bad file that lies beside a good one, which is taken in."""
        self.put("good.txt")
        fetched = self.fetch()
        assert [document.title for document in fetched.documents] == ["Bell found"]
        (problem,) = fetched.problems
        assert problem.fatal
        assert problem.where == str(path)
        return problem
