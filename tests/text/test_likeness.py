"""Likeness: when two passages say the same, and when they only look as if."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import MANY, NEWS, anything, news
from worker.text.likeness import NEAR, joined, normal, passage, repeats, similarity
from worker.text.words import lexical, words

LONG = "The storm that crossed the coast on the night before left {} people dead in the villages of the east."


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (LONG.format("12"), LONG.format("15")),
        (LONG.format("1.2"), LONG.format("12")),
        (LONG.format("10-12"), LONG.format("1012")),
        (LONG.format("3.12"), LONG.format("12.3")),
        (LONG.format("twelve"), LONG.format("fifteen")),
        ("It fell to -5 degrees in the night.", "It fell to 5 degrees in the night."),
        (
            "The bank says the rate rose from 5 to 10 percent over the year.",
            "The bank says the rate rose from 10 to 5 percent over the year.",
        ),
        (
            "The bridge of the old town is safe for lorries and buses.",
            "The bridge of the old town is not safe for lorries and buses.",
        ),
        (
            "The mayor says that he wont resign over the bridge this year.",
            "The mayor says that he will resign over the bridge this year.",
        ),
        ("The ward isn’t open to visitors of the hospital yet.", "The ward is open to visitors of the hospital yet."),
        (
            "Der Minister tritt am Montag von seinem Amt zurück.",
            "Der Minister tritt am Montag nicht von seinem Amt zurück.",
        ),
        (
            "The prize went to the painter Anna Osk at the end of the day.",
            "The prize went to the painter Greta Osk at the end of the day.",
        ),
        (
            "In the final on Sunday evening Anna Osk beat Greta Roe in front of a full house at the county arena.",
            "In the final on Sunday evening Greta Roe beat Anna Osk in front of a full house at the county arena.",
        ),
    ],
)
def test_another_number_name_or_negation_is_never_a_repeat(one: str, two: str) -> None:
    """However alike two sentences are, what they tell is not the same."""
    assert repeats(passage(one), passage(two)) == 0.0
    assert repeats(passage(two), passage(one)) == 0.0


@MANY
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_other_number_is_news(one: int, two: int) -> None:
    """Two sentences with two numbers are two sentences."""
    assert (one == two) == (repeats(passage(LONG.format(one)), passage(LONG.format(two))) > 0)


@pytest.mark.parametrize(
    "again",
    [
        "The loft belongs to the man who has mended nets there for 37 years and lost all of them.",
        "The loft belonged to the man who has mended nets there for 37 years and lost all of it.",
        "The loft belonged to the man, who has mended nets there for 37 years, and lost all of them",
    ],
)
def test_a_word_changed_is_a_repeat(again: str) -> None:
    """One changed word that is no number, name or negation makes no news; nor does a comma."""
    said = "The loft belonged to the man who has mended nets there for 37 years and lost all of them."
    assert NEAR <= repeats(passage(said), passage(again)) <= 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("“Don’t go,” she said.", '"Dont go," she said.'),
        ("The Secretary-General spoke", "the secretarygeneral  spoke"),
        ("Kyiv — the capital", "kyiv - the capital"),
        ("a\tb\n c", " A B C "),
        ("STRASSE", "straße"),
        ("«Oui»", "oui"),
    ],
)
def test_how_it_is_written_makes_no_difference(one: str, two: str) -> None:
    """Case, quotes, apostrophes, dashes and spaces are folded."""
    assert normal(one) == normal(two)
    assert repeats(passage(one), passage(two)) == 1.0


def test_a_dash_between_numbers_stays_a_boundary() -> None:
    """10-12 is not 1012."""
    assert "10 12" == normal("10-12") != normal("1012")


@MANY
@given(anything)
def test_everything_is_like_itself(text: str) -> None:
    """Similarity to itself is 1, and it repeats itself."""
    assert 1.0 == similarity(passage(text), passage(text)) == repeats(passage(text), passage(text))


@MANY
@given(anything)
def test_what_is_normal_stays_normal(text: str) -> None:
    """The normal form has no runs of space and none around it."""
    assert normal(text) == " ".join(normal(text).split())


@MANY
@given(st.one_of(news, anything), st.one_of(news, anything))
def test_likeness_is_mutual(one: str, two: str) -> None:
    """Nobody is more like another than the other is like them, and it is a number from 0 to 1."""
    a, b = passage(one), passage(two)
    assert similarity(a, b) == similarity(b, a)
    assert repeats(a, b) == repeats(b, a)
    assert 0 <= repeats(a, b) <= similarity(a, b) <= 1


@MANY
@given(st.sampled_from(NEWS), st.sampled_from(NEWS))
def test_sentences_about_other_things_are_no_repeats(one: str, two: str) -> None:
    """Only a sentence itself is one."""
    assume(one != two)
    assert repeats(passage(one), passage(two)) == 0.0


def test_the_same_words_in_another_order_are_news() -> None:
    """Who bites whom is told by the order alone."""
    assert repeats(passage("dog bites man"), passage("man bites dog")) == 0.0


def test_words_are_counted_in_lower_case_and_lexical_ones_kept_as_written() -> None:
    """Numbers are words to compare, and no words to rank by."""
    assert words("The U.S. paid 1.2 billion") == ["the", "u", "s", "paid", "1", "2", "billion"]
    assert lexical("The well-known O'Hara came in_2".replace("in_2", "22")) == ("The", "well-known", "O'Hara", "came")


_PIECES = st.sampled_from(
    [
        "not",
        "nots",
        "never",
        "No",
        "twelve",
        "12",
        "-5",
        "5-",
        "–",
        "a-b",
        "3.5",
        "Anna",
        "don’t",
        "'s",
        '"it',
        "Über",
        ".",
    ]
)


@MANY
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4))
def test_a_passage_put_together_is_the_passage_of_the_whole(parts: list[str]) -> None:
    """Dashes, numbers and negations at the ends of the parts included."""
    whole = " ".join(parts)
    assume(all(any(map(str.isalnum, part)) for part in parts))  # a sentence has a letter or a digit
    assert joined(whole, [passage(part) for part in parts]) == passage(whole)
