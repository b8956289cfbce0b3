"""Sketches: small, the same for the same words, and of what tells most."""

from __future__ import annotations

import json
from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SOME, anything, document, indexes, paragraphs, permuted, real, sample
from worker.model import Document, Sketch
from worker.stories.sketch import sketch
from worker.text.sentences import split


def _sketch(found: Document) -> Sketch:
    return sketch(found, split(found))


def test_it_holds_what_a_document_is_about() -> None:
    found = _sketch(document("On Monday the ferry Brisk left Holm Sarra with 340 people.", title="Ferry leaves"))
    assert found.title == ("ferry", "leaves")
    assert {"brisk", "holm", "sarra"} <= set(found.names)
    assert "ferry" not in found.names
    assert found.numbers == ("340",)
    assert dict(found.terms)["ferry"] == 1
    assert len(found.prints) == 1
    assert found.words == 11


def test_a_title_in_capitals_shows_no_names() -> None:
    assert _sketch(document(title="Ferry Leaves Harbour After Long Wait For Repairs")).names == ()


def test_it_is_small() -> None:
    sizes = [len(json.dumps(astuple(_sketch(found)))) for found in (*sample(), real())]
    assert max(sizes) < 4000


def test_a_short_line_leaves_no_print() -> None:
    assert _sketch(document("Photo: Ida Brandt")).prints == ()


@SOME
@given(paragraphs, st.data())
def test_the_order_of_paragraphs_does_not_count(said: list[str], data: st.DataObject) -> None:
    found = document(*said)
    assert _sketch(permuted(found, data.draw(indexes(len(said))))) == _sketch(found)


@SOME
@given(anything, anything)
def test_any_text_has_one(title: str, text: str) -> None:
    found = _sketch(document(text, title=title))
    assert found == _sketch(document(text, title=title))
    assert all(0 <= mark < 1 << 32 for mark in found.prints)
    assert list(found.terms) == sorted(found.terms)
