"""Seed files: title, date, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

import codecs
import os
import re
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
_DATE = re.compile(r"[0-9]{8}")
_WILD = re.compile(r"[*?\[]")


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
            problems.append(_nothing(self.path))
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
        title, *rest = [cleaned(line).strip() for line in _text(file).split("\n")]
        if not title:
            raise _Unusable("there is no title on the first line", 1)
        header = _Header(file, [(number, line) for number, line in enumerate(rest, 2) if line])
        if not any(any(map(str.isalnum, paragraph)) for paragraph in header.paragraphs):
            raise _Unusable("the text is missing: the file ends after its heading, half-written?", 1 + len(rest))
        found = document(
            source=self.name,
            url=header.url or file.resolve().as_uri(),
            title=title,
            published=header.published,
            paragraphs=header.paragraphs,
            language=self.language,
            shuffled=self.shuffled,
        )
        return found, header.warnings


class _Header:
    """Date and address out of the lines after the title; what is missing or impossible is a warning.

    A line that is neither is text: nothing that somebody wrote is swallowed as a bad heading.
    """

    def __init__(self, file: Path, lines: list[tuple[int, str]]) -> None:
        self.published: datetime | None = None
        self.url = ""
        self.warnings: list[Problem] = []
        self._file, self._lines = str(file), lines
        self._date(*self._next())
        self._address(*self._next())
        self.paragraphs = tuple(line for _, line in self._lines)

    def _next(self) -> tuple[int, str]:
        """The next line that is not blank, and its number."""
        return self._lines[0] if self._lines else (2, "")

    def _date(self, number: int, line: str) -> None:
        if _is_address(line):
            self._warn("the date is missing, the time of ingestion stands for it", number)
            return
        try:
            self.published = _day(line)
        except ValueError:
            self._warn(f"{line[:40]!r} is no date (YYYYMMDD), the time of ingestion stands for it", number)
            self._skip(bad=True)
        else:
            self._skip()

    def _address(self, number: int, line: str) -> None:
        if not _is_address(line):
            self._warn(f"{line[:80]!r} is no web address, the file's own path stands for it", number)
            self._skip(bad=True)
            return
        try:
            self.url = canonical(line)
        except ValueError:
            self._warn(f"{line[:80]!r} is an impossible address, the file's own path stands for it", number)
        self._skip()

    def _skip(self, *, bad: bool = False) -> None:
        """Go on behind the line; a bad one is skipped only if it can be nothing but a heading gone wrong."""
        if self._lines and not (bad and _is_text(self._lines[0][1])):
            self._lines = self._lines[1:]

    def _warn(self, message: str, line: int) -> None:
        self.warnings.append(Problem(self._file, message, line, fatal=False))


def _day(line: str) -> datetime:
    if not _DATE.fullmatch(line):  # strptime takes "202228" for the 28th of February
        raise ValueError(line)
    return datetime.strptime(line, "%Y%m%d").replace(tzinfo=UTC)


def _is_text(line: str) -> bool:
    """Whether a line says something: it has several words, or is of a script that needs no spaces."""
    return len(line.split()) > 1 or not line.isascii()


def _is_address(line: str) -> bool:
    try:
        parts = urlsplit(line)
    except ValueError:
        return line.lower().startswith(("http://", "https://"))
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc) and len(line.split()) == 1


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


def _text(file: Path) -> str:
    raw = _bytes(file).removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise _Unusable("the file is empty", 1)
    if b"\0" in raw:
        raise _Unusable("this is no text: it has a NUL byte", raw.count(b"\n", 0, raw.index(b"\0")) + 1)
    try:
        return raw.decode()
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
