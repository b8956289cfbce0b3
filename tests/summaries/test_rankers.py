"""Rankers: each gives every sentence one finite score, whatever the text is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FEW, NEWS, anything, languages, real, sentences
from tests.processes import printed
from worker.model import Sentence
from worker.plugins import RANKERS, Ranker
from worker.text.sentences import split

#: Ranks where NLTK finds no data, and says each file and connection that is asked for on the way.
_WITHOUT_DATA = """
import sys
import nltk
nltk.data.path[:] = []
asked = []
def hear(event, arguments):
    if event.startswith("socket.connect") or event == "socket.getaddrinfo":
        asked.append(event)
    elif event == "open" and any(part in str(arguments[0]) for part in ("nltk_data", "punkt")):
        asked.append(str(arguments[0]))
sys.addaudithook(hear)
from tests.builders import NEWS, sentences
from worker.plugins import RANKERS
for name in RANKERS.names():
    for language in ("en", "de", "zz"):
        assert len(RANKERS.find(name)(language).rank("The ferry", sentences(*NEWS), ordered=True)) == len(NEWS)
print(asked)
"""


def _ranker(name: str, language: str = "en") -> Ranker:
    made: Ranker = RANKERS.find(name)(language)
    return made


def _many(count: int) -> Sequence[Sentence]:
    return sentences(*(f"Boat{i % 97} carries cargo{i % 13} north." for i in range(count)))


def _scored(name: str, title: str, given_sentences: Sequence[Sentence], language: str = "en") -> Sequence[float]:
    scores = _ranker(name, language).rank(title, given_sentences, ordered=True)
    assert len(given_sentences) == len(scores)
    assert all(math.isfinite(score) for score in scores)
    return scores


def test_there_are_eleven_rankers() -> None:
    """Sumy's algorithms and ours, by their names; two of them also as sumy has them."""
    sumys = ["edmundson", "kl", "lexrank", "lsa", "luhn", "reduction", "sumbasic", "textrank"]
    assert RANKERS.names() == sorted([*sumys, "plain-lexrank", "plain-textrank", "unbury"])


@pytest.mark.parametrize("name", RANKERS.names())
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_every_sentence_gets_one_score(name: str, count: int) -> None:
    """From no sentence on, with a title and without."""
    _scored(name, "The ferry was withdrawn", _many(count))
    _scored(name, "", _many(count))


@pytest.mark.parametrize("name", sorted({*RANKERS.names()} - {"kl"}))
def test_a_long_text_is_scored_to_its_end(name: str) -> None:
    """The first 400 are weighed, or 2,000 by ours, and what comes after them comes last; some need no limit."""
    scores = _scored(name, "The ferry was withdrawn", _many(500))
    if name not in {"edmundson", "lexrank", "textrank", "unbury"}:
        assert max(scores[400:]) < min(scores[:400])


@pytest.mark.parametrize("name", ["lexrank", "textrank"])
def test_ours_weigh_two_thousand_sentences(name: str) -> None:
    """More would take memory by the square."""
    scores = _scored(name, "", _many(2100))
    assert max(scores[2000:]) < min(scores[:2000])


def test_kl_weighs_a_hundred_sentences() -> None:
    """Its time grows with the cube, so it has a limit of its own."""
    scores = _scored("kl", "", _many(300))
    assert max(scores[100:]) < min(scores[:100])


@pytest.mark.parametrize("name", RANKERS.names())
@pytest.mark.parametrize(
    "said",
    [
        ("The of and to.", "And it is to be the."),
        ("The ferry was withdrawn on Monday.",) * 5,
        ("1 2 3.", "4 5 6.", "7 8."),
        ("12",),
        ("The ferry was withdrawn.", "7 8."),
        ("日本語の文。", "雨が降った。"),
        ("a", "b", "c"),
    ],
    ids=["stop words", "equal", "numbers", "a number", "a number among words", "unspaced", "letters"],
)
def test_texts_that_say_little_are_scored(name: str, said: tuple[str, ...]) -> None:
    """Only stop words, only numbers, always the same: no ranker divides by nothing."""
    _scored(name, "The ferry", sentences(*said))
    _scored(name, "", sentences(*said, paragraph=0))


@pytest.mark.parametrize("name", RANKERS.names())
@pytest.mark.parametrize("language", ["de", "ja", "zh", "el", "cs", "pl", "xx", "", "no such language"])
def test_any_language_is_scored(name: str, language: str) -> None:
    """A language whose stems or stop words nobody knows is ranked without them."""
    _scored(name, "The ferry", sentences(*NEWS[:4]), language)


@FEW
@given(st.lists(anything, max_size=6), anything, languages, st.sampled_from(RANKERS.names()))
def test_any_text_is_scored(said: list[str], title: str, language: str, name: str) -> None:
    """Whatever stands in a sentence or a title."""
    _scored(name, title, sentences(*said), language)


@pytest.mark.parametrize("name", RANKERS.names())
def test_scores_tell_sentences_apart(name: str) -> None:
    """On a real text not all are equal, and asking again gives the same."""
    found = split(real())[:25]
    assert len({round(score, 9) for score in _scored(name, real().title, found)}) > 1
    assert _scored(name, real().title, found) == _scored(name, real().title, found)


def test_no_data_is_fetched_and_none_is_needed() -> None:
    """NLTK's data is never touched, and no connection is made: the tokenizer is ours."""
    assert printed(_WITHOUT_DATA, NLTK_DATA="/nonexistent") == "[]\n"
