"""The schedule: what is due in a digest's own zone, across clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY, digest
from worker.schedule import backoff, end_of, slot, today

zones = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "UTC",
    ]
)
days = st.dates(date(2000, 1, 1), date(2037, 12, 1))


@MANY
@given(days, zones)
def test_a_day_ends_where_the_next_one_begins(day: date, zone: str) -> None:
    """To the moment, also on days of 23 or 25 hours."""
    end = end_of(day, zone)
    assert end.tzinfo is UTC
    assert (today(end - timedelta(microseconds=1), zone), today(end, zone)) == (day, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_has_its_hours(zone: str, day: date, hours: int) -> None:
    """23 in spring and 25 in autumn, where clocks are changed."""
    assert end_of(day, zone) - end_of(day - timedelta(days=1), zone) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "at", "due"),
    [
        ("Europe/Berlin", "07:00", "2026-03-28T06:00"),
        ("Europe/Berlin", "07:00", "2026-03-29T05:00"),
        ("Europe/Berlin", "02:30", "2026-03-29T01:30"),  # there is no half past two: the clock shows 3:30
        ("Europe/Berlin", "02:30", "2026-10-25T00:30"),  # there are two: the first
        ("Europe/Berlin", "07:00", "2026-10-25T06:00"),
        ("America/New_York", "07:00", "2026-03-07T12:00"),
        ("America/New_York", "07:00", "2026-03-08T11:00"),
        ("America/New_York", "01:30", "2026-11-01T05:30"),
        ("Asia/Kathmandu", "07:00", "2026-11-20T01:15"),
        ("Asia/Kathmandu", "00:00", "2026-11-19T18:15"),
    ],
)
def test_an_edition_is_due_from_its_time_on(zone: str, at: str, due: str) -> None:
    """Not a moment before, and then for the rest of its day."""
    asked = replace(digest(), zone=zone, at=at)
    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    day = today(moment, zone)
    assert slot(asked, moment) == day
    assert slot(asked, moment - timedelta(seconds=1)) == (day - timedelta(days=1) if at == "00:00" else None)
    assert slot(asked, end_of(day, zone) - timedelta(seconds=1)) == day
    assert slot(asked, end_of(day, zone)) == (day + timedelta(days=1) if at == "00:00" else None)


@MANY
@given(days, zones, st.times().map(lambda at: at.strftime("%H:%M")))
def test_every_day_has_its_edition(day: date, zone: str, at: str) -> None:
    """Whatever the clocks do, an edition is due at the latest when its day ends."""
    asked = replace(digest(), zone=zone, at=at)
    last = end_of(day, zone) - timedelta(microseconds=1)
    assert slot(asked, last) in {day, None} if at >= "23:00" else slot(asked, last) == day


def test_after_a_failure_it_waits_longer_and_longer_up_to_ten_minutes() -> None:
    """10 seconds, 90 seconds, 10 minutes, and never more."""
    waits = [backoff(attempt).total_seconds() for attempt in range(1, 6)]
    assert waits == [10, 90, 600, 600, 600]


@pytest.mark.parametrize("attempt", [0, 14, 15, 100, 10_000])
def test_the_wait_is_bounded_however_often_it_failed(attempt: int) -> None:
    """No number of attempts is too large for the calendar."""
    assert timedelta(0) < backoff(attempt) <= timedelta(minutes=10)
