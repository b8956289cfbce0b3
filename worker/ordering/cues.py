"""Cues: what a sentence shows of the place it had in its article.

The lede restates the title, introduces people by their full names, says when and how many, and
speaks of what the whole article speaks of; what follows uses surnames, pronouns and the first person.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.text.languages import empty_words, grammar
from worker.text.table import Flags, Table, positive
from worker.text.words import stem, written

Numbers = npt.NDArray[np.float64]
Column = npt.NDArray[Any]
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
    if not texts:
        return np.zeros((0, len(NAMES)))
    table = Table(texts)
    empty = empty_words(language, texts)
    columns = [
        *_of_words(table, title, empty),
        *_of_length(table),
        *_of_numbers(table),
        *_of_names(table, empty),
        *_of_person(table, language),
    ]
    return np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)


def _of_words(table: Table, title: str, empty: frozenset[str]) -> Iterator[Column]:
    """Cues of the title, then of the centre: each term weighs by its rarity (log of sentences / those with it)."""
    terms = table.terms(stem, table.flags([len(word) > 1 and word not in empty for word in table.lower]))
    most = math.log(table.size + 1)
    rarity = most - np.log(terms.spread)
    weights = rarity[terms.term]
    norms = positive(np.sqrt(terms.by_row(weights**2)))
    distinct = terms.by_row(np.ones(len(weights)))

    headed = {stem(word) for word in written(title) if len(word) > 1 and word.lower() not in empty}
    in_title = np.array([name in headed for name in terms.names], dtype=bool)
    unsaid = len(headed) - int(in_title.sum())
    shared = np.where(in_title[terms.term], weights, 0.0)
    whole = float(rarity[in_title].sum()) + unsaid * most
    norm = math.sqrt(float((rarity[in_title] ** 2).sum()) + unsaid * most**2)
    yield terms.by_row(shared) / (whole or 1.0)
    yield terms.by_row(shared**2) / norms / (norm or 1.0)
    yield terms.by_row(shared > 0) / (len(headed) or 1)

    centre = terms.by_term(weights / norms[terms.row])
    spread = terms.spread[terms.term]
    yield terms.by_row(np.log(spread)) / np.sqrt(distinct + 1)
    yield terms.by_row(spread > 1) / (distinct + 1)
    yield terms.by_row(terms.counts[terms.term]) / max(terms.counts, default=1) / (distinct + 1)
    yield (terms.by_row(weights * centre[terms.term]) / norms - 1) / math.sqrt(table.size)


def _of_length(table: Table) -> Iterator[Column]:
    length = np.log(np.maximum(table.lengths, 1))
    yield length
    yield length**2
    yield np.minimum(table.lengths, 60) / 20


def _of_numbers(table: Table) -> Iterator[Column]:
    numbers = table.count(table.flags([form[0].isdigit() for form in table.forms]))
    yield numbers > 0
    yield np.minimum(numbers, 4)
    yield table.count(table.flags([len(form) == 4 and form[:2] in {"19", "20"} for form in table.forms]))


def _of_names(table: Table, empty: frozenset[str]) -> Iterator[Column]:
    """Who is named where: in full ("Jonas Pell") or by one word ("Pell")."""
    names = _names(table, empty)
    words = [sorted({word for name in row for word in name}) for row in names]
    named = Counter(word for row in words for word in row)
    full, alone = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for number, row in enumerate(names):
        for name in row:
            (full if len(name) > 1 else alone)[name[-1]].add(number)

    introduces = [[len(name) > 1 and _elsewhere(alone, name[-1], n) for name in row] for n, row in enumerate(names)]
    knows = [[len(name) == 1 and _elsewhere(full, name[0], n) for name in row] for n, row in enumerate(names)]
    introduced, known = np.array(list(map(sum, introduces))), np.array(list(map(sum, knows)))
    sizes = [list(map(len, row)) for row in names]
    yield np.array(list(map(len, names)))
    yield np.array([len(row) - row.count(1) for row in sizes])
    yield np.array([max(row, default=0) for row in sizes])
    yield np.array(list(map(len, words))) / np.maximum(table.lengths, 1)
    yield from (introduced, introduced > 0, known, known > 0)
    spread = [[named[word] for word in row] for row in words]
    yield np.array([math.fsum(map(math.log, row)) / (len(row) or 1) for row in spread])
    yield np.array([max(row, default=0) for row in spread]) / table.size
    yield np.array([row.count(1) for row in spread])


def _elsewhere(places: Mapping[str, set[int]], word: str, number: int) -> bool:
    found = places.get(word, ())
    return len(found) > (number in found)


def _names(table: Table, empty: frozenset[str]) -> list[list[Name]]:
    """Each sentence's runs of words with a capital, in lower case; its first word only if it has one elsewhere."""
    small = {form for form in table.forms if form.islower()}
    capital = table.capital & table.flags([word not in empty for word in table.lower])
    anywhere = table.flags([word not in small for word in table.lower])
    chosen = np.flatnonzero(capital[table.tokens] & ((table.places > 0) | anywhere[table.tokens]))
    goes_on = np.zeros(len(chosen), dtype=bool)
    goes_on[1:] = (np.diff(chosen) == 1) & (table.places[chosen[1:]] > 0)
    names: list[list[Name]] = [[] for _ in range(table.size)]
    rows, forms = table.rows[chosen].tolist(), table.tokens[chosen].tolist()
    for row, form, more in zip(rows, forms, goes_on.tolist(), strict=True):
        word = (table.lower[form],)
        if more:
            names[row][-1] += word
        else:
            names[row].append(word)
    return names


def _of_person(table: Table, language: str) -> Iterator[Column]:
    words, lengths = grammar(language), np.maximum(table.lengths, 1)
    leaning = words.pronouns | words.connectives
    speaking = table.count(table.flags([word in words.speakers for word in table.lower]))
    yield table.count(table.flags([word in words.pronouns for word in table.lower])) / lengths
    yield speaking / lengths
    yield speaking > 0
    yield _first(table, table.flags([word in leaning for word in table.lower]))


def _first(table: Table, chosen: Flags) -> Numbers:
    """Whether each sentence's first word has a chosen form."""
    found = np.zeros(table.size)
    first = table.places == 0
    found[table.rows[first]] = chosen[table.tokens[first]]
    return found
