"""Seed files: title, date, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worker.errors import ParsingFailed, Unparsable
from worker.fetched import BY_HAND, Fetched, Problem, SourceState
from worker.model import Document
from worker.parsers.entry import whole
from worker.parsing import parsed
from worker.settings import SourceSettings
from worker.sources.disk import contents, named, nothing
from worker.web.access import Web


@dataclass(frozen=True)
class SeedFiles:
    """All files that a path, a folder or a glob names; one that cannot be used stops no other."""

    name: str
    settings: SourceSettings
    web: Web | None = None  # every source is given it; this one does not go there

    def fetch(self, state: SourceState) -> Fetched:
        """The documents of all files, sorted by path, and what was wrong with each bad one."""
        documents: list[Document] = []
        problems: list[Problem] = []
        files = list(named(self.settings.path, (".txt",)))
        if not files:
            problems += nothing(self.settings.path, ".txt", by_hand=self.name == BY_HAND)
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
        speaks, shuffled = self.settings.language, self.settings.shuffled
        found = parsed("seed", contents(file), detecting=not speaks)
        read = whole(found, source=self.name, home=file.resolve().as_uri(), speaks=speaks, shuffled=shuffled)
        return read, [Problem(str(file), message, line, fatal=False) for message, line in found["warnings"]]
