"""sumy's LexRank and TextRank with the same answers, many times as fast.

Both compare each sentence with each. sumy does so word by word in Python; here all pairs that the
words make are added up in arrays. What is computed stays sumy's: scores differ by the order of sums
alone (less than 1e-9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sumy.models.dom import ObjectDocumentModel
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from worker.text.lexicon import Flags, Places
from worker.text.table import Numbers, positive

#: Words in more sentences than this go through one product of matrices, the others pair by pair.
_COMMON = 80
#: So near the threshold the order of a sum decides, and the sum is made anew without loss.
_EDGE = 1e-12


@dataclass(frozen=True)
class _Table:
    """How often each word stands in each sentence: entries (row, column, count), sorted by column, then row."""

    size: int
    rows: Places
    columns: Places
    counts: Numbers

    @cached_property
    def lengths(self) -> Numbers:
        """The number of words in each sentence."""
        return np.bincount(self.rows, self.counts, minlength=self.size).astype(np.float64)

    @cached_property
    def spread(self) -> npt.NDArray[np.int_]:
        """The number of sentences that each column's word stands in."""
        return np.bincount(self.columns).astype(np.int_)

    def products(self, values: Numbers) -> Numbers:
        """The scalar product of each row with each, with these values for entries: size x size."""
        common = self.spread[self.columns] > _COMMON
        found = self._paired(values, ~common)
        if common.any():
            names, places = np.unique(self.columns[common], return_inverse=True)
            dense = np.zeros((self.size, len(names)))
            dense[self.rows[common], places] = values[common]
            found += dense @ dense.T
        return found

    def _paired(self, values: Numbers, chosen: Flags) -> Numbers:
        """The same by the pairs of entries in one column: for a word in k sentences k * k of them."""
        rows, columns, values = self.rows[chosen], self.columns[chosen], values[chosen]
        each = self.spread[columns]
        starts = np.searchsorted(columns, columns)
        one = np.repeat(np.arange(len(rows)), each)
        other = np.arange(len(one)) - np.repeat(np.cumsum(each) - each, each) + np.repeat(starts, each)
        cells = rows[one] * self.size + rows[other]
        # Of nothing, NumPy counts in integers.
        sums = np.bincount(cells, values[one] * values[other], minlength=self.size**2).astype(np.float64, copy=False)
        return sums.reshape(self.size, self.size)


def _table(sentences: Sequence[Any], stem: Any, stop_words: frozenset[str]) -> _Table:
    said = [sentence.words for sentence in sentences]
    words = [word for row in said for word in row]
    lower = {form: form.lower() for form in dict.fromkeys(words)}
    stems = {form: stem(word) for form, word in lower.items() if word not in stop_words}
    numbers = {name: number for number, name in enumerate(dict.fromkeys(stems.values()))}
    column = {form: numbers[stems[form]] if form in stems else -1 for form in lower}
    columns = np.array([column[word] for word in words], dtype=np.intp)
    rows = np.repeat(np.arange(len(said)), list(map(len, said)))
    known = columns >= 0
    entries, counts = np.unique(columns[known] * len(said) + rows[known], return_counts=True)
    return _Table(len(said), entries % len(said), entries // len(said), counts.astype(float))


class LexRank(LexRankSummarizer):  # type: ignore[misc]  # sumy has no types
    """LexRank (Erkan and Radev 2004) as sumy has it."""

    def __call__(self, document: ObjectDocumentModel, sentences_count: Any) -> tuple[Any, ...]:
        """The best sentences, as sumy's own class gives them."""
        sentences = document.sentences
        if not sentences:
            return ()
        scores = self.power_method(self._links(_table(sentences, self._stemmer, self._stop_words)), self.epsilon)
        found: tuple[Any, ...] = self._get_best_sentences(
            sentences, sentences_count, dict(zip(sentences, scores, strict=True))
        )
        return found

    def _links(self, table: _Table) -> Numbers:
        """Each row's share of its links to the sentences that are alike: 1 / degree, or 0."""
        values = _weights(table)
        norms = np.sqrt(np.bincount(table.rows, values**2, minlength=table.size))
        divisors = positive(norms)
        cosines = table.products(values)
        cosines /= divisors[:, np.newaxis]
        cosines /= divisors
        np.fill_diagonal(cosines, norms > 0)
        linked = cosines > self.threshold
        for one, other in np.argwhere(abs(cosines - self.threshold) < _EDGE):
            linked[one, other] = _cosine(table, values, one, other) > self.threshold
        degrees = linked.sum(axis=1)
        shares: Numbers = linked / np.maximum(degrees, 1)[:, np.newaxis]
        return shares


class TextRank(TextRankSummarizer):  # type: ignore[misc]  # sumy has no types
    """TextRank (Mihalcea and Tarau 2004) as sumy has it."""

    def _create_matrix(self, document: ObjectDocumentModel) -> Numbers:
        table = _table(document.sentences, self._stemmer, self._stop_words)
        weights = table.products(table.counts)
        logs = np.log(np.maximum(table.lengths, 1))
        lengths = logs[:, np.newaxis] + logs
        # Two sentences of one word each: sumy takes the number of common words as it is.
        if table.size and logs.min() < 1e-8:
            lengths[lengths < 1e-8] = 1
        weights /= lengths
        weights *= (self.damping / (weights.sum(axis=1) + self._ZERO_DIVISION_PREVENTION))[:, np.newaxis]
        weights += (1.0 - self.damping) / table.size
        return weights


def _weights(table: _Table) -> Numbers:
    """Each entry's share of its sentence's highest count, times log(sentences / (1 + sentences with the word))."""
    highest = np.zeros(table.size)
    np.maximum.at(highest, table.rows, table.counts)
    rarity: Numbers = np.log(table.size / (1.0 + table.spread))
    weights: Numbers = table.counts / highest[table.rows] * rarity[table.columns]
    return weights


def _cosine(table: _Table, values: Numbers, one: int, other: int) -> float:
    a, b = (dict(zip(table.columns[at], values[at], strict=True)) for at in (table.rows == one, table.rows == other))
    shared = math.fsum(a[word] * b[word] for word in a.keys() & b.keys())
    return shared / (math.sqrt(math.fsum(v * v for v in a.values())) * math.sqrt(math.fsum(v * v for v in b.values())))
