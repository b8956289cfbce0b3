"""What a server asks for in its headers: how long not to come back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Nobody is asked to wait longer than this, whatever a broken clock says.
LONGEST_RETRY = timedelta(days=7)
LONGEST_AGE = timedelta(days=1)
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long a server that refuses wants to be left alone (RFC 9110, 10.2.3); None if it does not say."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(timedelta(seconds=int(value[:9])), LONGEST_RETRY)
    wait = _until(value, headers, now)
    return None if wait is None else min(wait, LONGEST_RETRY)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta:
    """For how long an answer stays fresh (RFC 9111, 4.2.1): max-age less its age, or Expires."""
    control = headers.get("cache-control", "")
    if re.search(r"\bno-(?:cache|store)\b", control, re.IGNORECASE):
        return timedelta()
    if match := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        spent = int(age[:9]) if age.isdecimal() else 0
        return min(max(timedelta(seconds=int(match[1]) - spent), timedelta()), LONGEST_AGE)
    return min(_until(headers.get("expires", ""), headers, now) or timedelta(), LONGEST_AGE)


def _until(value: str, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long it is until a date, by the server's own clock where it tells it; None for what is no date."""
    until = _date(value)
    return None if until is None else max(until - (_date(headers.get("date", "")) or now), timedelta())


def _date(value: str) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        found = parsedate_to_datetime(value.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
