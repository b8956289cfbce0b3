"""Repeats inside a document: what was said before is dropped, and it is kept which and for what.

Candidates come from locality-sensitive hashing over MinHash signatures of the words (Broder 1997;
rensa), the verdict from an exact check of each candidate (text/likeness.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby
from zlib import crc32

from rensa import RMinHash, RMinHashLSH

from worker.model import Document, Repeat, Sentence, Span
from worker.text.likeness import Passage, passage
from worker.text.likeness import repeats as alike

# 32 bands of 4 rows: of pairs at the threshold of 0.7 one in 5,000 is not proposed.
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 1


def drop(document: Document, sentences: Sequence[Sentence]) -> tuple[tuple[Sentence, ...], tuple[Repeat, ...]]:
    """Distinct sentences, and for each passage dropped which was kept.

    `sentences` come in the order in which the first of several alike is kept. Whole paragraphs are
    compared first, then single sentences: a changed word can hide a sentence's end ("said.s The"),
    and one short sentence changed is a repeat only by the company it keeps. Kept and dropped
    together are what was given; dropping again drops nothing.
    """
    seen, whole, repeats = _Seen(), set(), []
    for number, members in groupby(sentences, key=lambda sentence: sentence.span.paragraph):
        span = _paragraph(document, list(members))
        if span is None:
            continue
        if repeat := seen.again(span, document.quote(span)):
            whole.add(number)
            repeats.append(repeat)
    distinct, single = _sentences(s for s in sentences if s.span.paragraph not in whole)
    return distinct, (*repeats, *single)


def _sentences(sentences: Iterable[Sentence]) -> tuple[tuple[Sentence, ...], list[Repeat]]:
    seen, kept, repeats = _Seen(), [], []
    for sentence in sentences:
        if repeat := seen.again(sentence.span, sentence.text):
            repeats.append(repeat)
        else:
            kept.append(sentence)
    return tuple(kept), repeats


def _paragraph(document: Document, members: Sequence[Sentence]) -> Span | None:
    """The span over all of a paragraph's sentences; None where some are missing."""
    number, start, end = members[0].span.paragraph, members[0].span.start, members[-1].span.end
    covered = sum(_weight(sentence.text) for sentence in members)
    if covered < _weight(document.paragraphs[number]):
        return None
    return Span(document.id, number, start, end)


def _weight(text: str) -> int:
    return sum(map(str.isalnum, text))


class _Seen:
    """The passages kept so far, found again by their words."""

    def __init__(self) -> None:
        self._index = RMinHashLSH(threshold=0.7, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._exact: dict[Hashable, Span] = {}
        self._kept: list[tuple[Span, Passage]] = []

    def again(self, span: Span, text: str) -> Repeat | None:
        """The repeat that this passage is, or None: then it is kept."""
        ready = passage(text)
        if ready.key in self._exact:
            return Repeat(span, self._exact[ready.key], 1.0)
        signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        # Words are told apart by the passage's marks: what cannot be a repeat is no candidate. 10,000
        # sentences of one pattern with other numbers were all compared with each other.
        marks = crc32(repr(ready.marks).encode("utf-8", "surrogatepass"))
        signature.update([f"{word} {marks}" for word in ready.counts])
        best = max(((alike(ready, self._kept[i][1]), -i) for i in self._index.query(signature)), default=(0.0, 0))
        if best[0]:
            return Repeat(span, self._kept[-best[1]][0], round(best[0], 4))
        self._keep(span, ready, signature)
        return None

    def _keep(self, span: Span, ready: Passage, signature: RMinHash) -> None:
        self._exact[ready.key] = span
        self._index.insert(len(self._kept), signature)
        self._kept.append((span, ready))
