"""Dangling: no summary opens with a dangling word, and no quote loses its speaker."""

from __future__ import annotations

import pytest

from tests.builders import sentences, texts
from worker.summaries.choice import Budget, choose
from worker.summaries.dangling import Dangling


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He said the board had known for years."),
        ("en", "But the bridge held through the night."),
        ("en", "This was the third fire in a month."),
        ("fr", "Elle a quitté la ville hier soir."),
        ("fr", "Cette décision sera revue en mars."),
        ("de", "Außerdem fehlte das Geld für den Bau."),
        ("es", "Sin embargo, el puente resistió la noche."),
    ],
)
def test_what_leans_needs_the_sentence_before(language: str, text: str) -> None:
    """Within its paragraph, or anywhere in a trusted order."""
    other = "Jonas Pell closed the harbour of Eastquay."
    together, apart = sentences(other, text, paragraph=0), sentences(other, text)
    assert Dangling(together, language, ordered=False).needs(1) == frozenset({0})
    assert Dangling(apart, language, ordered=False).needs(1) == frozenset()
    assert Dangling(apart, language, ordered=True).needs(1) == frozenset({0})
    assert Dangling(apart, language, ordered=True).needs(0) is None
    assert [Dangling(apart, language, ordered=True).leans(place) for place in (0, 1)] == [False, True]


def test_what_stands_alone_needs_nothing() -> None:
    """An ordinary sentence, in a language that is known and in one that is not."""
    for language in ("en", "fr", "xx"):
        assert Dangling(sentences("Jonas Pell closed the harbour."), language, ordered=True).needs(0) is None


def test_a_summary_does_not_open_with_what_another_sentence_introduces() -> None:
    """ "The scheme" is known only once "a scheme" was told of; after it, it may follow."""
    found = sentences(
        "The scheme will cost 40 million crowns.", "The council of Eastquay adopted a new scheme on Monday."
    )
    assert choose(found, [9.0, 1.0], Budget(1)) == found[1:]
    assert choose(found[::-1], [1.0, 9.0], Budget(2)) == found[::-1]
    alone = sentences("The harbour of Eastquay was closed today.")
    assert choose(alone, [1.0], Budget(1)) == alone


def test_a_quote_is_chosen_with_its_speaker_or_not_at_all() -> None:
    """Whether the speaker is named before or after."""
    said = sentences(
        "“We knew of it, and nobody did anything.", "It was a shame,” said Jonas Pell on Monday.", paragraph=0
    )
    other = sentences("The harbour of Eastquay was closed today by order.")
    found = (*other, *said)
    assert texts(choose(found, [1.0, 9.0, 0.0], Budget(1))) == texts(other)
    bare = sentences(
        "Jonas Pell was angry about the old rope.", '"Nobody told us anything about the rope."', paragraph=0
    )
    assert choose(bare, [1.0, 9.0], Budget(2)) == bare
    assert choose(bare, [1.0, 9.0], Budget(1)) == bare[:1]


def test_where_nothing_stands_alone_the_best_is_taken() -> None:
    """A summary is better than none."""
    found = sentences("He said the board had known for years.", "She left the town on the same evening.")
    assert choose(found, [1.0, 2.0], Budget(1)) == found[1:]


def test_a_budget_of_words_holds() -> None:
    """What does not fit is passed over; where nothing fits, the shortest is taken."""
    found = sentences(
        "One two three four five six.", "Ten men saw five old red boats today.", "Six boats left port at dawn."
    )
    assert choose(found, [3.0, 2.0, 1.0], Budget(9, words=12)) == (found[0], found[2])
    assert choose(found, [3.0, 2.0, 1.0], Budget(9, words=100)) == found
    assert choose(found, [1.0, 9.0, 1.0], Budget(9, words=2)) == found[:1]
