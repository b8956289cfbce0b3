"""Seed files: title, date, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from worker.model import Document, Fetched, Problem, SourceState
from worker.text.clean import cleaned
from worker.text.identity import canonical, document

_LARGEST = 10 * 2**20  # bytes; a long novel has 3 million
_HEADER = 3


class _Unusable(Exception):
    """The file cannot be taken in; says on which line, if it can be told."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class SeedFiles:
    """All files that a path, a folder or a glob names; one that cannot be used stops no other."""

    name: str
    path: str
    language: str = "en"
    shuffled: bool = True

    def fetch(self, state: SourceState) -> Fetched:
        """The documents of all files, sorted by path, and what was wrong with each bad one."""
        documents: list[Document] = []
        problems: list[Problem] = []
        files = list(_files(self.path))
        if not files:
            problems.append(Problem(self.path, "there is no such file", fatal="*" not in self.path))
        for file in files:
            try:
                found, warnings = self._read(file)
            except _Unusable as error:
                problems.append(Problem(str(file), str(error), error.line))
            else:
                documents.append(found)
                problems.extend(warnings)
        return Fetched(tuple(documents), tuple(problems), SourceState())

    def _read(self, file: Path) -> tuple[Document, list[Problem]]:
        lines = [cleaned(line).strip() for line in _text(file).split("\n")]
        if not lines[0]:
            raise _Unusable("there is no title on the first line", 1)
        header = _Header(file, lines)
        paragraphs = tuple(line for line in lines[header.length :] if line)
        if not any(any(map(str.isalnum, paragraph)) for paragraph in paragraphs):
            raise _Unusable("the text is missing: the file ends after its heading, half-written?", len(lines))
        found = document(
            source=self.name,
            url=header.url or file.resolve().as_uri(),
            title=lines[0],
            published=header.published,
            paragraphs=paragraphs,
            language=self.language,
            shuffled=self.shuffled,
        )
        return found, header.warnings


class _Header:
    """Date and address out of a file's first lines; what is missing or impossible is a warning.

    A line that is neither is text: nothing that somebody wrote is swallowed as a bad heading.
    """

    def __init__(self, file: Path, lines: list[str]) -> None:
        self.published: datetime | None = None
        self.url = ""
        self.length = 1
        self.warnings: list[Problem] = []
        self._file = str(file)
        self._date(lines[1] if len(lines) > 1 else "")
        self._address(lines[self.length] if len(lines) > self.length else "")

    def _date(self, line: str) -> None:
        if _is_address(line):
            self._warn("the date is missing, the time of ingestion stands for it", 2)
            return
        try:
            self.published = datetime.strptime(line, "%Y%m%d").replace(tzinfo=UTC)
            self.length += 1
        except ValueError:
            self._warn(f"{line[:40]!r} is no date (YYYYMMDD), the time of ingestion stands for it", 2)
            self.length += _one_word(line)

    def _address(self, line: str) -> None:
        number = self.length + 1
        if _is_address(line):
            try:
                self.url = canonical(line)
            except ValueError:
                self._warn(f"{line[:80]!r} is an impossible address, the file's own path stands for it", number)
            self.length += 1
        else:
            self._warn(f"{line[:80]!r} is no web address, the file's own path stands for it", number)
            self.length += _one_word(line)

    def _warn(self, message: str, line: int) -> None:
        self.warnings.append(Problem(self._file, message, line, fatal=False))


def _one_word(line: str) -> bool:
    """Whether a bad heading line was meant as one: a sentence has several words."""
    return len(line.split()) <= 1


def _is_address(line: str) -> bool:
    try:
        parts = urlsplit(line)
    except ValueError:
        return line.lower().startswith(("http://", "https://"))
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc) and _one_word(line)


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
        if any(mark in pattern for mark in "*?["):
            yield from _regular(root.glob(pattern))


def _regular(found: Iterable[Path]) -> list[Path]:
    return sorted(path for path in found if not path.is_dir())


def _text(file: Path) -> str:
    raw = _bytes(file)
    if not raw.strip():
        raise _Unusable("the file is empty", 1)
    if b"\0" in raw:
        raise _Unusable("this is no text: it has a NUL byte", raw.count(b"\n", 0, raw.index(b"\0")) + 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unusable(f"this is not UTF-8: byte 0x{raw[error.start]:02x}", line) from None


def _bytes(file: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise _Unusable("this is no ordinary file")
            if about.st_size > _LARGEST:
                raise _Unusable(f"the file is too large: {about.st_size / 2**20:.0f} MB, at most 10 are taken")
            raw = stream.read(_LARGEST + 1)
            if len(raw) != about.st_size:
                raise _Unusable("the file is being written to; it is taken at the next run")
            return raw
    except OSError as error:
        raise _Unusable(f"the file cannot be read: {error.strerror}") from None
