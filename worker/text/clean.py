"""The border: what strangers wrote is made safe to store, before anything else sees it."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

# PostgreSQL refuses NUL, every database driver refuses lone surrogates, terminals obey the rest.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


def cleaned(text: str) -> str:
    """The text without control characters and lone surrogates, in Unicode's composed form."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNSAFE.sub("", unified))


def plausible(published: datetime | None, now: datetime) -> bool:
    """Whether a document can have been published then: from 1990 to two days ahead of now."""
    return published is None or _EARLIEST <= published <= now + _AHEAD
