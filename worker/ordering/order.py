"""Order: a document whose paragraphs' order is trusted stays as it is, a shuffled one is ordered.

For a shuffled document two orders are made. The canonical one depends on nothing but what the
paragraphs say, so that whatever comes after gives the same answer for any shuffle. The readable one
puts the paragraphs first that share most of their words with the title: the lede restates it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from worker.model import Document, Sentence
from worker.text.words import vocabulary


def canonical(document: Document, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences in an order that does not depend on the paragraphs' places."""
    if not document.shuffled:
        return tuple(sentences)
    paragraphs = document.paragraphs
    return tuple(sorted(sentences, key=lambda s: (paragraphs[s.span.paragraph], s.span.paragraph, s.span.start)))


def arrange(document: Document, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences in an order that reads; given in canonical order, which settles ties."""
    if not document.shuffled:
        return tuple(sentences)
    title = vocabulary(document.title)
    paragraphs = [list(members) for _, members in groupby(sentences, key=lambda s: s.span.paragraph)]
    paragraphs.sort(key=lambda members: -_overlap(title, members))
    return tuple(sentence for members in paragraphs for sentence in members)


def _overlap(title: frozenset[str], members: Sequence[Sentence]) -> float:
    """The best share of a sentence's vocabulary and the title's that is common to both."""
    return round(max(len(title & v) / (len(title | v) or 1) for v in (vocabulary(s.text) for s in members)), 9)
