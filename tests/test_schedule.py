"""The schedule: what is due in a digest's own zone, across clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY, digest
from worker.schedule import Plan, Slot, backoff, end_of, next_slot, plan, slots, today

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
    ("zone", "at", "day", "due"),
    [
        ("Europe/Berlin", "07:00", "2026-03-28", "2026-03-28T06:00"),
        ("Europe/Berlin", "07:00", "2026-03-29", "2026-03-29T05:00"),
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:30"),  # there is no half past two: the clock shows 3:30
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30"),  # there are two: the first
        ("Europe/Berlin", "07:00", "2026-10-25", "2026-10-25T06:00"),
        ("America/New_York", "07:00", "2026-03-07", "2026-03-07T12:00"),
        ("America/New_York", "07:00", "2026-03-08", "2026-03-08T11:00"),
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T05:30"),
        ("Asia/Kathmandu", "07:00", "2026-11-20", "2026-11-20T01:15"),
        ("Asia/Kathmandu", "00:00", "2026-11-20", "2026-11-19T18:15"),
        ("Asia/Beirut", "00:00", "2026-03-29", "2026-03-28T22:00"),  # midnight is left out: the day begins at 1:00
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:45"),  # put forward by half an hour
        ("America/St_Johns", "00:01", "2026-03-08", "2026-03-08T03:31"),
    ],
)
def test_a_slot_comes_at_its_moment(zone: str, at: str, day: str, due: str) -> None:
    """To the second, and not before."""
    asked = replace(digest(), zone=zone, times=(at,))
    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    slot = Slot(moment, date.fromisoformat(day), at)
    assert slots(asked, moment - timedelta(seconds=1), moment) == [slot]
    assert slots(asked, moment, moment + timedelta(hours=1)) == []
    assert next_slot(asked, moment - timedelta(seconds=1)) == moment
    assert next_slot(asked, moment) > moment


def test_times_and_weekdays_are_kept() -> None:
    """Twice a day, but not at the weekend."""
    asked = replace(digest(), zone="UTC", times=("07:00", "18:00"), days=(0, 1, 2, 3, 4))
    friday = datetime(2026, 11, 20, 8, tzinfo=UTC)
    names = [slot.name for slot in slots(asked, friday, friday + timedelta(days=4))]
    assert names == ["2026-11-20T18:00", "2026-11-23T07:00", "2026-11-23T18:00", "2026-11-24T07:00"]
    assert next_slot(asked, friday + timedelta(hours=12)) == datetime(2026, 11, 23, 7, tzinfo=UTC)


@MANY
@given(days, zones, st.times().map(lambda at: at.strftime("%H:%M")))
def test_every_day_has_its_slot_once(day: date, zone: str, at: str) -> None:
    """Whatever the clocks do; and on its own day, unless an hour at midnight is left out."""
    asked = replace(digest(), zone=zone, times=(at,))
    begin = end_of(day - timedelta(days=1), zone)
    [slot] = [slot for slot in slots(asked, begin - timedelta(days=1), begin + timedelta(days=2)) if slot.day == day]
    assert slot.name == f"{day.isoformat()}T{at}"
    assert begin <= slot.due < end_of(day, zone) + timedelta(hours=1)


def test_a_missed_slot_is_caught_up_within_the_limit() -> None:
    """At 7:00 + 12 h it is still made; a second later it waits for the next one, which covers both."""
    asked = replace(digest(), zone="UTC")
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)
    last = monday - timedelta(days=1)
    slot = Slot(monday, monday.date(), "07:00")
    assert plan(asked, last, (), monday - timedelta(seconds=1), {}) is None
    assert plan(asked, last, (), monday + asked.catch_up, {}) == Plan(slot)
    assert plan(asked, last, (), monday + asked.catch_up + timedelta(seconds=1), {}) is None
    tuesday = Slot(monday + timedelta(days=1), date(2026, 11, 24), "07:00")
    assert plan(asked, last, (), tuesday.due, {}) == Plan(tuesday, (slot,))


def test_a_settled_slot_never_comes_again() -> None:
    """Not when the clock is put back, nor when its zone's rules change or the reader moves."""
    asked = replace(digest(), zone="Europe/Berlin")
    monday = datetime(2026, 11, 23, 6, tzinfo=UTC)
    settled = {"2026-11-23T07:00"}
    assert plan(asked, monday, settled, monday - timedelta(hours=5), {}) is None
    moved = replace(asked, zone="America/New_York")
    assert plan(moved, monday, settled, monday + timedelta(hours=10), {}) is None
    assert plan(moved, monday, settled, monday + timedelta(hours=30), {}) == Plan(
        Slot(datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24), "07:00")
    )


def test_after_a_failure_it_waits_longer_and_longer_up_to_ten_minutes() -> None:
    """10 seconds, 90 seconds, 10 minutes, and never more."""
    waits = [backoff(attempt).total_seconds() for attempt in range(1, 6)]
    assert waits == [10, 90, 600, 600, 600]


@pytest.mark.parametrize("attempt", [0, 14, 15, 100, 10_000])
def test_the_wait_is_bounded_however_often_it_failed(attempt: int) -> None:
    """No number of attempts is too large for the calendar."""
    assert timedelta(0) < backoff(attempt) <= timedelta(minutes=10)
