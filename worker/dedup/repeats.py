"""Repeats inside a document: what was said before is dropped, and it is kept which and for what.

Candidates are the passages with the same numbers, names and negations; where these are many, some of
them (text/crowd.py). The verdict is an exact check of each candidate (text/likeness.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby

from worker.model import Document, Repeat, Sentence, Span
from worker.text.crowd import Crowd
from worker.text.likeness import Passage, joined, passage
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
        rows = list(members)
        span = _paragraph(document, rows)
        if span is None:
            continue
        if repeat := seen.again(span, _whole(document.quote(span), rows)):
            whole.add(number)
            repeats.append(repeat)
    distinct, single = _sentences(s for s in sentences if s.span.paragraph not in whole)
    return distinct, (*repeats, *single)


def _sentences(sentences: Iterable[Sentence]) -> tuple[tuple[Sentence, ...], list[Repeat]]:
    seen, kept, repeats = _Seen(), [], []
    for sentence in sentences:
        if repeat := seen.again(sentence.span, passage(sentence.text)):
            repeats.append(repeat)
        else:
            kept.append(sentence)
    return tuple(kept), repeats


def _paragraph(document: Document, members: Sequence[Sentence]) -> Span | None:
    """The span over all of a paragraph's sentences; None where some are missing."""
    number, start, end = members[0].span.paragraph, members[0].span.start, members[-1].span.end
    text = document.paragraphs[number]
    ends = [0, *(sentence.span.end for sentence in members)]
    starts = [*(sentence.span.start for sentence in members), len(text)]
    missing = any(_says(text[at:to]) for at, to in zip(ends, starts, strict=True))
    return None if missing else Span(document.id, number, start, end)


def _whole(text: str, members: Sequence[Sentence]) -> Passage:
    """The passage of a paragraph, put together from its sentences where there is a space between them."""
    if " ".join([sentence.text for sentence in members]) == text:
        return joined(text, [passage(sentence.text) for sentence in members])
    return passage(text)


def _says(between: str) -> bool:
    """Whether there is a letter or a digit between two sentences; mostly there is a space, or nothing."""
    return between not in {"", " "} and any(map(str.isalnum, between))


class _Seen:
    """The passages kept so far, found again by what they say."""

    def __init__(self) -> None:
        self._exact: dict[Hashable, Span] = {}
        self._alike: dict[Hashable, Crowd[Span]] = defaultdict(Crowd)

    def again(self, span: Span, ready: Passage) -> Repeat | None:
        """The repeat that this passage is, or None: then it is kept."""
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
    near = crowd.near(ready)
    if not near:
        return 0.0, None
    found: Iterator[tuple[float, Span | None]] = ((alike(ready, member), span) for member, span in near)
    best = max(found, key=lambda one: one[0])
    return best if best[0] else (0.0, None)
