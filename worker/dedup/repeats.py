"""Repeats inside a document: what was said before is dropped, and it is kept which and for what.

Candidates are the passages with the same numbers, names and negations; where these are many, locality-
sensitive hashing over MinHash signatures of the words proposes some of them (Broder 1997; rensa). The
verdict is an exact check of each candidate (text/likeness.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby

from rensa import RMinHash, RMinHashLSH

from worker.model import Document, Repeat, Sentence, Span
from worker.text.likeness import Passage, passage
from worker.text.likeness import repeats as alike
from worker.text.words import words

# 32 bands of 4 rows: of pairs at the threshold of 0.7 one in 5,000 is not proposed.
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 1
#: So many passages are compared one by one faster than hashed.
_FEW = 40


def drop(document: Document, sentences: Sequence[Sentence]) -> tuple[tuple[Sentence, ...], tuple[Repeat, ...]]:
    """Distinct sentences, and for each passage dropped which was kept.

    `sentences` come in the order in which the first of several alike is kept. Whole paragraphs are
    compared first, then single sentences: a changed word can hide a sentence's end ("said.s The"),
    and one short sentence changed is a repeat only by the company it keeps. Kept and dropped
    together are what was given; dropping again drops nothing.
    """
    seen, whole, repeats = _Seen(), set(), []
    several = sentences if len(document.paragraphs) > 1 else ()
    for number, members in groupby(several, key=lambda sentence: sentence.span.paragraph):
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
    span = Span(document.id, number, start, end)
    if len(members) == 1 and members[0].text == document.paragraphs[number]:
        return span
    covered = sum(_weight(sentence.text) for sentence in members)
    return span if covered == _weight(document.paragraphs[number]) else None


def _weight(text: str) -> int:
    return sum(map(str.isalnum, text))


class _Seen:
    """The passages kept so far, found again by what they say."""

    def __init__(self) -> None:
        self._exact: dict[Hashable, Span] = {}
        self._alike: dict[Hashable, _Crowd] = defaultdict(_Crowd)

    def again(self, span: Span, text: str) -> Repeat | None:
        """The repeat that this passage is, or None: then it is kept."""
        ready = passage(text)
        if ready.key in self._exact:
            return Repeat(span, self._exact[ready.key], 1.0)
        # With other marks it cannot be a repeat: 10,000 sentences of one pattern with other numbers
        # are never compared with each other.
        crowd = self._alike[ready.marks]
        alike, kept = crowd.nearest(ready)
        if kept is not None:
            return Repeat(span, kept, round(alike, 4))
        self._exact[ready.key] = span
        crowd.add(span, ready)
        return None


class _Crowd:
    """Kept passages with the same numbers, names and negations; hashed from where comparing all is slow."""

    def __init__(self) -> None:
        self._members: list[tuple[Span, Passage]] = []
        self._index: RMinHashLSH | None = None

    def nearest(self, ready: Passage) -> tuple[float, Span | None]:
        """The likeness and the place of the member that it repeats; the first of equals."""
        if not self._members:
            return 0.0, None
        places = range(len(self._members)) if self._index is None else self._index.query(_signature(ready))
        best = max(((alike(ready, self._members[i][1]), -i) for i in places), default=(0.0, 0))
        return (best[0], self._members[-best[1]][0]) if best[0] else (0.0, None)

    def add(self, span: Span, ready: Passage) -> None:
        self._members.append((span, ready))
        if self._index is not None:
            self._index.insert(len(self._members) - 1, _signature(ready))
        elif len(self._members) > _FEW:
            self._index = RMinHashLSH(threshold=0.7, num_perm=_PERMUTATIONS, num_bands=_BANDS)
            for number, (_, member) in enumerate(self._members):
                self._index.insert(number, _signature(member))


def _signature(ready: Passage) -> RMinHash:
    signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    signature.update(sorted(set(words(ready.text))))
    return signature
