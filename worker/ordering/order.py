"""Order: a document whose paragraphs' order is trusted stays as it is, a shuffled one is ordered.

For a shuffled document two orders are made. The canonical one depends on nothing but what the
paragraphs say, so that whatever comes after gives the same answer for any shuffle. The readable one
puts the paragraphs by how early each stood in its article (lede.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from worker.model import Document, Sentence


def canonical(document: Document, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences in an order that does not depend on the paragraphs' places."""
    if not document.shuffled:
        return tuple(sentences)
    paragraphs = document.paragraphs
    return tuple(sorted(sentences, key=lambda s: (paragraphs[s.span.paragraph], s.span.paragraph, s.span.start)))


def arrange(document: Document, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences in an order that reads; given in canonical order, which settles ties."""
    if not document.shuffled or not sentences:
        return tuple(sentences)
    from worker.ordering.lede import earliness

    paragraphs = [list(members) for _, members in groupby(sentences, key=lambda s: s.span.paragraph)]
    scores = earliness(document.title, [[s.text for s in members] for members in paragraphs], document.language)
    # Compared at 9 digits: the order of a sum never decides.
    ranked = sorted(range(len(paragraphs)), key=lambda number: -round(scores[number], 9))
    return tuple(sentence for number in ranked for sentence in paragraphs[number])
