"""What is due, when: days and times in a digest's own zone; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from worker.edition import Digest

#: An edition waits for readings under way, but not for a source that never ends.
PATIENCE = timedelta(minutes=15)


def today(now: datetime, zone: str) -> date:
    """The day it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """The moment at which a day is over in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def slot(digest: Digest, now: datetime) -> date | None:
    """The day whose edition is due by now: today's from its time on, None before."""
    day = today(now, digest.zone)
    at = datetime.combine(day, time.fromisoformat(digest.at), ZoneInfo(digest.zone))
    return day if now >= at.astimezone(UTC) else None


def next_slot(digest: Digest, now: datetime) -> datetime:
    """When the next edition is due, in UTC: today's time if it is still to come, else tomorrow's."""
    day = today(now, digest.zone)
    for when in (day, day + timedelta(days=1)):
        at = datetime.combine(when, time.fromisoformat(digest.at), ZoneInfo(digest.zone)).astimezone(UTC)
        if at > now:
            return at
    return now


def overdue(digest: Digest, now: datetime) -> bool:
    """Whether an edition that is due has waited long enough for what is still being taken in."""
    return slot(digest, now - PATIENCE) == today(now, digest.zone)


def backoff(attempt: int, most: timedelta = timedelta(minutes=10)) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, 90 s, 13 min 30 s and so on, up to the most."""
    return min(timedelta(seconds=10 * 9 ** min(max(attempt - 1, 0), 4)), most)
