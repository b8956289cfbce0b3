"""Sketches in arrays: what each document says in which field, weighed by how rare it is."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from worker.model import Member, Sketch
from worker.stories.background import RARE, share
from worker.text.words import stem

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: The background counts as so many documents beside those of the call.
_BACKGROUND = 600
_SMALL_NUMBER = 0.02


#: A row and a term make one key: there are fewer terms than 2 ** 31.
_TERM_BITS = 31
_TERM = (1 << _TERM_BITS) - 1


class Field:
    """A sparse matrix, documents by terms: row i has `terms[starts[i]:starts[i + 1]]`, sorted, and their weights.

    `weights` are as they are, not of unit length; `norms` are the rows' lengths, `sums` the sums of weights.
    Terms and their rows (`owner`) are kept in one number each, half of the room of both.
    """

    def __init__(self, starts: Places, terms: Places, weights: Numbers) -> None:
        rows = len(starts) - 1
        self.starts, self.weights = starts, weights
        self.lengths: Places = np.diff(starts)
        owner = np.repeat(np.arange(rows), self.lengths)
        self.keys: Places = (owner << _TERM_BITS) | terms
        self.norms: Numbers = np.sqrt(np.bincount(owner, weights**2, minlength=rows))
        self.sums: Numbers = np.bincount(owner, weights, minlength=rows).astype(np.float64)

    @property
    def terms(self) -> Places:
        """The term of each entry."""
        return self.keys & _TERM

    @property
    def owner(self) -> Places:
        """The row of each entry."""
        return self.keys >> _TERM_BITS

    @classmethod
    def of(cls, rows: Iterable[Mapping[int, float]]) -> Field:
        """The field of these rows, each term -> weight; they are read one by one."""
        starts, terms, weights = array("q", [0]), array("q"), array("d")
        for row in rows:
            for term in sorted(row):
                terms.append(term)
                weights.append(row[term])
            starts.append(len(terms))
        return cls(*(np.array(part) for part in (starts, terms, weights)))

    def weighed(self, weights: Numbers) -> Field:
        """The same terms with other weights."""
        return Field(self.starts, self.terms, weights)

    def meet(self, left: Places, right: Places, other: Field | None = None) -> Meeting:
        """The terms that both rows of each pair have; the right rows are another field's over the same terms, if given.

        Fast where the same right row stands in many pairs that follow each other.
        """
        there = self if other is None else other
        lengths = self.lengths[left]
        pair = np.repeat(np.arange(len(left)), lengths)
        entry = np.arange(len(pair)) + np.repeat(self.starts[left] - np.cumsum(lengths) + lengths, lengths)
        wanted = (right << _TERM_BITS)[pair] | (self.keys[entry] & _TERM)
        # Only among the rows that are asked for: a search in all keys misses the cache at every step.
        low, high = (there.starts[right.min()], there.starts[right.max() + 1]) if len(right) else (0, 0)
        keys = there.keys[low:high]
        found = np.searchsorted(keys, wanted)
        hit = np.append(keys, -1)[found] == wanted
        return Meeting(len(left), pair[hit], entry[hit], found[hit] + low)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What rows have in common: each shared term's pair, and its entries in the left and the right field."""

    size: int
    pair: Places
    left: Places
    right: Places

    def total(self, values: Numbers) -> Numbers:
        """For each pair the sum of a value of each shared term."""
        return np.bincount(self.pair, values, minlength=self.size).astype(np.float64)


class Fields:
    """All members' fields: `text` (title and body) and `title` over stems, `names` and `numbers` over their own.

    Weights of text and title are (1 + ln count) * idf; of names and numbers the idf alone. The idf is
    taken from the members and the background together, in each language for itself, so that texts of
    two languages share nothing.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        tongues = [member.language for member in members]
        stems = _Rarity(tongues, map(_said, members), share)
        numbers = _Rarity(tongues, (member.sketch.numbers for member in members), _share_of_number)
        self.words: Numbers = np.array([member.sketch.words for member in members], dtype=np.float64)
        self.text = Field.of(stems.row(_said(m), m.language) for m in members)
        self.title = Field.of(stems.row(dict.fromkeys(m.sketch.title, 1), m.language) for m in members)
        #: The names in the title: who or where it is about.
        self.about = Field.of(stems.row(dict.fromkeys(_about(m.sketch), 1), m.language) for m in members)
        self.numbers = Field.of(numbers.row(dict.fromkeys(m.sketch.numbers, 1), m.language) for m in members)
        self.names = Field.of(_names(members, stems))


class _Rarity:
    """How rare each term is among members, blended with how rare it is at large."""

    def __init__(
        self, languages: Sequence[str], said: Iterable[Iterable[str]], at_large: Callable[[str, str], float]
    ) -> None:
        self._at_large = at_large
        self._documents = Counter(languages)
        spread = Counter((language, term) for language, row in zip(languages, said, strict=True) for term in row)
        #: Language -> term -> its number and idf.
        self._known: dict[str, dict[str, tuple[int, float]]] = {language: {} for language in self._documents}
        for number, (language, term) in enumerate(sorted(spread)):
            self._known[language][term] = number, self._rarity(term, language, spread[language, term])

    def idf(self, term: str, language: str) -> float:
        """ln(documents / documents with the term), the background's counted in."""
        known = self._known[language].get(term)
        return self._rarity(term, language, 0) if known is None else known[1]

    def row(self, counts: Mapping[str, int], language: str) -> dict[int, float]:
        """The terms by number, and what each weighs."""
        known = self._known[language]
        found = [(known[term], count) for term, count in counts.items()]
        return {number: idf if count == 1 else (1 + math.log(count)) * idf for (number, idf), count in found}

    def _rarity(self, term: str, language: str, spread: int) -> float:
        seen = spread + _BACKGROUND * self._at_large(term, language)
        return math.log((self._documents[language] + _BACKGROUND) / seen)


def _about(sketch: Sketch) -> set[str]:
    return set(sketch.title) & set(map(stem, sketch.names))


def _names(members: Sequence[Member], stems: _Rarity) -> Iterator[dict[int, float]]:
    """The names of each member, numbered as they first appear, each as rare as its stem."""
    known: dict[tuple[str, str], int] = {}
    for member in members:
        language = member.language
        yield {
            known.setdefault((language, name), len(known)): stems.idf(stem(name), language)
            for name in member.sketch.names
        }


def _said(member: Member) -> dict[str, int]:
    counts = dict(member.sketch.terms)
    for word in member.sketch.title:
        counts[word] = counts.get(word, 0) + 1
    return counts


def _share_of_number(number: str, language: str) -> float:
    """Small numbers and years stand everywhere."""
    return _SMALL_NUMBER if len(number) <= 2 or (len(number) == 4 and number[:2] in {"19", "20"}) else RARE
