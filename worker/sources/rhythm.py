"""When to ask a feed again: by its own rhythm, its wishes, and its failures. Pure; its chance is a hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from worker.fetched import SourceState
from worker.text.identity import identity

#: A feed is looked at at least so often: a digest is made each day.
SELDOM = timedelta(days=1)
#: Who cannot be reached may be as well as ever: it is our own line that was cut for a night.
OUTAGE = timedelta(hours=3)
_GAPS = 20  # the newest entries that tell the rhythm
_SILENT = timedelta(days=2)  # nobody is told of less
_USUAL = 6  # times its rhythm


def usual(moments: Iterable[datetime], now: datetime) -> int:
    """The usual seconds between a feed's news, by the dates of its newest entries; 0 if they do not tell.

    Dates are strangers' words: they set a pace within limits, and nothing else.
    """
    times = sorted({moment for moment in moments if moment <= now})[-_GAPS:]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return round(median(gaps)) if len(gaps) >= 2 else 0


def interval(every: timedelta, rhythm: float, asked: timedelta) -> timedelta:
    """How long to wait: half the rhythm, not less than `every` nor than the feed asks, at most a day."""
    return max(every, min(max(asked, timedelta(seconds=rhythm / 2)), SELDOM))


def backoff(every: timedelta, failures: int, most: timedelta = SELDOM) -> timedelta:
    """How long to wait after so many failures in a row: `every`, then twice as long each time, up to the most."""
    times: int = 2 ** min(max(failures - 1, 0), 12)
    return min(every * times, max(most, every))


def jittered(wait: timedelta, name: str, now: datetime) -> timedelta:
    """A wait made up to a tenth longer, differently for each source and time, so that they do not come all at once."""
    share = int(identity(name, now.isoformat())[:8], 16) / 2**32
    return wait * (1 + share / 10)


def outside(moment: datetime, wishes: Mapping[str, Any]) -> datetime:
    """The first moment from then on that is in none of the hours (UTC) and days that a feed wants to be skipped."""
    hours, days = wishes.get("skip_hours", ()), wishes.get("skip_days", ())
    later = moment
    for _ in range(24 * 8):
        if later.hour not in hours and later.strftime("%A") not in days:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment  # all of them: that cannot be meant


def silence(state: SourceState, now: datetime) -> str:
    """What to say of a silence that is unusually long: "silent for 9 days, usually every 4 hours"; else nothing."""
    if state.changed is None or not state.rhythm or state.retired:
        return ""
    since = now - state.changed
    if since < max(_SILENT, timedelta(seconds=_USUAL * state.rhythm)):
        return ""
    return f"silent for {duration(since)}, usually {pace(state.rhythm)}"


def pace(seconds: float) -> str:
    """A rhythm in words: "every 4 hours", "every day"."""
    return f"every {duration(timedelta(seconds=seconds)).removeprefix('1 ')}"


def duration(length: timedelta) -> str:
    """A length of time in words, in its largest unit: "9 days", "4 hours", "1 minute"."""
    seconds = length.total_seconds()
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size * 0.95 or unit == "minute":
            number = max(round(seconds / size), 1)
            return f"{number} {unit}s" if number > 1 else f"1 {unit}"
    raise AssertionError
