"""LexRank and TextRank from arrays against sumy's own: the same scores, to nine digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from tests.builders import anything, real, sample, sentences, texts
from worker.model import Document
from worker.summaries.graphs import LexRank, TextRank
from worker.summaries.rankers import SumyRanker
from worker.text.languages import stemmer, stop_words
from worker.text.sentences import split
from worker.text.words import lexical

PAIRS = [(LexRankSummarizer, LexRank), (TextRankSummarizer, TextRank)]
#: Few words, so that sentences share them, with forms of one stem, capitals and stop words.
vocabulary = st.sampled_from("boat Boat boats the and harbour Harbours storm a of it mayor old cracks crack x".split())
made = st.lists(st.lists(vocabulary, max_size=9).map(" ".join), min_size=1, max_size=14)


def _scores(kind: Any, said: Sequence[str]) -> list[float]:
    method = kind(stemmer("en"))
    method.stop_words = stop_words("en")
    return SumyRanker(method).rank("", sentences(*said), ordered=False)


def _on_the_edge(said: Sequence[str]) -> bool:
    """Whether a likeness is so near LexRank's threshold that sumy's own answer hangs on PYTHONHASHSEED."""
    method = LexRankSummarizer(stemmer("en"))
    method.stop_words = stop_words("en")
    rows = [[method.stem_word(w) for w in map(str.lower, lexical(s)) if w not in stop_words("en")] for s in said]
    tf, idf = method._compute_tf(rows), method._compute_idf(rows)
    pairs = ((a, b) for a in range(len(rows)) for b in range(len(rows)))
    return any(abs(method.cosine_similarity(rows[a], rows[b], tf[a], tf[b], idf) - 0.1) < 1e-12 for a, b in pairs)


@pytest.mark.parametrize(("sumys", "ours"), PAIRS)
@settings(max_examples=1500, deadline=None)
@given(said=made)
def test_made_documents_get_sumy_s_scores(sumys: Any, ours: Any, said: list[str]) -> None:
    """Empty sentences, single words, equal ones, stop words alone: as sumy has it."""
    assume(not _on_the_edge(said))
    assert np.allclose(_scores(sumys, said), _scores(ours, said), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("sumys", "ours"), PAIRS)
@settings(max_examples=100, deadline=None)
@given(said=st.lists(anything, min_size=1, max_size=8))
def test_any_text_gets_sumy_s_scores(sumys: Any, ours: Any, said: list[str]) -> None:
    """Whatever stands in a sentence."""
    assume(not _on_the_edge(said))
    assert np.allclose(_scores(sumys, said), _scores(ours, said), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("sumys", "ours"), PAIRS)
@pytest.mark.parametrize("found", [real(), *sample()], ids=lambda found: found.title)
def test_real_documents_get_sumy_s_scores(sumys: Any, ours: Any, found: Document) -> None:
    """And all of them together, where frequent words go through another sum."""
    said = texts(split(found))
    assert np.allclose(_scores(sumys, said), _scores(ours, said), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("sumys", "ours"), PAIRS)
def test_a_long_document_gets_sumy_s_scores(sumys: Any, ours: Any) -> None:
    """Words in more than 80 sentences are multiplied at once."""
    said = [text for found in sample() for text in texts(split(found))]
    said = [f"{text} {('harbour', 'mayor')[number % 2]}" for number, text in enumerate(said)][:300]
    assert len(said) > 200
    assert np.allclose(_scores(sumys, said), _scores(ours, said), rtol=0, atol=1e-9)
