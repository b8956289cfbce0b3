"""What is due, when: days and times in a digest's own zone; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from worker.edition import Digest

#: An edition waits for readings under way, but not for a source that never ends.
PATIENCE = timedelta(minutes=15)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time of a digest: the moment it comes (UTC), and the day and time of day that name it in the digest's zone."""

    due: datetime
    day: date
    time: str

    @property
    def name(self) -> str:
        """As it is remembered: "2026-11-23T07:00"."""
        return f"{self.day.isoformat()}T{self.time}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The slot whose edition is to be made now, and earlier ones that were missed and are merged into it."""

    slot: Slot
    merged: tuple[Slot, ...] = ()


def today(now: datetime, zone: str) -> date:
    """The day it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """The moment at which a day is over in a zone."""
    return datetime.combine(day + _A_DAY, time(), ZoneInfo(zone)).astimezone(UTC)


def slots(digest: Digest, after: datetime, until: datetime) -> list[Slot]:
    """All slots that come after a moment, up to another one, in order.

    A time that the clock leaves out comes as much later as the clock was put forward (2:30 at 3:30); one that it shows
    twice comes the first time. So each of a digest's days has each of its times once.
    """
    day, last = today(after, digest.zone) - _A_DAY, today(until, digest.zone) + _A_DAY
    found = []
    while day <= last:
        if day.weekday() in digest.days:
            found += [Slot(_moment(day, at, digest.zone), day, at) for at in digest.times]
        day += _A_DAY
    return sorted(slot for slot in found if after < slot.due <= until)


def plan(
    digest: Digest, last: datetime, settled: Collection[str], now: datetime, seen: Mapping[str, datetime]
) -> Plan | None:
    """What to make now: the newest slot that is due since the last one, unless it was missed by too much.

    `last` is when the newest settled slot was due. `settled` are names: a zone whose rules changed, or a clock that was
    put back, brings none of them again. What is missed by more than the digest catches up waits for the next slot;
    but not what was `seen` in time, and is only waited for.
    """
    due = [slot for slot in slots(digest, last, now) if slot.name not in settled]
    if not due or seen.get(due[-1].name, now) - due[-1].due > digest.catch_up:
        return None
    return Plan(due[-1], tuple(due[:-1]))


def next_slot(digest: Digest, now: datetime) -> datetime:
    """When the next edition is due, in UTC."""
    return slots(digest, now, now + timedelta(days=9))[0].due


def backoff(attempt: int, most: timedelta = timedelta(minutes=10)) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, 90 s, 13 min 30 s and so on, up to the most."""
    return min(timedelta(seconds=10 * 9 ** min(max(attempt - 1, 0), 4)), most)


def _moment(day: date, at: str, zone: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone)).astimezone(UTC)
