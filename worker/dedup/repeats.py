"""Repeats inside a document: what was said before is dropped, and it is kept which and for what.

Candidates are the passages with the same numbers, names and negations; where these are many, some of
them (text/crowd.py). The verdict is an exact check of each candidate (text/likeness.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby

from worker.model import Document, Repeat, Sentence, Span
from worker.text.crowd import Crowd
from worker.text.likeness import Passage, passage
from worker.text.likeness import repeats as alike


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
        self._alike: dict[Hashable, Crowd[Span]] = defaultdict(Crowd)

    def again(self, span: Span, text: str) -> Repeat | None:
        """The repeat that this passage is, or None: then it is kept."""
        ready = passage(text)
        if ready.key in self._exact:
            return Repeat(span, self._exact[ready.key], 1.0)
        # With other marks it cannot be a repeat: 10,000 sentences of one pattern with other numbers
        # are never compared with each other.
        crowd = self._alike[ready.marks]
        likeness, kept = _nearest(crowd, ready)
        if kept is not None:
            return Repeat(span, kept, round(likeness, 4))
        self._exact[ready.key] = span
        crowd.add(ready, span)
        return None


def _nearest(crowd: Crowd[Span], ready: Passage) -> tuple[float, Span | None]:
    """The likeness and the place of the passage that it repeats; the first of equals."""
    found = ((alike(ready, member), span) for member, span in crowd.near(ready))
    best: tuple[float, Span | None] = max(found, key=lambda one: one[0], default=(0.0, None))
    return best if best[0] else (0.0, None)
