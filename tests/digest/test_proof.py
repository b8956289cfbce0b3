"""Proofs: any letter changed in a source is found, and a proof says where its sentence stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MORNING, NEWS, SOME, arrival, document
from tests.quoted import DOCUMENTS, edition
from worker.digest.proof import content_hash, prove
from worker.digest.verification import Verified, quotes, verify
from worker.edition import Differing, Figure, Verdict
from worker.model import Document

TEXT = document(NEWS[0], NEWS[1])


def _kept(*texts: Document) -> dict[tuple[str, str], Document]:
    return {(text.id, text.revision): text for text in texts}


def _flips(text: str) -> Iterator[str]:
    """The text with each of its characters in turn replaced by its neighbour in Unicode."""
    return (text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :] for at in range(len(text)))


def _changed(text: Document) -> Iterator[Document]:
    """The document with each character of what it says changed in turn."""
    yield from (replace(text, title=title) for title in _flips(text.title))
    yield from (replace(text, url=url) for url in _flips(text.url))
    for number, paragraph in enumerate(text.paragraphs):
        for flipped in _flips(paragraph):
            yield replace(text, paragraphs=(*text.paragraphs[:number], flipped, *text.paragraphs[number + 1 :]))


def test_an_edition_of_kept_sources_is_verified() -> None:
    """Nothing is wrong where nothing was changed."""
    made = edition()
    assert len(quotes(made)) == 5
    assert verify(made, _kept(*DOCUMENTS), made.account) == Verified(())


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
def test_every_changed_letter_of_a_source_is_found(number: int) -> None:
    """Of its title, of its address and of each paragraph, quoted or not."""
    made, tried = edition(), 0
    for changed in _changed(DOCUMENTS[number]):
        others = (text for text in DOCUMENTS if text.id != changed.id)
        assert verify(made, _kept(changed, *others), made.account).wrong
        tried += 1
    assert tried > 100


@pytest.mark.parametrize("field", ["published", "language", "author", "shuffled", "paragraphs"])
def test_all_that_a_document_says_is_hashed(field: str) -> None:
    """Beside its words: when, in which language, by whom, in which order."""
    other: dict[str, Any] = {
        "published": MORNING + timedelta(microseconds=1),
        "language": "de",
        "author": "Ida Brandt",
        "shuffled": not TEXT.shuffled,
        "paragraphs": TEXT.paragraphs[::-1],
    }
    assert content_hash(replace(TEXT, **{field: other[field]})) != content_hash(TEXT)


def test_the_zone_that_a_date_is_written_in_is_not_hashed() -> None:
    """The database gives it back in its own."""
    elsewhere = MORNING.astimezone(timezone(timedelta(hours=3)))
    assert content_hash(replace(TEXT, published=elsewhere)) == content_hash(TEXT)
    assert content_hash(replace(TEXT, published=None)) != content_hash(TEXT)


@SOME
@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_where_a_paragraph_ends_is_hashed(one: list[str], other: list[str]) -> None:
    """Two texts have the same hash if, and only if, they have the same paragraphs."""
    hashes = {content_hash(replace(TEXT, paragraphs=tuple(said))) for said in (one, other)}
    assert (len(hashes) == 1) == (one == other)


def test_a_proof_says_place_and_repeats() -> None:
    """The place among the sentences in order, and how many passages were dropped for the sentence."""
    came = arrival(NEWS[0], NEWS[1], NEWS[0].replace("withdrew", "cancelled"))
    first, second = came.reading.sentences
    proof = prove(came, first, content="c", said_by=("other",), score=0.5)
    assert (proof.revision, proof.content, proof.said_by, proof.score) == (came.document.revision, "c", ("other",), 0.5)
    assert (proof.place, proof.repeats) == (1, 1)
    assert (prove(came, second, content="c").place, prove(came, second, content="c").repeats) == (2, 0)


def test_a_forgotten_text_is_not_wrong() -> None:
    """Nobody can compare it any more; it is said that it was forgotten."""
    made = edition()
    first, *others = DOCUMENTS
    found = verify(made, _kept(replace(first, paragraphs=()), *others), made.account)
    assert found == Verified((), (first.url,))


def test_a_source_that_is_not_kept_is_missed() -> None:
    """By its address and revision."""
    made = edition()
    (wrong,) = verify(made, _kept(*DOCUMENTS[1:]), made.account).wrong
    assert DOCUMENTS[0].url in wrong
    assert DOCUMENTS[0].revision in wrong


def test_an_edition_without_proofs_is_checked_by_its_account() -> None:
    """As older versions made them: the quotation and the revision are checked, there is no hash to check."""
    made = edition()
    bare = replace(made, items=tuple(replace(item, proofs=()) for item in made.items))
    assert verify(bare, _kept(*DOCUMENTS), made.account) == Verified(())
    first, second, third, fourth = DOCUMENTS
    unquoted = replace(third, paragraphs=(third.paragraphs[0].upper(), third.paragraphs[1]))
    (wrong,) = verify(bare, _kept(first, second, unquoted, fourth), made.account).wrong
    assert "revision" in wrong


def test_an_author_put_in_is_found() -> None:
    """Though it is no part of the revision's id."""
    made = edition()
    first, *others = DOCUMENTS
    (wrong,) = verify(made, _kept(replace(first, author="Ida Brandt"), *others), made.account).wrong
    assert "is not the one that was quoted" in wrong


def test_figures_are_checked() -> None:
    """The sentence that a figure stands in is a quotation like any other."""
    made = edition()
    told = made.items[0].summary.sentences[0]
    moved = replace(told, span=replace(told.span, start=told.span.start + 1))
    for sentence, right in ((told, True), (moved, False)):
        beside = (Differing("tickets", (Figure("410", sentence),)),)
        changed = replace(made, items=(replace(made.items[0], differing=beside), *made.items[1:]))
        assert (not verify(changed, _kept(*DOCUMENTS), made.account).wrong) == right


def test_the_account_is_compared_answer_by_answer() -> None:
    """An answer that is gone, and one that is another, are both found."""
    made = edition()
    assert len(verify(made, _kept(*DOCUMENTS), made.account[1:]).wrong) == 1
    other = replace(made.account[0], verdict=Verdict.below_budget)
    assert len(verify(made, _kept(*DOCUMENTS), (other, *made.account[1:])).wrong) == 2
