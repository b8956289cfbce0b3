"""The sketch of a document: what it is about, small enough to keep and quick to compare."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from worker.model import Document, Sentence, Sketch
from worker.stories.background import common, share
from worker.text.likeness import passage
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
    said = [words for words in map(written, texts) if words]
    title = written(document.title)
    return Sketch(
        title=tuple(dict.fromkeys(stem(word) for word in title if _tells(word))),
        terms=_terms(said, document.language),
        names=_names([*said, title], document.language),
        numbers=_numbers([*said, title]),
        prints=_prints(texts),
        words=sum(map(len, said)),
    )


def _tells(word: str) -> bool:
    return len(word) > 1 or not word.isascii()


def _terms(said: Iterable[Sequence[str]], language: str) -> tuple[tuple[str, int], ...]:
    counts = Counter(stem(word) for words in said for word in words if _tells(word) and not word[0].isdigit())

    def tells_most(entry: tuple[str, int]) -> tuple[float, str]:
        name, count = entry
        return round((1 + math.log(count)) * math.log(share(name, language)), 9), name

    return tuple(sorted(sorted(counts.items(), key=tells_most)[:_TERMS]))


def _names(said: Iterable[Sequence[str]], language: str) -> tuple[str, ...]:
    counts = Counter(word.lower() for words in said for word in _capitals(words) if not common(stem(word), language))
    return tuple(sorted(sorted(counts, key=lambda name: (-counts[name], name))[:_NAMES]))


def _capitals(words: Sequence[str]) -> Iterator[str]:
    """The words that a capital shows to be names: not a first word, but where a name follows it."""
    capital = [word[0].isupper() and _tells(word) for word in words]
    if not words or sum(capital) > max(2, _TITLE_CASE * len(words)):
        return
    if len(words) > 1 and capital[0] and capital[1]:
        yield words[0]
    yield from (word for word, is_name in zip(words[1:], capital[1:], strict=True) if is_name)


def _numbers(said: Iterable[Sequence[str]]) -> tuple[str, ...]:
    counts = Counter(word.lower() for words in said for word in words if word[0].isdigit())
    return tuple(sorted(sorted(counts, key=lambda number: (-counts[number], number))[:_NUMBERS]))


def _prints(texts: Iterable[str]) -> tuple[int, ...]:
    keys = {passage(text).key for text in texts}
    marks = {zlib.crc32(key.encode("utf-8", "surrogatepass")) for key in keys if len(written(key)) >= _PRINTED}
    return tuple(sorted(marks)[:_PRINTS])
