"""A text's words in arrays: which form of a word stands where. What is known of a form is in the lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.text.lexicon import Flags, Lexicon, Places, distinct, lexicon, numbered

Numbers = npt.NDArray[np.float64]


def positive(values: Numbers) -> Numbers:
    """The values with 1 for each 0, to divide by."""
    return np.where(values > 0, values, 1.0)


class Table:
    """The words of a text's sentences, as written: `forms` numbers them as they first appear.

    `forms` and `lower` are numbers in the lexicon; `tokens` has the form of each running word, `rows` its
    sentence, `places` its place in that.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.lexicon: Lexicon = lexicon()
        said = self.lexicon.rows(texts)
        running = np.concatenate(said) if said else np.zeros(0, dtype=np.intp)
        self.size = len(texts)
        self.lengths: Places = np.array(list(map(len, said)), dtype=np.intp)
        self.forms, self.tokens = numbered(running, len(self.lexicon.words))
        self.rows: Places = np.repeat(np.arange(self.size), self.lengths)
        self.places: Places = np.arange(len(running)) - (np.cumsum(self.lengths) - self.lengths)[self.rows]
        self.lower: Places = self.lexicon.lower[self.forms]

    @cached_property
    def capital(self) -> Flags:
        """Which forms begin with a capital."""
        found: Flags = self.lexicon.capital[self.forms]
        return found

    def among(self, known: frozenset[str]) -> Flags:
        """Which forms, in lower case, are among these words."""
        return self.lexicon.among(known)[self.lower]

    def count(self, chosen: Flags) -> Numbers:
        """How many running words of each sentence have a chosen form."""
        return np.bincount(self.rows[chosen[self.tokens]], minlength=self.size).astype(np.float64)

    def terms(self, chosen: Flags) -> Terms:
        """The chosen forms, those with the same stem taken together."""
        of_form = np.full(len(self.forms), -1, dtype=np.intp)
        names, of_form[chosen] = numbered(self.lexicon.stem[self.lower[chosen]], len(self.lexicon.words))
        return Terms(self, of_form, names)


class Terms:
    """Terms of a table: `of_form` has the term of each form (-1: none), `names` the terms' numbers in the lexicon.

    `term` and `row` have an entry for each sentence that a term stands in, sorted by term, then row.
    """

    def __init__(self, table: Table, of_form: Places, names: Places) -> None:
        self.names, self.of_form = names, of_form
        self._size = table.size
        found = of_form[table.tokens]
        known = found >= 0
        entries = distinct(found[known] * table.size + table.rows[known])
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
