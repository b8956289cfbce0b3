"""Which documents may tell the same story: found by the rare terms they share, never by comparing all pairs.

Documents are placed one after the other, as they were published; each looks up its weightiest terms in an
inverted index of the earlier ones within the window (Yang, Pierce and Carbonell 1998 on event detection in a
stream). Of a term that very many share only the latest entries are looked up, so the work for a document is
bounded however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from worker.stories.fields import Field, Numbers, Places

#: So many of a document's weightiest terms are looked up, and so many entries of each at most.
_TERMS, _ENTRIES = 30, 16
#: So many candidates are kept of each document, those that share the most.
_CANDIDATES = 30
#: Candidates with less of their weight in common than this cannot be alike.
_LEAST = 0.02
#: So many entries are looked up at once: it bounds the memory.
_AT_ONCE = 100_000


def pairs(text: Field, hours: Numbers, window: float) -> tuple[Places, Places]:
    """Pairs (earlier, later) of documents that share rare terms, at most `window` hours apart; sorted by the later.

    `hours` ascend, the unknown (NaN) last; those are as near to each as to any other.
    """
    known = ~np.isnan(hours)
    first = np.where(known, np.searchsorted(hours[known], hours - window), 0)
    found = [_best(*batch) for batch in _looked_up(text, first)]
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *(one for one, _ in found)]), np.concatenate([none, *(other for _, other in found)])


def _looked_up(text: Field, first: Places) -> Iterator[tuple[Places, Places, Numbers]]:
    """For batches of rows: an earlier row, the row, and what a term that they share adds to their likeness."""
    rows, terms, weights = _weightiest(text)
    order = np.lexsort((rows, terms))  # the postings: each term's rows as they ascend
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    before = place - np.searchsorted(terms[order], terms)
    back = np.minimum(before, _ENTRIES)
    ends = np.cumsum(back)
    start = 0
    while start < len(rows):
        limit = (ends[start - 1] if start else 0) + _AT_ONCE
        stop = max(int(np.searchsorted(ends, limit)), start + 1)
        stop = int(np.searchsorted(rows, rows[stop - 1], side="right"))  # all of a row is in one batch
        entry = np.repeat(np.arange(start, stop), back[start:stop])
        steps = np.arange(len(entry)) - np.repeat(np.cumsum(back[start:stop]) - back[start:stop], back[start:stop])
        other = order[place[entry] - 1 - steps]
        near = rows[other] >= first[rows[entry]]
        entry, other = entry[near], other[near]
        yield rows[other], rows[entry], weights[other] * weights[entry]
        start = stop


def _weightiest(text: Field) -> tuple[Places, Places, Numbers]:
    """The rows, terms and weights (of a row of length 1) of each row's weightiest terms, ties by term."""
    order = np.lexsort((-np.round(text.weights, 9), text.owner))  # the terms of each row are in order already
    order = order[np.arange(len(order)) - text.starts[text.owner] < _TERMS]
    rows = text.owner[order]
    return rows, text.terms[order], text.weights[order] / np.maximum(text.norms[rows], 1e-9)


def _best(earlier: Places, later: Places, adds: Numbers) -> tuple[Places, Places]:
    """The pairs, those kept that share the most for each later one, ties by place."""
    key, group = np.unique((later << 32) | earlier, return_inverse=True)
    later, earlier = key >> 32, key & ((1 << 32) - 1)
    alike = np.round(np.bincount(group, adds, minlength=len(key)), 9)
    order = np.lexsort((earlier, -alike, later))
    order = order[alike[order] >= _LEAST]
    rank = np.arange(len(order)) - np.searchsorted(later[order], later[order])
    kept = np.sort(order[rank < _CANDIDATES])
    return earlier[kept], later[kept]
