"""Seed files: title, date, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.errors import ParsingFailed, Unparsable
from worker.model import Document, Fetched, Problem, SourceState
from worker.parsing import parsed
from worker.text.identity import document
from worker.text.languages import detect

_LARGEST = 10 * 2**20  # bytes; a long novel has 3 million
_WILD = re.compile(r"[*?\[]")


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
        files = list(_files(self.path))
        if not files:
            problems.append(_nothing(self.path))
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
        found = parsed("seed", _bytes(file))
        read = document(
            source=self.name,
            url=found["url"] or file.resolve().as_uri(),
            title=found["title"],
            published=datetime.fromisoformat(found["published"]) if found["published"] else None,
            paragraphs=tuple(found["paragraphs"]),
            language=self.language or detect(sorted(set(found["paragraphs"]))),
            shuffled=self.shuffled,
        )
        return read, [Problem(str(file), message, line, fatal=False) for message, line in found["warnings"]]


def _files(path: str) -> Iterator[Path]:
    """The files that a path, a folder (its .txt files, however deep) or a glob names, sorted."""
    place = Path(path).expanduser()
    if place.is_dir():
        yield from _regular(place.glob("**/*.txt"))
    elif os.path.lexists(place):
        yield place
    else:
        root = Path(place.anchor)
        pattern = str(place.relative_to(root))
        if _WILD.search(pattern):
            yield from _regular(root.glob(pattern))


def _nothing(path: str) -> Problem:
    if Path(path).expanduser().is_dir():
        return Problem(path, "there is no .txt file in this folder", fatal=False)
    return Problem(path, "there is no such file", fatal=not _WILD.search(path))


def _regular(found: Iterable[Path]) -> list[Path]:
    return sorted(path for path in found if not path.is_dir())


def _bytes(file: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Unparsable("this is no ordinary file")
            if about.st_size > _LARGEST:
                raise Unparsable(f"the file is too large: {about.st_size / 2**20:.0f} MB, at most 10 are taken")
            raw = stream.read(_LARGEST + 1)
            if len(raw) != about.st_size:
                raise Unparsable("the file is being written to; it is taken at the next run")
            return raw
    except OSError as error:
        raise Unparsable(f"the file cannot be read: {error.strerror}") from None
