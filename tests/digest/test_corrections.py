"""Corrections: what was told, and what its source says there since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MORNING, NEWS, SOME, arrival, news
from worker.digest.corrections import corrections
from worker.digest.proof import content_hash
from worker.edition import Correction, Link, Told
from worker.model import Arrival

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 20)
INJURED = "The storm that crossed the coast at night left {} people injured, the county said."


def _told(came: Arrival, *said: str, day: date = MONDAY) -> list[Told]:
    """What was told of a document's revision."""
    return [Told(text, day, came.document.id, came.document.revision) for text in said]


def _corrected(came: Arrival, told: Sequence[Told], before: Sequence[Correction] = ()) -> list[tuple[str, str | None]]:
    """What was told and what stands there now, after one arrival."""
    found = corrections([came], told, before)
    return [(one.told, one.now.text if one.now else None) for one in found]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (INJURED.format(12), INJURED.format(14)),
        (
            "The prize of the town went to Anna Osk on Monday evening.",
            "The prize of the town went to Greta Osk on Monday evening.",
        ),
        ("The bridge is safe for lorries, engineers say.", "The bridge is not safe for lorries, engineers say."),
        (
            "The price of a ticket rose by a lot in the summer months.",
            "The price of a ticket fell by a lot in the summer months.",
        ),
    ],
)
def test_a_changed_number_name_negation_or_direction_is_corrected(before: str, now: str) -> None:
    """The reader who read the first is shown the second, with its place and proof."""
    old, new = arrival(NEWS[0], before, NEWS[1]), arrival(NEWS[0], now, NEWS[1])
    (found,) = corrections([new], _told(old, before, NEWS[0]))
    assert found.now is not None
    way = Link(new.document.id, "herald.example", "https://herald.example/ferry", "Ferry withdrawn", MORNING, "en")
    assert (found.told, found.day, found.now.text, found.link) == (before, MONDAY, now, way)
    assert new.document.quote(found.now.span) == now
    assert (found.proof.revision, found.proof.content) == (new.document.revision, content_hash(new.document))
    assert found.proof.place == 1 + new.reading.sentences.index(found.now)


@SOME
@given(st.lists(news, min_size=1, unique=True), st.permutations(NEWS))
def test_what_still_stands_is_not_corrected(said: list[str], more: list[str]) -> None:
    """However the text around it changed, and in whatever order it now stands."""
    old = arrival(*said)
    new = arrival(*more[:3], *reversed(said))
    told = _told(old, *(sentence.text for sentence in old.reading.sentences))
    assert _corrected(new, told) == []


@pytest.mark.parametrize(
    "now",
    [
        NEWS[0].replace("withdrew", "cancelled"),
        "LONDON (Reuters) - " + NEWS[0],
        NEWS[0][:-1] + ", as it had announced on its page.",
        NEWS[0][:50] + "...",
    ],
)
def test_a_sentence_nearly_the_same_or_cut_is_not_corrected(now: str) -> None:
    """One word changed, something put around it, or a feed that shows less."""
    old, new = arrival(NEWS[0], NEWS[1]), arrival(now, NEWS[1])
    assert _corrected(new, _told(old, NEWS[0], NEWS[1])) == []


def test_a_sentence_that_is_gone_is_taken_back() -> None:
    """If the rest of what was told still stands, in a text that is more than a teaser."""
    old, new = arrival(*NEWS[:4]), arrival(*NEWS[1:4])
    assert _corrected(new, _told(old, *NEWS[:2])) == [(NEWS[0], None)]
    (found,) = corrections([new], _told(old, *NEWS[:2]))
    assert (found.proof.revision, found.proof.place) == (new.document.revision, 0)


@pytest.mark.parametrize("left", [NEWS[1:2], NEWS[1:3], NEWS[4:8]])
def test_a_teaser_or_another_text_takes_nothing_back(left: tuple[str, ...]) -> None:
    """Where little is left, or nothing of what was told, nobody knows what the source says."""
    assert _corrected(arrival(*left), _told(arrival(*NEWS[:4]), *NEWS[:2])) == []


def test_most_has_to_stand_for_the_rest_to_be_taken_back() -> None:
    """One sentence of three that still stands is not enough."""
    assert _corrected(arrival(NEWS[2], *NEWS[6:9]), _told(arrival(*NEWS[:4]), *NEWS[:3])) == []


def test_only_another_revision_corrects() -> None:
    """Neither the one that was told, nor one that says the same elsewhere, nor a row of an older version."""
    old, new = arrival(INJURED.format(12), NEWS[0]), arrival(INJURED.format(14), NEWS[0])
    assert _corrected(old, _told(old, INJURED.format(12))) == []
    assert _corrected(new, [Told(INJURED.format(12), MONDAY)]) == []
    other = arrival(INJURED.format(14), NEWS[0], url="https://elsewhere.example/storm")
    assert _corrected(other, _told(old, INJURED.format(12))) == []


