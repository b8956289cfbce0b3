"""Contrast: what sets documents apart from those most like them.

Twin events (a fire in a net loft, and another in the next town) share what makes them twins with all of their
neighbours, and differ in what only some of these have: a name, a number. So a term weighs the less the more of a
document's neighbours have it too, as idf does for a whole collection (Spärck Jones 1972), here for a
neighbourhood.
"""

from __future__ import annotations

import numpy as np

from worker.stories.fields import Field, Meeting, Numbers, Places
from worker.text.table import positive

#: A document is set against so many neighbours, those most like it.
_NEIGHBOURS = 20
#: So many pairs are compared at once: it bounds the memory.
_AT_ONCE = 4_000


class Contrast:
    """Weights of a field's terms among the neighbours of each document.

    `apart` weighs a term by how few of them have it; `supported` by how many do as well, but not all; `ranks`
    are those of the pairs.
    """

    def __init__(self, text: Field, alike: Numbers, left: Places, right: Places) -> None:
        size = len(text.starts) - 1
        one, other = _neighbours(size, alike, left, right)
        seen, owner = np.zeros(len(text.weights)), text.owner
        for start in range(0, len(one), _AT_ONCE):
            batch = slice(start, start + _AT_ONCE)
            seen += np.bincount(text.meet(other[batch], one[batch]).right, minlength=len(seen))
        among = positive(np.bincount(one, minlength=size).astype(np.float64))
        self.apart: Numbers = seen + 1  # and on in its place: a window's entries are many
        np.divide(_NEIGHBOURS + 1, self.apart, out=self.apart)
        np.log(self.apart, out=self.apart)
        self.apart *= text.weights
        seen *= self.apart
        seen /= among[owner]
        self.supported: Numbers = seen
        self.ranks = ranks(size, alike, left, right)
        self._norms = np.sqrt(np.bincount(owner, self.apart**2, minlength=size))
        self._sums = np.bincount(owner, self.supported, minlength=size).astype(np.float64)

    def cosine(self, met: Meeting, left: Places, right: Places) -> Numbers:
        """How alike the pairs are by what sets them apart, 0 to 1."""
        return met.total(self.apart[met.left] * self.apart[met.right]) / positive(
            self._norms[left] * self._norms[right]
        )

    def support(self, met: Meeting, left: Places, right: Places) -> tuple[Numbers, Numbers]:
        """How much of what neighbours share with one of a pair the other has too: the lesser and the greater share."""
        mine = met.total(self.supported[met.left]) / positive(self._sums[left])
        its = met.total(self.supported[met.right]) / positive(self._sums[right])
        return np.minimum(mine, its), np.maximum(mine, its)


def ranks(size: int, alike: Numbers, left: Places, right: Places) -> Numbers:
    """How many are more like one of each pair than the other is: the lesser number of the two, ties by place."""
    order, rank = _ranked(size, alike, left, right)
    among = np.empty_like(rank)
    among[order] = rank
    return np.minimum(among[: len(left)], among[len(left) :]).astype(np.float64)


def _neighbours(size: int, alike: Numbers, left: Places, right: Places) -> tuple[Places, Places]:
    """Each document beside those it is most like, ties by place."""
    order, rank = _ranked(size, alike, left, right)
    order = order[rank < _NEIGHBOURS]
    return np.concatenate([left, right])[order], np.concatenate([right, left])[order]


def _ranked(size: int, alike: Numbers, left: Places, right: Places) -> tuple[Places, Places]:
    """Each pair from both sides, (left, right) first: the order by the one, the most like first; and the ranks."""
    one, other = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((other, -np.round(np.concatenate([alike, alike]), 9), one))
    counts = np.bincount(one, minlength=size)
    return order, np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
