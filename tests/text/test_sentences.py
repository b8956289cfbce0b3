"""Sentences: where they are cut, and that each quotes its place."""

from __future__ import annotations

import re

import pytest
import sentencex
from hypothesis import given

from tests.builders import MANY, anything, document, languages, texts
from worker.text.sentences import spans, split


@MANY
@given(anything, anything, languages)
def test_every_sentence_is_what_stands_at_its_span(one: str, two: str, language: str) -> None:
    """A sentence quotes its document word for word, whatever the text is made of."""
    given_document = document(one, two, language=language)
    for sentence in split(given_document):
        assert given_document.quote(sentence.span) == sentence.text


@MANY
@given(anything, languages)
def test_every_letter_and_digit_is_in_exactly_one_sentence(text: str, language: str) -> None:
    """No letter is lost between two sentences, and none is told twice."""
    covered = [position for start, end in spans(text, language) for position in range(start, end)]
    assert len(covered) == len(set(covered))
    assert [i for i in covered if text[i].isalnum()] == [i for i, sign in enumerate(text) if sign.isalnum()]


@MANY
@given(anything, languages)
def test_sentences_are_never_cut_where_sentencex_does_not(text: str, language: str) -> None:
    """The guard joins pieces and never makes new ones."""
    safe = re.sub("[\ud800-\udfff]", "\ufffd", text)
    pieces = [text[b["start_index"] : b["end_index"]] for b in sentencex.get_sentence_boundaries(language, safe)]
    starts = {
        b["start_index"] + len(piece) - len(piece.lstrip())
        for b, piece in zip(sentencex.get_sentence_boundaries(language, safe), pieces, strict=True)
    }
    assert {start for start, _ in spans(text, language)} <= starts
    assert len(spans(text, language)) <= len(pieces)


@MANY
@given(anything, languages)
def test_no_sentence_begins_or_ends_with_space_or_is_empty(text: str, language: str) -> None:
    """A sentence begins and ends with something to read."""
    for start, end in spans(text, language):
        assert text[start:end] == text[start:end].strip() != ""


@pytest.mark.parametrize(
    ("language", "cut"),
    [
        ("en", ["U.S. President Joe Biden has said so.", "He left."]),
        ("en", ["It was written by Edith M. Lederer at the United Nations.", "She left."]),
        ("en", ["See vol. 5 of the series.", "It is long."]),
        ("en", ["The alarm came at 2:20 a.m. on Wednesday, when a baker saw smoke.", "Nobody was hurt."]),
        ("en", ["France gives 1.2 billion euros $1.3 billion in aid.", "Kyiv is glad."]),
        ("en", ["“Go home!” she said.", "They went."]),
        ("en", ["He waited...", "Nothing came."]),
        ("en", ["(CNN)Gov. Jerry Brown unveiled a plan.", "He left."]),
        ("en", ["They named Sen. Anna Quill, D-N.Y., for not speaking out.", "She left."]),
        ("en", ["LONDON-Mr. Brown came (with Dr. Smith).", "“Gov. Brown left,” she said."]),
        ("en", ["Nobody knows (or says so).", "Brown left (by night).", "He drove."]),
        ("de", ["„Dr. Müller ging.", "Er kam wieder."]),
        ("fr", ["M. Macron a parlé.", "Il est parti."]),
        ("de", ["Der 2. Weltkrieg begann 1939.", "Er endete 1945."]),
        ("es", ["A las 3 p. m. al hospital llegaron dos.", "Nadie murió."]),
        ("ja", ["雨が降った。", "船は出なかった。"]),
        ("xx", ["This is a text.", "Its language is unknown."]),
        ("", ["This is a text.", "Its language is not even named."]),
    ],
)
def test_hard_cases_are_cut_as_a_reader_would(language: str, cut: list[str]) -> None:
    """Abbreviations, initials, numbers and other scripts do not end a sentence too early."""
    joined = "" if language == "ja" else " "
    assert cut == texts(split(document(joined.join(cut), language=language)))


def test_a_line_break_is_never_joined_over() -> None:
    """Where sentencex cuts at a blank line, the guard leaves it cut, even after an abbreviation."""
    assert texts(split(document("By Edith M.\n\nLederer was there."))) == ["By Edith M.", "Lederer was there."]


def test_what_has_no_letter_and_no_digit_is_no_sentence() -> None:
    """A line of stars or dots says nothing."""
    assert split(document("* * *", "...", "—", " ", "")) == ()


def test_sentences_come_paragraph_by_paragraph() -> None:
    """The span names the paragraph, and they come in the order in which they stand."""
    found = split(document("One is here. Two is here.", "Three is here."))
    assert [(s.span.paragraph, s.span.start) for s in found] == [(0, 0), (0, 13), (1, 0)]
