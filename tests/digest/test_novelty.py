"""Novelty: what a digest told before, it does not tell again."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, news, sentences, texts
from worker.digest.novelty import Memory
from worker.edition import Told
from worker.text.likeness import passage

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


REOPENED = "The bridge over the weir was opened again to lorries and buses after its hangers had been tested."


@pytest.mark.parametrize(
    "again",
    [
        "LONDON (Reuters) - " + REOPENED,
        "HOLM SARRA, Nov 23 (AP) — " + REOPENED,
        "PARIS — " + REOPENED,
        "UPDATE 2-" + REOPENED,
        "Breaking: " + REOPENED,
        REOPENED[:-1] + " (AFP).",
        REOPENED[:-1] + ", Reuters reported.",
        "“" + REOPENED[:-1] + "”",
        REOPENED[0].lower() + REOPENED[1:],
        REOPENED.replace("The bridge", "A bridge", 1),
        REOPENED[:60] + "...",
        REOPENED[:70] + " […]",
        "The bridge over the weir was opened again.",
    ],
)
def test_what_is_wrapped_around_a_sentence_is_no_news(again: str) -> None:
    """Nor is its beginning, if that is long enough to say something; whichever of the two was told first."""
    assert Memory([Told(REOPENED, MONDAY)]).told(again) == MONDAY
    if len(again) > len(REOPENED) - 5:
        assert Memory([Told(again, MONDAY)]).told(REOPENED) == MONDAY


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("PARIS — The mayor opened the new bridge to traffic.", "ROME — The mayor opened the new bridge to traffic."),
        (
            "Macron said that the bridge was opened again to lorries and buses.",
            "Putin said that the bridge was opened again to lorries and buses.",
        ),
        (
            "Macron again opened the bridge over the weir to lorries and buses of the town.",
            "It again opened the bridge over the weir to lorries and buses of the town.",
        ),
        (
            "It again opened the bridge over the weir to lorries and buses of the town.",
            "Macron again opened the bridge over the weir to lorries and buses of the town.",
        ),
        (
            "The price of a ticket for the ferry rose by a lot in the summer months.",
            "The price of a ticket for the ferry fell by a lot in the summer months.",
        ),
        (
            "The bridge over the weir was opened again, which the council denied.",
            "The bridge over the weir was opened again.",
        ),
        ("The bridge over the weir.", "The bridge over"),
        ("The bridge over the weir was opened again.", REOPENED),
        (
            "Мост через реку снова открыт для всех машин города.",
            "Мост через реку снова не открыт для всех машин города.",
        ),
    ],
)
def test_another_place_speaker_direction_or_more_is_news(before: str, now: str) -> None:
    """And so is a beginning that leaves out what turns the sentence, or is too short to be one."""
    memory = Memory([Told(before, MONDAY)])
    assert memory.told(now) is None
    assert memory.told(before) == MONDAY


def test_sentences_of_equal_marks_are_not_all_compared() -> None:
    """Chinese has no capitals; so all sentences without digits are told apart by hashing, not by comparing all."""
    chance = Random(1)
    characters = [chr(number) for number in range(0x4E00, 0x4E00 + 2500)]

    def sentence() -> str:
        return "，".join("".join(chance.choices(characters, k=6)) for _ in range(chance.randint(3, 8))) + "。"

    told, others = [sentence() for _ in range(2000)], [sentence() for _ in range(100)]
    memory = Memory(Told(text, MONDAY) for text in told)
    assert all(memory.told(text) == MONDAY for text in told)
    assert not any(map(memory.told, others))
    [crowd] = memory._by_marks.values()
    assert sum(len(crowd.near(passage(text))) for text in others) < 100


@pytest.mark.parametrize(
    "strange", ["." * 50_000 + "x", " " * 50_000 + "y", "A " * 25_000, "(" * 50_000, "PARIS " + "-" * 50_000]
)
def test_no_text_keeps_the_memory_busy(strange: str) -> None:
    """Whatever strangers write is looked at once."""
    assert Memory([Told(strange, MONDAY)]).told(strange) == MONDAY
