"""Novelty: what a digest told before, it does not tell again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, news, sentences, texts
from worker.digest.novelty import Memory
from worker.model import Told

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 20)
INJURED = "The storm that crossed the coast at night left {} people injured, the county said."


@SOME
@given(st.lists(news), st.lists(news))
def test_what_was_told_is_not_fresh_and_what_is_fresh_was_not_told(before: list[str], today: list[str]) -> None:
    """A sentence told is never told again, word for word, and the fresh ones keep their order."""
    memory = Memory(Told(text, MONDAY) for text in before)
    fresh = memory.fresh(sentences(*today))
    assert set(before).isdisjoint(texts(fresh))
    assert [s for s in sentences(*today) if s in fresh] == list(fresh)
    assert all(memory.told(s.text) == (None if s in fresh else MONDAY) for s in sentences(*today))


@SOME
@given(st.lists(st.tuples(news, st.dates(MONDAY, FRIDAY))), news)
def test_the_order_of_remembering_makes_no_difference(told: list[tuple[str, date]], asked: str) -> None:
    """The same memory comes of the same sentences, whichever was first."""
    one = Memory(Told(text, day) for text, day in told)
    two = Memory(Told(text, day) for text, day in reversed(told))
    assert one.told(asked) == two.told(asked)


def test_a_near_repeat_was_told() -> None:
    """One word changed makes no news."""
    memory = Memory([Told(NEWS[0], MONDAY)])
    assert memory.told(NEWS[0].replace("withdrew", "cancelled")) == MONDAY
    assert memory.told(NEWS[0].upper().capitalize()) is MONDAY
    assert memory.told(NEWS[1]) is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (INJURED.format(12), INJURED.format(14)),
        (INJURED.format("12"), INJURED.format("no")),
        (
            "The bridge is open for lorries and buses of the town.",
            "The bridge is not open for lorries and buses of the town.",
        ),
        ("The prize of the town went to Anna Osk on Monday.", "The prize of the town went to Greta Osk on Monday."),
    ],
)
def test_a_new_number_name_or_negation_is_news(before: str, now: str) -> None:
    """However alike it is to what was told."""
    assert texts(Memory([Told(before, MONDAY)]).fresh(sentences(before, now))) == [now]


def test_of_several_days_the_latest_counts() -> None:
    """A sentence told on Monday and Friday was told by Friday."""
    near = [NEWS[0].replace("withdrew", word) for word in ("cancelled", "stopped")]
    for told in ([(near[0], MONDAY), (near[1], FRIDAY)], [(NEWS[0], FRIDAY), (NEWS[0], TUESDAY)]):
        assert Memory(Told(text, day) for text, day in told).told(NEWS[0].replace("Monday", " Monday")) == FRIDAY


def test_remembering_is_from_now_on() -> None:
    """What is remembered later was told then."""
    memory = Memory()
    assert memory.told(NEWS[0]) is None
    memory.remember(NEWS[0], MONDAY)
    memory.remember(NEWS[0], FRIDAY)
    memory.remember(NEWS[0], TUESDAY)
    assert memory.told(NEWS[0]) == FRIDAY
