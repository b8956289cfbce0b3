"""The ranker "unbury": sentences by how many of a summary's words they bring, each word once.

How likely is each word of a text to stand in a summary that a human writes of it? That is learned
(word importance: Hong and Nenkova 2014; benchmarks/weights.py) from where the word stands, how often,
whether the title has it, whether it is a name. Then sentences are taken one by one, each for the words
that it adds to those taken before, less a price for its length (maximum coverage: Gillick and Favre
2009; taken greedily, which is near the best for such sums: Lin and Bilmes 2011).
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise

import numpy as np

from worker.model import Sentence
from worker.summaries.credits import credit
from worker.summaries.dangling import Dangling
from worker.summaries.kinds import Kind, kinds
from worker.text.languages import empty_words
from worker.text.lexicon import Flags, Places, distinct
from worker.text.table import Numbers, Table, positive

#: The features of a term, in the order of the columns.
NAMES = (
    *("log of sentences", "share of sentences", "log of the share", "in the title", "first place"),
    *("a name", "mostly a name", "a number", "log of letters"),
    *("best place", "mean place", "places", "most like the title", "mean like the title", "like the title"),
    *("one", "there is a title"),
)
#: The weights of a term's features are the sum over the groups it belongs to.
GROUPS = ("telling", "empty", "of the title", "named")
#: Chances are counted in billionths.
_UNIT = 1_000_000_000
#: What a word of a sentence costs: below the chance that a telling word is worth, above an empty one's.
_PRICE = _UNIT // 10
#: More than the price of any sentence.
_APART = 1e9


@dataclass(frozen=True)
class Worth:
    """A ranker for one language."""

    language: str

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
        """What each sentence added when it was taken: never more than the one taken before.

        `sentences` come in the order that the text has or that was found for it: what stands early
        counts more, by weights of its own where the order is not trusted.
        """
        if not sentences:
            return []
        text = _Text(title, [sentence.text for sentence in sentences], self.language)
        chances = 1 / (1 + np.exp(-(text.features() @ weights()["trusted" if ordered else "found"])))
        # What cannot be chosen by itself comes last, and covers no word that another could bring.
        dangling = Dangling(sentences, self.language, ordered=ordered)
        apart = [
            kind in (Kind.heading, Kind.endless) or dangling.leans(place) or credit(sentences[place].text)
            for place, kind in enumerate(kinds(sentences))
        ]
        return taken(text.sentences(), chances.tolist(), apart)


def unbury(language: str, **_: object) -> Worth:
    """The ranker for a language."""
    return Worth(language)


@lru_cache(maxsize=1)
def weights() -> dict[str, Numbers]:
    """The weights that lie beside this module, for a trusted order and for one that was found."""
    read = json.loads(files(__package__).joinpath("worth.json").read_text(encoding="utf-8"))
    return {
        order: np.array([[groups[group][name] for name in NAMES] for group in GROUPS]).ravel()
        for order, groups in read.items()
    }


class _Text:
    """A text's terms, numbered as they first appear: where each stands, and how it is written."""

    def __init__(self, title: str, texts: Sequence[str], language: str) -> None:
        self.table = table = Table(texts)
        self.found = found = table.terms(np.ones(len(table.forms), dtype=bool))
        [heading] = table.lexicon.rows([title])
        self.title = distinct(table.lexicon.stem[heading])
        tells = (table.lexicon.letters[table.lower] > 1) & ~table.among(empty_words(language, texts))
        self.telling = np.zeros(len(found.names), dtype=bool)
        self.telling[found.of_form[::-1]] = tells[::-1]  # as its first form does, which is written last
        inside = table.tokens[table.places > 0]
        self.capitals = np.bincount(found.of_form[inside], table.capital[inside], minlength=len(found.names))

    def sentences(self) -> tuple[tuple[int, ...], ...]:
        """The terms of each sentence, as numbers."""
        numbers, ends = self.found.of_form[self.table.tokens].tolist(), self.table.lengths.cumsum().tolist()
        return tuple(tuple(numbers[start:end]) for start, end in pairwise([0, *ends]))

    def features(self) -> Numbers:
        """The features of each term, once for each group that it belongs to: terms x (GROUPS * NAMES)."""
        size = len(self.found.names)
        if not size:
            return np.zeros((0, len(GROUPS) * len(NAMES)))
        in_title = self.table.lexicon.marked(self.title)[self.found.names]
        groups = np.stack([self.telling, ~self.telling, in_title, self.capitals > 0], axis=1).astype(float)
        plain = self._features(in_title)
        return (groups[:, :, np.newaxis] * plain[:, np.newaxis, :]).reshape(size, -1)

    def _features(self, in_title: Flags) -> Numbers:
        spread, size, lexicon = self.found.spread, self.table.size, self.table.lexicon
        columns = [
            *(np.log(spread), spread / size, np.log(spread / size), in_title, 1 / (1 + self.found.row[self._starts])),
            *(self.capitals > 0, self.capitals / spread > 0.5),
            *(lexicon.digit[self.found.names], np.log(lexicon.letters[self.found.names] + 1)),
            *self._over_places(_nearness(size)),
            *self._over_places(_standard(self._like_title(in_title))),
            *(1.0, float(len(self.title) > 0)),
        ]
        found = np.empty((len(spread), len(NAMES)))
        for number, column in enumerate(columns):
            found[:, number] = column
        return found

    @property
    def _starts(self) -> Places:
        """Where each term's sentences begin in the table's entries."""
        return np.cumsum(self.found.spread) - self.found.spread

    def _over_places(self, values: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Of each term's sentences the best value, the mean, and their share of all (of exponents)."""
        here, starts = values[self.found.row], self._starts
        shares = np.exp(values)
        best = np.maximum.reduceat(here, starts)
        mean = np.add.reduceat(here, starts) / self.found.spread
        return best, mean, np.add.reduceat((shares / shares.sum())[self.found.row], starts)

    def _like_title(self, in_title: Flags) -> Numbers:
        """The cosine of each sentence and the title, but for the title's own length; terms weigh by rarity."""
        rarity = np.where(self.telling, np.log((self.table.size + 1) / self.found.spread), 0.0)[self.found.term] ** 2
        norms = np.sqrt(self.found.by_row(rarity))
        return self.found.by_row(np.where(in_title[self.found.term], rarity, 0.0)) / positive(norms)


def _nearness(size: int) -> Numbers:
    """From 1 for the first place to -1 for the last, by the logarithm."""
    return 1 - 2 * np.log(np.arange(1, size + 1)) / (math.log(size) or 1.0)


def _standard(values: Numbers) -> Numbers:
    found: Numbers = np.clip((values - values.mean()) / (values.std() + 1e-6), -3, 3)
    return found


def taken(sentences: Sequence[Sequence[int]], chances: Sequence[float], apart: Sequence[bool]) -> list[float]:
    """What each sentence adds when the one that adds most is taken next; ties go to the first, those apart come last.

    Summed in whole numbers, so that no order of adding decides. What a sentence adds can only
    shrink, so the best of the old figures is looked at anew, and taken if it is still right (Minoux 1978).
    """
    if not sentences:
        return []
    worth = np.rint(np.asarray(chances, dtype=float) * _UNIT)
    adds, where, ends = _at_first(sentences, worth)
    open_, costs = [True] * len(worth), worth.astype(int).tolist()
    queue = [(-value, number) for number, value in enumerate(adds) if not apart[number]]
    heapq.heapify(queue)
    scores = [value / _UNIT - _APART for value in adds]
    while queue:
        value, number = heapq.heappop(queue)
        if -value != adds[number]:
            heapq.heappush(queue, (-adds[number], number))
            continue
        scores[number] = adds[number] / _UNIT
        for term in sentences[number]:
            if open_[term]:
                open_[term] = False
                for other in where[ends[term] : ends[term + 1]]:
                    adds[other] -= costs[term]
    return scores


def _at_first(sentences: Sequence[Sequence[int]], worth: Numbers) -> tuple[list[int], list[int], list[int]]:
    """What each sentence adds before any is taken; then the sentences of each term in turn, and where they end."""
    lengths = np.array(list(map(len, sentences)), dtype=np.intp)
    said = np.fromiter(chain.from_iterable(sentences), dtype=np.intp)
    entries = distinct(said * len(lengths) + np.repeat(np.arange(len(lengths)), lengths))
    terms, rows = np.divmod(entries, len(lengths))
    adds = np.bincount(rows, worth[terms], minlength=len(lengths)) - _PRICE * lengths
    ends = np.bincount(terms, minlength=len(worth)).cumsum()
    return adds.astype(int).tolist(), rows.tolist(), [0, *ends.tolist()]
