"""The sketch of a document: what it is about, small enough to keep and quick to compare."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from worker.model import Document, Sentence, Sketch
from worker.stories.background import RARE, common, shares
from worker.text.lexicon import Lexicon, Places
from worker.text.likeness import passage
from worker.text.table import Table
from worker.text.words import stem, written

#: So many stems, names, numbers and prints are kept: together about 2 KB.
_TERMS, _NAMES, _NUMBERS, _PRINTS = 100, 40, 30, 64
#: A sentence of fewer words ("Photo: Reuters") is no mark of a text.
_PRINTED = 6
#: Above this share of capitals a line is written in title case, and they show no names.
_TITLE_CASE = 0.6


def sketch(document: Document, sentences: Sequence[Sentence]) -> Sketch:
    """A document's sketch from its sentences, in any order; the same for the same words.

    Prints are CRC-32 sums of the sentences' normal forms, the smallest ones (bottom-k sketch, Broder 1997).
    """
    texts = sorted({sentence.text for sentence in sentences})
    table = Table([*texts, document.title])
    lexicon, said = table.lexicon, table.forms[table.tokens]
    body, title = np.split(said, [len(said) - int(table.lengths[-1])])
    return Sketch(
        title=tuple(dict.fromkeys(_words(lexicon, lexicon.stem[title[lexicon.tells[title]]]))),
        terms=_terms(lexicon, body, document.language),
        names=_names(lexicon, said[_capitals(table)], document.language),
        numbers=_numbers(lexicon, said),
        prints=_prints(texts),
        words=len(body),
    )


def _words(lexicon: Lexicon, numbers: Places) -> list[str]:
    return [lexicon.words[number] for number in numbers.tolist()]


def _counted(lexicon: Lexicon, numbers: Places) -> Iterator[tuple[str, int]]:
    """Each word, and how often it is there."""
    counts = np.bincount(numbers)
    known = np.flatnonzero(counts)
    return zip(_words(lexicon, known), counts[known].tolist(), strict=True)


def _terms(lexicon: Lexicon, said: Places, language: str) -> tuple[tuple[str, int], ...]:
    telling = said[lexicon.tells[said] & ~lexicon.digit[said]]
    known, counted = shares(language), _counted(lexicon, lexicon.stem[telling])
    ranked = sorted([(_rank(count, known.get(name, RARE)), name, count) for name, count in counted])
    return tuple(sorted((name, count) for _, name, count in ranked[:_TERMS]))


@lru_cache(maxsize=10_000)
def _rank(count: int, share_of_news: float) -> float:
    """The less, the more a term tells that is there so often."""
    return round((1 + math.log(count)) * math.log(share_of_news), 9)


def _names(lexicon: Lexicon, capitals: Places, language: str) -> tuple[str, ...]:
    counted = _counted(lexicon, lexicon.lower[capitals])
    return _most(((name, count) for name, count in counted if not common(stem(name), language)), _NAMES)


def _capitals(table: Table) -> Places:
    """Where words stand that a capital shows to be names: not a first word, but where a name follows it."""
    capital = (table.capital & table.lexicon.tells[table.forms])[table.tokens]
    many = np.bincount(table.rows[capital], minlength=table.size)
    title_case = many > np.maximum(2, _TITLE_CASE * table.lengths)
    first = np.flatnonzero(table.places == 0)
    followed = np.append(capital[1:] & (table.places[1:] == 1), values=False)
    capital[first] &= followed[first]
    return np.flatnonzero(capital & ~title_case[table.rows])


def _numbers(lexicon: Lexicon, said: Places) -> tuple[str, ...]:
    return _most(_counted(lexicon, lexicon.lower[said[lexicon.digit[said]]]), _NUMBERS)


def _most(counted: Iterable[tuple[str, int]], most: int) -> tuple[str, ...]:
    """The most frequent words, sorted."""
    ranked = sorted((-count, word) for word, count in counted)
    return tuple(sorted(word for _, word in ranked[:most]))


def _prints(texts: Iterable[str]) -> tuple[int, ...]:
    keys = {passage(text).key for text in texts}
    marks = {zlib.crc32(key.encode("utf-8", "surrogatepass")) for key in keys if _is_long(key)}
    return tuple(sorted(marks)[:_PRINTS])


def _is_long(key: str) -> bool:
    """Whether it has words enough; what is between spaces is one at least, and mostly enough of them."""
    return sum(map(str.isalnum, key.split())) >= _PRINTED or len(written(key)) >= _PRINTED
