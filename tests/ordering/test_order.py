"""Order: one canonical order for shuffled text, then one that reads."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, anything, document, texts
from worker.model import Document
from worker.ordering.order import arrange, canonical
from worker.text.sentences import split


def _arranged(found: Document) -> list[str]:
    return texts(arrange(found, canonical(found, split(found))))


@SOME
@given(st.lists(anything, max_size=6), st.data())
def test_the_canonical_order_is_blind_to_the_paragraphs_places(paragraphs: list[str], data: st.DataObject) -> None:
    """Any shuffle of any paragraphs comes out the same."""
    one = document(*paragraphs)
    two = document(*data.draw(st.permutations(paragraphs)))
    assert texts(canonical(one, split(one))) == texts(canonical(two, split(two)))
    assert _arranged(one) == _arranged(two)


@SOME
@given(st.lists(anything, max_size=6))
def test_order_that_is_trusted_is_left_alone(paragraphs: Sequence[str]) -> None:
    """An ordered document stays as it is."""
    found = document(*paragraphs, shuffled=False)
    assert split(found) == canonical(found, split(found)) == arrange(found, split(found))


@SOME
@given(st.lists(anything, max_size=6))
def test_ordering_neither_adds_nor_loses(paragraphs: Sequence[str]) -> None:
    """The same sentences come out, and those of one paragraph stay together as they stood."""
    found = document(*paragraphs)
    ordered = arrange(found, canonical(found, split(found)))
    assert set(split(found)) == set(ordered)
    assert len(split(found)) == len(ordered)
    for number in range(len(paragraphs)):
        assert [s for s in split(found) if s.span.paragraph == number] == [
            s for s in ordered if s.span.paragraph == number
        ]


def test_the_paragraph_that_restates_the_title_comes_first() -> None:
    """The lede is not buried."""
    for order in (NEWS, NEWS[::-1], NEWS[5:] + NEWS[:5]):
        found = document(*order, title="Lost bell of ship turned up in museum drawer")
        assert NEWS[7] == _arranged(found)[0]


def test_any_shuffle_is_put_into_the_same_order() -> None:
    """With a title and without: ties are settled by what the paragraphs say."""
    for title in ("", "Lost bell of ship turned up in museum drawer"):
        assert _arranged(document(*NEWS, title=title)) == _arranged(document(*NEWS[::-1], title=title))


def test_a_dateline_marks_the_lede() -> None:
    """Whatever the words say, an article begins with its place and agency."""
    for dateline in ("UNITED NATIONS (AP) — ", "UNITED NATIONS AP ", "PARIS, March 3 (Reuters) - "):
        assert _arranged(document(*NEWS, f"{dateline}He said so.")).pop(0).startswith(dateline.split()[0])


def test_a_full_name_comes_before_the_surname_and_the_pronoun() -> None:
    """Who is introduced is introduced first."""
    said = (
        "He said the board had known for years, and Pell would not rule out a lawsuit.",
        "Jonas Pell, the harbour master of Eastquay, closed the old pier on Tuesday after 14 cracks were found.",
        "Pell told reporters that we all make mistakes.",
    )
    assert said[1] == _arranged(document(*said))[0]
