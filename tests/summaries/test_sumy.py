"""The rankers against sumy itself, and Edmundson's method by its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as SumySentence
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.utils import get_stop_words

from tests.builders import NEWS, real, sample, sentences, texts
from worker.model import Document, Sentence
from worker.plugins import RANKERS
from worker.text.sentences import split
from worker.text.words import lexical


class _OurWords:
    """A tokenizer in sumy's sense, with our words."""

    @staticmethod
    def to_words(text: str) -> tuple[str, ...]:
        return lexical(text)


def _chosen_by_sumy(summarizer: Any, found: Document, count: int) -> list[str]:
    summarizer.stop_words = get_stop_words("en")
    model = ObjectDocumentModel([Paragraph([SumySentence(s.text, _OurWords)]) for s in split(found)])
    return [str(sentence) for sentence in summarizer(model, count)]


@pytest.mark.parametrize("found", [real(), *sample()[:3]], ids=lambda found: found.title)
def test_luhns_best_are_those_that_sumy_chooses(found: Document) -> None:
    """Our scores are sumy's: as far as there are no ties, its choice is the best of ours."""
    given = split(found)
    scores = RANKERS.find("luhn")("en").rank(found.title, given, ordered=True)
    ranked = sorted(scores, reverse=True)
    counts = [n for n in range(1, len(given)) if ranked[n - 1] - ranked[n] > 1e-9]
    assert counts
    for count in counts[:6]:
        best = [s for s, score in zip(given, scores, strict=True) if score >= ranked[count - 1]]
        assert _chosen_by_sumy(LuhnSummarizer(Stemmer("en")), found, count) == texts(best)


def _edmundson(
    title: str,
    given: Sequence[Sentence],
    *,
    ordered: bool = False,
    bonus: Sequence[str] = (),
    stigma: Sequence[str] = (),
) -> list[float]:
    scores: list[float] = RANKERS.find("edmundson")("en", bonus=bonus, stigma=stigma).rank(
        title, given, ordered=ordered
    )
    return scores


def test_location_counts_where_order_is_trusted() -> None:
    """In an ordered text the first paragraph gains and the last; shuffled, place is nothing."""
    given = sentences(*NEWS)
    ordered = _edmundson("", given, ordered=True)
    assert [0.0] * len(NEWS) == _edmundson("", given)
    assert ordered[0] > max(ordered[1:-1])
    assert ordered[-1] > max(ordered[1:-1])


def test_the_first_paragraph_is_the_first_with_a_title_too() -> None:
    """The title is no paragraph of its own, so it takes nobody's place."""
    given = sentences(*NEWS)
    without = _edmundson("", given, ordered=True)
    with_title = _edmundson("Zzz zzz", given, ordered=True)
    assert without[0] == with_title[0]
    assert [s > 0 for s in without] == [s > 0 for s in with_title]


def test_the_title_counts_by_its_words_that_mean_something() -> None:
    """A sentence with the title's words gains, one with its stop words does not."""
    given = sentences("The bell was found in a drawer.", "The and of the to is a.", "Nothing else was heard of it.")
    scores = _edmundson("The bell of the drawer", given)
    assert scores[0] > scores[1] == scores[2]


def test_cue_words_raise_and_lower() -> None:
    """A bonus word lifts its sentence, a stigma word pushes it down, and others stay."""
    given = sentences(*NEWS)
    plain = _edmundson("", given)
    raised = _edmundson("", given, bonus=("harbour",))
    lowered = _edmundson("", given, stigma=("harbour",))
    assert raised[0] > plain[0] > lowered[0]
    assert raised[1:] == plain[1:] == lowered[1:]


def test_cue_words_are_compared_by_their_stems() -> None:
    """ "crack" finds "cracks"."""
    given = sentences("They found cracks in the hull today.", "Nothing was wrong with it.")
    scores = _edmundson("", given, bonus=("crack",))
    assert scores[0] > scores[1]


@pytest.mark.parametrize("name", sorted({*RANKERS.names()} - {"edmundson", "unbury"}))
def test_only_edmundson_and_ours_look_at_title_cue_words_and_order(name: str) -> None:
    """The others take cue words without complaint, and score the same."""
    given = sentences(*NEWS)
    plain = RANKERS.find(name)("en").rank("", given, ordered=False)
    assert plain == RANKERS.find(name)("en", bonus=("harbour",), stigma=("apples",)).rank(NEWS[0], given, ordered=True)
