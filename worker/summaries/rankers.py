"""Rankers: sumy's algorithms, each giving a score for every sentence.

sumy asks a callable how many sentences to take, and hands it all of them with their ratings: so one
adapter gets every score, and our sentences and words go in by duck typing. NLTK's punkt, which
sumy's own tokenizer would download, is never called.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sumy.models.dom import ObjectDocumentModel
from sumy.models.dom import Paragraph as SumyParagraph
from sumy.models.dom import Sentence as SumySentence
from sumy.summarizers.edmundson import EdmundsonSummarizer
from sumy.summarizers.kl import KLSummarizer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.summarizers.reduction import ReductionSummarizer
from sumy.summarizers.sum_basic import SumBasicSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from worker.model import Sentence
from worker.summaries.graphs import LexRank, TextRank
from worker.text.languages import stemmer, stop_words
from worker.text.words import lexical

_QUADRATIC = 400  # Reduction: 3,000 sentences 53 s; sumy's own LexRank: 1,000 sentences 7 s
_OURS = 2000  # in arrays: 2,000 sentences 0.2 s, 100 MB
_CUBIC = 100  # KL: 300 sentences 17 s


@dataclass(frozen=True)
class SumyRanker:
    """One of sumy's summarizers as a ranker; sentences past `most` are not scored and come last."""

    summarizer: Any
    most: int = _QUADRATIC

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
        """The summarizer's ratings; position is not looked at."""
        scored = sentences[: self.most]
        ratings = _ratings(self.summarizer, _model(None, scored)) if scored else []
        lowest = min(ratings, default=0.0)
        return [*ratings, *[lowest - 1.0] * (len(sentences) - len(scored))]


@dataclass(frozen=True)
class EdmundsonRanker:
    """Edmundson's method: title and cue words, and location where the order is trusted (1969)."""

    stem: Callable[[str], str]
    stop_words: frozenset[str]
    bonus: frozenset[str]
    stigma: frozenset[str]

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
        """sumy's ratings by its title, cue and (if ordered) location methods."""
        if not sentences:
            return []
        cued = float(bool(self.bonus or self.stigma))
        method = EdmundsonSummarizer(self.stem, cue_weight=cued, location_weight=float(ordered))
        # sumy refuses empty sets, and a word that no text has changes nothing.
        method.bonus_words = self.bonus or {"\0"}
        method.stigma_words = self.stigma or {"\0"}
        method.null_words = self.stop_words or {"\0"}
        return _ratings(method, _model(_content(title, self.stop_words), sentences))


class _SortedLsa(LsaSummarizer):  # type: ignore[misc]  # sumy has no types
    """sumy's LSA with its rows in a fixed order: its own differ from run to run (PYTHONHASHSEED)."""

    def _create_dictionary(self, document: ObjectDocumentModel) -> dict[str, int]:
        return {word: row for row, word in enumerate(sorted(super()._create_dictionary(document)))}


class _Words:
    """A tokenizer in sumy's sense, for sentences that are already cut."""

    @staticmethod
    def to_words(text: str) -> tuple[str, ...]:
        return lexical(text)


def lexrank(language: str, **_: object) -> SumyRanker:
    """LexRank (Erkan and Radev 2004), sumy's answers from our arrays."""
    return _ranker(LexRank, language, _OURS)


def textrank(language: str, **_: object) -> SumyRanker:
    """TextRank (Mihalcea and Tarau 2004), sumy's answers from our arrays."""
    return _ranker(TextRank, language, _OURS)


def plain_lexrank(language: str, **_: object) -> SumyRanker:
    """LexRank by sumy's own class, to compare."""
    return _ranker(LexRankSummarizer, language)


def plain_textrank(language: str, **_: object) -> SumyRanker:
    """TextRank by sumy's own class, to compare."""
    return _ranker(TextRankSummarizer, language)


def lsa(language: str, **_: object) -> SumyRanker:
    """Latent semantic analysis (Steinberger and Jezek 2004)."""
    return _ranker(_SortedLsa, language)


def luhn(language: str, **_: object) -> SumyRanker:
    """Luhn's significant words (1958)."""
    return _ranker(LuhnSummarizer, language)


def kl(language: str, **_: object) -> SumyRanker:
    """KL-Sum (Haghighi and Vanderwende 2009)."""
    return _ranker(KLSummarizer, language, _CUBIC)


def sumbasic(language: str, **_: object) -> SumyRanker:
    """SumBasic (Nenkova and Vanderwende 2005)."""
    return _ranker(SumBasicSummarizer, language)


def reduction(language: str, **_: object) -> SumyRanker:
    """Reduction: the sum of a sentence's likeness to all others."""
    return _ranker(ReductionSummarizer, language)


def edmundson(language: str, *, bonus: Iterable[str] = (), stigma: Iterable[str] = ()) -> EdmundsonRanker:
    """Edmundson (1969), by title and by the configuration's cue words."""
    return EdmundsonRanker(stemmer(language), stop_words(language), frozenset(bonus), frozenset(stigma))


def _ranker(summarizer: Any, language: str, most: int = _QUADRATIC) -> SumyRanker:
    method = summarizer(stemmer(language))
    method.stop_words = stop_words(language)
    return SumyRanker(method, most)


def _content(title: str, stop_words: frozenset[str]) -> str:
    """The title's words that carry meaning: sumy's title method keeps the null words, not the others."""
    return " ".join(word for word in lexical(title) if word.lower() not in stop_words)


def _model(title: str | None, sentences: Sequence[Sentence]) -> ObjectDocumentModel:
    """sumy's document: a paragraph a paragraph of ours, the title a heading in the first of them."""
    paragraphs: dict[tuple[str, int], list[SumySentence]] = {}
    for sentence in sentences:
        place = (sentence.span.document, sentence.span.paragraph)
        paragraphs.setdefault(place, []).append(SumySentence(sentence.text, _Words))
    if title:  # not a paragraph of its own: the location method counts paragraphs
        next(iter(paragraphs.values())).insert(0, SumySentence(title, _Words, is_heading=True))
    return ObjectDocumentModel(map(SumyParagraph, paragraphs.values()))


def _ratings(summarizer: Any, model: ObjectDocumentModel) -> list[float]:
    """The rating of every sentence, in the model's order."""
    ratings: dict[int, float] = {}

    def take_all(infos: Sequence[Any]) -> Sequence[Any]:
        ratings.update((info.order, _finite(info.rating)) for info in infos)
        return infos

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few words, empty rows: such sentences get a score of 0
        summarizer(model, take_all)
    return [ratings.get(order, 0.0) for order in range(len(model.sentences))]


def _finite(rating: float) -> float:
    return float(rating) if math.isfinite(rating) else 0.0
