"""The border: what strangers wrote is made safe to store, before anything else sees it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from datetime import UTC, datetime, timedelta

from worker.errors import Unparsable

# PostgreSQL refuses NUL, every database driver refuses lone surrogates, terminals obey the rest; what overrides the
# direction of letters lets "gpj.exe" be read backwards, wherever it is shown.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
#: Breaks of a line or a page (VT, FF, NEL): without a blank in their place, they would glue two words together.
_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x85", " "))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


def cleaned(text: str) -> str:
    """The text without control characters and lone surrogates, in Unicode's composed form."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    return unicodedata.normalize("NFC", _UNSAFE.sub("", unified))


def decoded(content: bytes) -> str:
    """The text of a file, which is UTF-8, with a byte order mark or without. Raises Unparsable, with the line."""
    raw = content.removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise Unparsable("the file is empty", line=1)
    if b"\0" in raw:
        raise Unparsable("this is no text: it has a NUL byte", line=raw.count(b"\n", 0, raw.index(b"\0")) + 1)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unparsable(f"this is not UTF-8: byte 0x{raw[error.start]:02x}", line=line) from None


def in_a_line(text: str) -> str:
    """The text in one line, without control characters."""
    return _CONTROL.sub(" ", text).strip()


def plausible(published: datetime | None, now: datetime) -> bool:
    """Whether a document can have been published then: from 1990 to two days ahead of now."""
    return published is None or _EARLIEST <= published <= now + _AHEAD
