"""A lexicon: each word that was met has a number, by which what is known of it is looked up in arrays.

What a word is (its stem, whether it has a capital) is found out once, not at each place where it stands, and
a sentence is cut into words once for all stages that count them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.text.words import stem, written

Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

#: From so many words on, or so many texts, a new lexicon is begun: together some 10 MB.
_MOST, _TEXTS, _SETS = 30_000, 5_000, 64


class Lexicon(dict[str, int]):
    """The number of each word, as written; asking for a new one adds it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        #: Of each word the number of its lower case, that of its stem, and how many letters it has.
        self.lower, self.stem, self.letters = _none(), _none(), _none()
        self.capital, self.small, self.digit = _none(bool), _none(bool), _none(bool)
        #: Four digits that may be a year; and whether it is more than a single letter of an alphabet.
        self.year, self.tells = _none(bool), _none(bool)
        self._learned = 0
        self._texts: dict[str, Places] = {}
        self._sets: dict[frozenset[str], Places] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self.words)
        self.words.append(word)
        return number

    @property
    def full(self) -> bool:
        """Whether it is time for a new one."""
        return len(self.words) > _MOST or len(self._texts) > _TEXTS

    def rows(self, texts: Sequence[str]) -> list[Places]:
        """The words of each text by number, as they follow."""
        new = [text for text in texts if text not in self._texts]
        said = list(map(written, new))
        running = np.array(list(map(self.__getitem__, chain.from_iterable(said))), dtype=np.intp)
        self._texts |= zip(new, _cut(running, list(map(len, said))), strict=True)
        self._learn()
        return [self._texts[text] for text in texts]

    def among(self, known: frozenset[str]) -> Flags:
        """For each word whether it is one of these."""
        if known not in self._sets:
            if len(self._sets) > _SETS:
                self._sets.clear()
            self._sets[known] = np.array([self[word] for word in known if word], dtype=np.intp)
            self._learn()
        return self.marked(self._sets[known])

    def marked(self, numbers: Places) -> Flags:
        """For each word whether its number is one of these."""
        found = np.zeros(len(self.words), dtype=bool)
        found[numbers] = True
        return found

    def _learn(self) -> None:
        """Find out what the new words are, many at once: one by one took four times as long."""
        while new := self.words[self._learned :]:
            start, self._learned = self._learned, len(self.words)
            if self._learned > len(self.lower):
                self._grow(2 * self._learned)
            at = slice(start, self._learned)
            self.letters[at] = list(map(len, new))
            self.capital[at] = [word[0].isupper() for word in new]
            self.small[at] = list(map(str.islower, new))
            self.digit[at] = [word[0].isdigit() for word in new]
            self.year[at] = [len(word) == 4 and word[:2] in {"19", "20"} for word in new]
            self.tells[at] = [len(word) > 1 or not word.isascii() for word in new]
            self.lower[at] = [self[word.lower()] for word in new]
            self.stem[at] = [self[stem(word)] for word in new]

    def _grow(self, size: int) -> None:
        for name in ("lower", "stem", "letters", "capital", "small", "digit", "year", "tells"):
            known = getattr(self, name)
            setattr(self, name, np.resize(known, size))


def _none(kind: type = np.intp) -> Any:
    return np.zeros(1024, dtype=kind)


def _cut(running: Places, lengths: Sequence[int]) -> Iterator[Places]:
    ends = accumulate(lengths, initial=0)
    return (running[start:end] for start, end in pairwise(ends))


class _Own(threading.local):
    """Each thread has its own: two would give a number twice."""

    lexicon: Lexicon | None = None


_OWN = _Own()


def lexicon() -> Lexicon:
    """The lexicon of this thread; now and then a new one, so that it stays small."""
    if _OWN.lexicon is None or _OWN.lexicon.full:
        _OWN.lexicon = Lexicon()
    return _OWN.lexicon


def numbered(values: Places, most: int) -> tuple[Places, Places]:
    """The distinct values (below `most`) in the order of their first appearance, and the place of each in them."""
    there = np.arange(len(values))
    first = np.empty(most, dtype=np.intp)
    first[values[::-1]] = there[::-1]  # the last one written stands: the first appearance
    names = values[first[values] == there]
    first[names] = there[: len(names)]
    return names, first[values]


def distinct(values: Places) -> Places:
    """The values sorted, each once (numpy's own hashes first, and takes five times as long for a thousand)."""
    found = np.sort(values)
    kept = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:], found[:-1], out=kept[1:])
    return found[kept]


def found_in(values: Places, known: Places) -> Flags:
    """For each value whether it is among those known, which are sorted."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    found: Flags = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found
