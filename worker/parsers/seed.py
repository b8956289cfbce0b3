"""The text of a seed file: title, date YYYYMMDD, address, then a paragraph a line, in no particular order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from worker.errors import Unparsable
from worker.text.clean import cleaned, decoded
from worker.text.identity import canonical
from worker.text.languages import detect

_DATE = re.compile(r"[0-9]{8}")


def parsed(content: bytes, *, detecting: bool = False) -> dict[str, Any]:
    """Title, date (ISO), address and paragraphs, and warnings as pairs of sentence and line. Raises Unparsable.

    With `detecting` also the language: its model takes 100 MB, which go when this process does.
    """
    title, *rest = [cleaned(line).strip() for line in decoded(content).split("\n")]
    if not title:
        raise Unparsable("there is no title on the first line", line=1)
    header = _Header([(number, line) for number, line in enumerate(rest, 2) if line])
    if not any(any(map(str.isalnum, paragraph)) for paragraph in header.paragraphs):
        raise Unparsable("the text is missing: the file ends after its heading, half-written?", line=1 + len(rest))
    return {
        "title": title,
        "published": header.published.isoformat() if header.published else "",
        "url": header.url,
        "paragraphs": header.paragraphs,
        "warnings": header.warnings,
        "language": detect(sorted(set(header.paragraphs))) if detecting else "",
    }


def headed(content: bytes) -> bool:
    """Whether a text begins as a seed file does: a title, a date, an address."""
    first = content[:4096].decode("utf-8-sig", "replace").split("\n", 3)
    return len(first) > 2 and bool(_DATE.fullmatch(first[1].strip())) and _is_address(first[2].strip())


class _Header:
    """Date and address out of the lines after the title; what is missing or impossible is a warning.

    A line that is neither is text: nothing that somebody wrote is swallowed as a bad heading.
    """

    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self.published: datetime | None = None
        self.url = ""
        self.warnings: list[tuple[str, int]] = []
        self._lines = lines
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
        self.warnings.append((message, line))


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