def test_an_unreadable_revision_corrects_nothing() -> None:
    """Nobody knows what it says."""
    assert _corrected(arrival(NEWS[1], failure="it failed"), _told(arrival(*NEWS[:2]), *NEWS[:2])) == []


def test_of_several_days_the_latest_counts_once() -> None:
    """A sentence told on Monday and on Friday is corrected once."""
    old, new = arrival(INJURED.format(12), NEWS[0]), arrival(INJURED.format(14), NEWS[0])
    said = INJURED.format(12)
    told = [*_told(old, said, day=FRIDAY), *_told(old, said, day=MONDAY)]
    (found,) = corrections([new], told)
    assert found.day == FRIDAY


@pytest.mark.parametrize("day", [MONDAY, TUESDAY])
def test_what_was_corrected_is_not_corrected_again(day: date) -> None:
    """When another revision comes, which changes something else; be it on the same day."""
    first, second = arrival(INJURED.format(12), NEWS[0]), arrival(INJURED.format(14), NEWS[0])
    third = arrival(INJURED.format(14), NEWS[0], *NEWS[1:4])
    told = [*_told(first, INJURED.format(12), NEWS[0]), *_told(second, INJURED.format(14), day=day)]
    assert _corrected(third, told) == []
    fourth = arrival(INJURED.format(15), NEWS[0], *NEWS[1:4])
    assert (INJURED.format(14), INJURED.format(15)) in _corrected(fourth, told)


@pytest.mark.parametrize(("last", "now"), [([INJURED.format(15)], INJURED.format(15)), ([], None)])
def test_of_two_told_in_each_others_place_the_last_is_corrected(last: list[str], now: str | None) -> None:
    """The reader has forgotten the first."""
    first, second = arrival(INJURED.format(12), NEWS[0]), arrival(INJURED.format(14), NEWS[0])
    told = [*_told(first, INJURED.format(12), NEWS[0], NEWS[1]), *_told(second, INJURED.format(14), day=TUESDAY)]
    assert _corrected(arrival(*last, *NEWS[:4]), told) == [(INJURED.format(14), now)]


@pytest.mark.parametrize("days", [(MONDAY, TUESDAY, FRIDAY), (MONDAY, MONDAY, MONDAY)])
def test_what_is_changed_back_is_corrected_again(days: tuple[date, date, date]) -> None:
    """The reader would go on believing the correction; and so each time, be it on the same day."""
    twelve, ten = INJURED.format(12), INJURED.format(10)
    texts = {twelve: arrival(twelve, *NEWS[:4]), ten: arrival(ten, *NEWS[:4])}
    before: list[Correction] = []
    told = _told(texts[twelve], twelve, NEWS[0], day=days[0])
    for number, (old, new) in enumerate([(twelve, ten), (ten, twelve), (twelve, ten)]):
        came = texts[new]
        came = replace(came, document=replace(came.document, revision=f"{number}"))
        assert _corrected(came, told, before) == [(old, new)]
        before += corrections([came], told, before)
        told += _told(came, new, day=days[min(number + 1, 2)])
        assert _corrected(came, told, before) == []


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    """Given the corrections that were told."""
    told = _told(arrival(*NEWS[:4]), *NEWS[:2])
    before = corrections([arrival(*NEWS[1:4])], told)
    assert len(before) == 1
    assert _corrected(arrival(*NEWS[1:5]), told, before) == []


def test_two_alike_that_were_told_together_are_kept_apart() -> None:
    """The one that still stands is not what the other says now."""
    night, day = INJURED.format(12), INJURED.format(30).replace("night", "noon")
    old, new = arrival(night, day, NEWS[0]), arrival(INJURED.format(14), day, NEWS[0])
    assert _corrected(new, _told(old, night, day)) == [(night, INJURED.format(14))]
    without = arrival(day, *NEWS[:2])
    assert _corrected(without, _told(old, night, day, NEWS[0])) == [(night, None)]


def test_the_order_of_what_came_makes_no_difference() -> None:
    """Sorted by day, document and text."""
    pairs = [
        (arrival(INJURED.format(n), NEWS[0], url=url), arrival(INJURED.format(n + 1), NEWS[0], url=url))
        for n, url in ((12, "https://a.example/"), (40, "https://b.example/"), (70, "https://c.example/"))
    ]
    days = (FRIDAY, MONDAY, MONDAY)
    told = [one for (old, _), day in zip(pairs, days, strict=True) for one in _told(old, *_first(old), day=day)]
    came = [new for _, new in pairs]
    found = corrections(came, told)
    assert found == corrections(came[::-1], told[::-1])
    assert [one.day for one in found] == [MONDAY, MONDAY, FRIDAY]


def _first(came: Arrival) -> tuple[str]:
    return (came.document.paragraphs[0],)
