"""Cues: what a sentence shows of the place it had in its article.

The lede restates the title, introduces people by their full names, says when and how many, and
speaks of what the whole article speaks of; what follows uses surnames, pronouns and the first person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.text.languages import empty_words, grammar
from worker.text.lexicon import Flags, Places, distinct, found_in
from worker.text.table import Numbers, Table, positive

Column = npt.NDArray[Any]

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
    found = np.zeros((len(texts), len(NAMES)))
    if not texts:
        return found
    table = Table(texts)
    empty = empty_words(language, texts)
    weighed = _Weighed(table, empty)
    columns = [
        *_of_title(weighed, title, empty),
        *_of_centre(weighed),
        *_of_length(table),
        *_of_numbers(table),
        *_of_names(_Names(table, empty)),
        *_of_person(table, language),
    ]
    for number, column in enumerate(columns):
        found[:, number] = column
    return found


class _Weighed:
    """A text's telling terms, each weighing by its rarity: log of sentences / those with it.

    `weights` has the weight of each entry of the terms, `norms` the length of each sentence as a vector of them.
    """

    def __init__(self, table: Table, empty: frozenset[str]) -> None:
        self.size, self.lexicon = table.size, table.lexicon
        self.terms = table.terms((self.lexicon.letters[table.lower] > 1) & ~table.among(empty))
        self.most = math.log(table.size + 1)
        self.rarity = self.most - np.log(self.terms.spread)
        self.weights = self.rarity[self.terms.term]
        self.norms = positive(np.sqrt(self.terms.by_row(self.weights**2)))


def _of_title(weighed: _Weighed, title: str, empty: frozenset[str]) -> Iterator[Column]:
    lexicon, terms, rarity, most = weighed.lexicon, weighed.terms, weighed.rarity, weighed.most
    [heading] = lexicon.rows([title])
    heading = heading[(lexicon.letters[heading] > 1) & ~lexicon.among(empty)[lexicon.lower[heading]]]
    headed = distinct(lexicon.stem[heading])
    in_title = lexicon.marked(headed)[terms.names]
    unsaid = len(headed) - int(in_title.sum())
    shared = np.where(in_title[terms.term], weighed.weights, 0.0)
    whole = float(rarity[in_title].sum()) + unsaid * most
    norm = math.sqrt(float((rarity[in_title] ** 2).sum()) + unsaid * most**2)
    yield terms.by_row(shared) / (whole or 1.0)
    yield terms.by_row(shared**2) / weighed.norms / (norm or 1.0)
    yield terms.by_row(shared > 0) / (len(headed) or 1)


def _of_centre(weighed: _Weighed) -> Iterator[Column]:
    terms, weights, norms = weighed.terms, weighed.weights, weighed.norms
    each = np.bincount(terms.row, minlength=weighed.size)
    centre = terms.by_term(weights / norms[terms.row])
    spread = terms.spread[terms.term]
    yield terms.by_row(np.log(spread)) / np.sqrt(each + 1)
    yield terms.by_row(spread > 1) / (each + 1)
    yield terms.by_row(terms.counts[terms.term]) / terms.counts.max(initial=1) / (each + 1)
    yield (terms.by_row(weights * centre[terms.term]) / norms - 1) / math.sqrt(weighed.size)


def _of_length(table: Table) -> Iterator[Column]:
    length = np.log(np.maximum(table.lengths, 1))
    yield length
    yield length**2
    yield np.minimum(table.lengths, 60) / 20


def _of_numbers(table: Table) -> Iterator[Column]:
    numbers = table.count(table.lexicon.digit[table.forms])
    yield numbers > 0
    yield np.minimum(numbers, 4)
    yield table.count(table.lexicon.year[table.forms])


def _of_names(names: _Names) -> Iterator[Column]:
    """Who is named where: in full ("Jonas Pell") or by one word ("Pell")."""
    full, alone = names.lengths > 1, names.lengths == 1
    introduced = names.by_row(full & names.elsewhere(names.last, alone))
    known = names.by_row(alone & names.elsewhere(names.last, full))
    longest = np.zeros(names.size)
    np.maximum.at(longest, names.row, names.lengths)
    yield names.by_row(np.ones(len(names.row)))
    yield names.by_row(full)
    yield longest
    words, row = np.divmod(distinct(names.words * names.size + names.words_row), names.size)
    said = np.bincount(row, minlength=names.size)
    yield said / np.maximum(names.table.lengths, 1)
    yield from (introduced, introduced > 0, known, known > 0)
    spread = np.bincount(words)[words] if len(words) else words
    widest = np.zeros(names.size)
    np.maximum.at(widest, row, spread)
    yield np.bincount(row, np.log(spread), minlength=names.size) / np.maximum(said, 1)
    yield widest / names.size
    yield np.bincount(row[spread == 1], minlength=names.size)


class _Names:
    """Each sentence's runs of words with a capital; its first word only if it has one elsewhere.

    `row` is the sentence of each run, `lengths` how many words it has, `last` the last of them; `words` are
    all of them, in lower case, by their numbers in the lexicon, and `words_row` their sentences.
    """

    def __init__(self, table: Table, empty: frozenset[str]) -> None:
        self.table, self.size = table, table.size
        small = table.lexicon.marked(table.forms[table.lexicon.small[table.forms]])
        capital = table.capital & ~table.among(empty)
        chosen = np.flatnonzero(capital[table.tokens] & ((table.places > 0) | ~small[table.lower][table.tokens]))
        begins = np.ones(len(chosen), dtype=bool)
        begins[1:] = (np.diff(chosen) != 1) | (table.places[chosen[1:]] == 0)
        starts = np.flatnonzero(begins)
        self.words, self.words_row = table.lower[table.tokens[chosen]], table.rows[chosen]
        self.lengths: Places = np.diff(starts, append=len(chosen))
        self.row, self.last = self.words_row[starts], self.words[starts + self.lengths - 1]

    def by_row(self, values: npt.NDArray[Any]) -> Numbers:
        """The sum over each sentence's names of a value of each."""
        return np.bincount(self.row, values, minlength=self.size).astype(np.float64)

    def elsewhere(self, word: Places, among: Flags) -> Flags:
        """For each name whether one of these names ends with its word in another sentence."""
        places = distinct(self.last[among] * self.size + self.row[among])
        counts = np.bincount(places // self.size, minlength=len(self.table.lexicon.words))
        return counts[word] > found_in(word * self.size + self.row, places)


def _of_person(table: Table, language: str) -> Iterator[Column]:
    words, lengths = grammar(language), np.maximum(table.lengths, 1)
    pronouns = table.among(words.pronouns)
    speaking = table.count(table.among(words.speakers))
    yield table.count(pronouns) / lengths
    yield speaking / lengths
    yield speaking > 0
    yield _first(table, pronouns | table.among(words.connectives))


def _first(table: Table, chosen: Flags) -> Numbers:
    """Whether each sentence's first word has a chosen form."""
    found = np.zeros(table.size)
    first = table.places == 0
    found[table.rows[first]] = chosen[table.tokens[first]]
    return found
