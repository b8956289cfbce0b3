"""A text's words in arrays: which form of a word stands where. What is looked up, is looked up once a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.text.words import written

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def _numbered(keys: Iterable[str]) -> dict[str, int]:
    """A number for each key, in the order of their first appearance."""
    return {key: number for number, key in enumerate(dict.fromkeys(keys))}


def positive(values: Numbers) -> Numbers:
    """The values with 1 for each 0, to divide by."""
    return np.where(values > 0, values, 1.0)


class Table:
    """The words of a text's sentences, as written: `forms` numbers them as they first appear.

    `tokens` has the form of each running word, `rows` its sentence, `places` its place in that.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        said = [written(text) for text in texts]
        words = [word for row in said for word in row]
        numbers = _numbered(words)
        self.size = len(texts)
        self.lengths: Places = np.array(list(map(len, said)), dtype=np.intp)
        self.tokens: Places = np.array([numbers[word] for word in words], dtype=np.intp)
        self.rows: Places = np.repeat(np.arange(self.size), self.lengths)
        self.places: Places = np.arange(len(self.tokens)) - np.repeat(
            np.cumsum(self.lengths) - self.lengths, self.lengths
        )
        self.forms = tuple(numbers)

    @cached_property
    def lower(self) -> tuple[str, ...]:
        """The forms in lower case."""
        return tuple(form.lower() for form in self.forms)

    @cached_property
    def capital(self) -> Flags:
        """Which forms begin with a capital."""
        return self.flags([form[0].isupper() for form in self.forms])

    @staticmethod
    def flags(values: Sequence[bool]) -> Flags:
        """An array of one's own test of each form."""
        return np.array(values, dtype=bool)

    def count(self, chosen: Flags) -> Numbers:
        """How many running words of each sentence have a chosen form."""
        return np.bincount(self.rows, chosen[self.tokens], minlength=self.size).astype(np.float64)

    def terms(self, term: Callable[[str], str], chosen: Flags) -> Terms:
        """The chosen forms, those with the same term taken together."""
        found = [term(form) if taken else "" for form, taken in zip(self.lower, chosen.tolist(), strict=True)]
        numbers = _numbered(filter(None, found))
        of_form = np.array([numbers.get(name, -1) for name in found], dtype=np.intp)
        return Terms(self, of_form, tuple(numbers))


class Terms:
    """Terms of a table: `of_form` has the term of each form (-1: none), `names` the terms by number.

    `term` and `row` have an entry for each sentence that a term stands in, sorted by term, then row.
    """

    def __init__(self, table: Table, of_form: Places, names: tuple[str, ...]) -> None:
        self.names, self.of_form = names, of_form
        self._size = table.size
        found = of_form[table.tokens]
        known = found >= 0
        entries = np.unique(found[known] * table.size + table.rows[known]) if known.any() else np.zeros(0, np.intp)
        self.term, self.row = np.divmod(entries, max(table.size, 1))
        #: How many sentences each term stands in, and how many times it stands there in all.
        self.spread: Places = np.bincount(self.term, minlength=len(names))
        self.counts: Places = np.bincount(found[known], minlength=len(names))

    def by_row(self, values: npt.NDArray[Any]) -> Numbers:
        """The sum over each sentence's terms of a value of each entry."""
        return np.bincount(self.row, values, minlength=self._size).astype(np.float64)

    def by_term(self, values: npt.NDArray[Any]) -> Numbers:
        """The sum over each term's sentences of a value of each entry."""
        return np.bincount(self.term, values, minlength=len(self.names)).astype(np.float64)
