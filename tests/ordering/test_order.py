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


def test_without_a_title_the_canonical_order_is_the_one_that_reads() -> None:
    """Ties are settled by what the paragraphs say."""
    assert sorted(NEWS) == _arranged(document(*NEWS, title=""))
