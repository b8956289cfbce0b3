"""Cues: what a sentence shows of the place it had in its article.

The lede restates the title, introduces people by their full names, says when and how many, and
speaks of what the whole article speaks of; what follows uses surnames, pronouns and the first person.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from worker.text.languages import Grammar, empty_words, grammar
from worker.text.words import stem, written

Numbers = npt.NDArray[np.float64]
Name = tuple[str, ...]

#: The cues by name, in the order of the columns.
NAMES = (
    *("title's weight", "title's cosine", "title's words"),
    *("spread", "shared words", "frequency", "centrality"),
    *("length", "length squared", "length up to 60"),
    *("a number", "numbers", "years"),
    *("names", "full names", "longest name", "share of names", "introductions", "introduces", "surnames", "knows"),
    *("names' spread", "widest name", "names said once"),
    *("pronouns", "first person", "speaks", "leans"),
)


def cues(title: str, texts: Sequence[str], language: str) -> Numbers:
    """The cues of each sentence: an array of len(texts) x len(NAMES)."""
    article = _Article(title, texts, language)
    return np.array([article.cues(number) for number in range(len(texts))], dtype=float).reshape(-1, len(NAMES))


class _Article:
    """What all sentences together say: each sentence's cues are read against it."""

    def __init__(self, title: str, texts: Sequence[str], language: str) -> None:
        self.grammar: Grammar = grammar(language)
        self.empty = empty_words(language, texts)
        self.rows = [written(text) for text in texts]
        self.lower = [[word.lower() for word in row] for row in self.rows]
        self.terms = [self._terms(row) for row in self.lower]
        self.title = set(self._terms([word.lower() for word in written(title)]))
        self._weigh()
        self._name()

    def _terms(self, lower: Sequence[str]) -> list[str]:
        return [stem(word) for word in lower if len(word) > 1 and word not in self.empty]

    def _weigh(self) -> None:
        """How rare each term is (log of sentences / sentences with it), and how central to the whole."""
        size = len(self.rows) + 1
        self.distinct = [sorted(set(terms)) for terms in self.terms]
        self.spread = Counter(term for terms in self.distinct for term in terms)
        self.counts = Counter(term for terms in self.terms for term in terms)
        self.rarity = {term: math.log(size / count) for term, count in self.spread.items()}
        self.norms = [math.sqrt(sum(self.rarity[t] ** 2 for t in terms)) or 1.0 for terms in self.distinct]
        self.centre: dict[str, float] = defaultdict(float)
        for terms, norm in zip(self.distinct, self.norms, strict=True):
            for term in terms:
                self.centre[term] += self.rarity[term] / norm
        weights = [self.rarity.get(term, math.log(size)) for term in sorted(self.title)]
        self.title_weight = sum(weights) or 1.0
        self.title_norm = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
        self.highest = max(self.counts.values(), default=1)

    def _name(self) -> None:
        """Who is named where: in full ("Jonas Pell") or by one word ("Pell")."""
        small = {word for row in self.rows for word in row if word.islower()}
        self.names = [list(self._runs(row, small)) for row in self.rows]
        self.named = Counter(word for names in self.names for word in {w for name in names for w in name})
        self.full: dict[str, set[int]] = defaultdict(set)
        self.alone: dict[str, set[int]] = defaultdict(set)
        for number, names in enumerate(self.names):
            for name in names:
                (self.full if len(name) > 1 else self.alone)[name[-1]].add(number)

    def _runs(self, row: Sequence[str], small: set[str]) -> Iterator[Name]:
        run: list[str] = []
        for place, word in enumerate(row):
            lower = word.lower()
            if word[0].isupper() and lower not in self.empty and (place or lower not in small):
                run.append(lower)
            elif run:
                yield tuple(run)
                run = []
        if run:
            yield tuple(run)

    def cues(self, number: int) -> list[float]:
        """One sentence's cues, in the order of NAMES."""
        return [
            *self._of_title(number),
            *self._of_centre(number),
            *self._of_length(number),
            *self._of_numbers(number),
            *self._of_names(number),
            *self._of_person(number),
        ]

    def _of_title(self, number: int) -> tuple[float, ...]:
        shared = [self.rarity[term] for term in self.distinct[number] if term in self.title]
        cosine = sum(weight * weight for weight in shared) / self.norms[number] / self.title_norm
        return sum(shared) / self.title_weight, cosine, len(shared) / (len(self.title) or 1)

    def _of_centre(self, number: int) -> tuple[float, ...]:
        terms, size = self.distinct[number], len(self.distinct[number]) + 1
        spread = [self.spread[term] for term in terms]
        central = sum(self.rarity[term] * self.centre[term] for term in terms) / self.norms[number] - 1
        return (
            sum(map(math.log, spread)) / math.sqrt(size),
            sum(count > 1 for count in spread) / size,
            sum(self.counts[term] for term in terms) / self.highest / size,
            central / math.sqrt(len(self.rows)),
        )

    def _of_length(self, number: int) -> tuple[float, ...]:
        length = math.log(len(self.rows[number]) or 1)
        return length, length**2, min(len(self.rows[number]), 60) / 20

    def _of_numbers(self, number: int) -> tuple[float, ...]:
        numbers = [word for word in self.rows[number] if word[0].isdigit()]
        years = sum(len(word) == 4 and word[:2] in {"19", "20"} for word in numbers)
        return float(bool(numbers)), min(len(numbers), 4), years

    def _of_names(self, number: int) -> tuple[float, ...]:
        names = self.names[number]
        words = {word for name in names for word in name}
        introduced = sum(len(name) > 1 and bool(self.alone.get(name[-1], set()) - {number}) for name in names)
        known = sum(len(name) == 1 and bool(self.full.get(name[0], set()) - {number}) for name in names)
        spread = [self.named[word] for word in sorted(words)]
        return (
            len(names),
            sum(len(name) > 1 for name in names),
            max(map(len, names), default=0),
            len(words) / (len(self.rows[number]) or 1),
            *(introduced, introduced > 0, known, known > 0),
            sum(map(math.log, spread)) / (len(words) or 1),
            max(spread, default=0) / len(self.rows),
            sum(count == 1 for count in spread),
        )

    def _of_person(self, number: int) -> tuple[float, ...]:
        lower, words = self.lower[number], self.grammar
        pronouns = sum(word in words.pronouns for word in lower)
        speaking = sum(word in words.speakers for word in lower)
        leans = bool(lower) and (lower[0] in words.pronouns or lower[0] in words.connectives)
        return pronouns / (len(lower) or 1), speaking / (len(lower) or 1), speaking > 0, leans
