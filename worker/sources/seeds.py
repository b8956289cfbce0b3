"""Seed files: title, date, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.errors import ParsingFailed, Unparsable
from worker.fetched import Fetched, Problem, SourceState
from worker.model import Document
from worker.parsing import parsed
from worker.settings import SourceSettings
from worker.sources.disk import contents, named, nothing
from worker.text.identity import document
from worker.web.access import Web


def seeds(name: str, settings: SourceSettings, web: Web) -> SeedFiles:
    """The source of kind "seeds"."""
    return SeedFiles(name, settings.path, settings.language, settings.shuffled)


@dataclass(frozen=True)
class SeedFiles:
    """All files that a path, a folder or a glob names; one that cannot be used stops no other."""

    name: str
    path: str
    language: str = ""
    shuffled: bool = True

    def fetch(self, state: SourceState) -> Fetched:
        """The documents of all files, sorted by path, and what was wrong with each bad one."""
        documents: list[Document] = []
        problems: list[Problem] = []
        files = list(named(self.path, (".txt",)))
        if not files:
            problems.append(nothing(self.path, ".txt"))
        for file in files:
            try:
                found, warnings = self._read(file)
            except Unparsable as error:
                problems.append(Problem(str(file), str(error), error.line))
            except ParsingFailed as error:
                problems.append(Problem(str(file), str(error)))
            else:
                documents.append(found)
                problems.extend(warnings)
        return Fetched(tuple(documents), tuple(problems), SourceState())

    def _read(self, file: Path) -> tuple[Document, list[Problem]]:
        found = parsed("seed", contents(file), detecting=not self.language)
        read = document(
            source=self.name,
            url=found["url"] or file.resolve().as_uri(),
            title=found["title"],
            published=datetime.fromisoformat(found["published"]) if found["published"] else None,
            paragraphs=tuple(found["paragraphs"]),
            language=self.language or found["language"],
            shuffled=self.shuffled,
        )
        return read, [Problem(str(file), message, line, fatal=False) for message, line in found["warnings"]]
