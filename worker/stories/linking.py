"""Average linkage over a sparse graph: what is most sure is joined first, until nothing is sure enough.

Agglomerative clustering with the unweighted average (UPGMA, Sokal and Michener 1958). A pair that nobody
compared counts as `missing`. Two clusters that are each much closer in themselves than to each other are twins,
not one (relative closeness, as in CHAMELEON, Karypis, Han and Kumar 1999). The same clusters come out in any
order: ties go to the lowest places.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

#: How much it counts against two clusters that each is closer in itself than to the other,
_APART = 0.3
#: and how many pairs a cluster must have for half of that: of a few pairs nobody can tell.
_FEW_PAIRS = 6
_DIGITS, _ROUNDED = 9, 1e-6


def link(size: int, pairs: Iterable[tuple[int, int, float]], threshold: float, missing: float) -> list[list[int]]:
    """The clusters of 0..size-1, each in order, by the scores of pairs; joined while the average is >= threshold."""
    clusters = _Clusters(size, threshold, missing)
    for one, other, score in pairs:
        clusters.connect(one, other, score)
    heap = [entry for one in range(size) for entry in clusters.links(one, one)]
    heapq.heapify(heap)
    while heap:
        value, one, other = heapq.heappop(heap)
        if clusters.holds(one, other, value):
            clusters.merge(one, other)
            for entry in clusters.links(one):
                heapq.heappush(heap, entry)
    return sorted(sorted(members) for members in clusters.members.values())


class _Clusters:
    """Clusters by their lowest member, and the sums and counts of the scores between them."""

    def __init__(self, size: int, threshold: float, missing: float) -> None:
        self.members = {place: [place] for place in range(size)}
        self._threshold, self._missing = threshold, missing
        self._within = dict.fromkeys(range(size), (0.0, 0))
        self._between: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)

    def connect(self, one: int, other: int, score: float) -> None:
        self._between[one][other] = self._between[other][one] = (score, 1)

    def links(self, one: int, above: int = -1) -> list[tuple[float, int, int]]:
        """The cluster's links to those above that are sure enough, as (minus the average, lower, higher)."""
        size, members = len(self.members[one]), self.members
        least, missing = self._threshold - self._missing, self._missing
        likely = (  # most are not: by the average alone, which `_value` only lowers
            (other, total, count)
            for other, (total, count) in self._between[one].items()
            if other > above and total - count * missing >= least * size * len(members[other]) - _ROUNDED
        )
        found = ((self._value(one, *known), min(one, known[0]), max(one, known[0])) for known in likely)
        return [entry for entry in found if -entry[0] >= self._threshold]

    def holds(self, one: int, other: int, value: float) -> bool:
        """Whether both clusters still stand, and the link between them is still of that value."""
        known = self._between[one].get(other) if one in self.members and other in self.members else None
        return known is not None and self._value(one, other, *known) == value

    def merge(self, one: int, other: int) -> None:
        """The first takes in the second."""
        self.members[one] += self.members.pop(other)
        total, count = self._between[one][other]
        (sum_of_one, pairs_of_one), (sum_of_other, pairs_of_other) = self._within[one], self._within.pop(other)
        self._within[one] = sum_of_one + sum_of_other + total, pairs_of_one + pairs_of_other + count
        mine, its = self._between[one], self._between.pop(other)
        for third, (total, count) in its.items():
            del self._between[third][other]
            if third != one:
                known = mine.get(third, (0.0, 0))
                mine[third] = self._between[third][one] = (known[0] + total, known[1] + count)
        mine.pop(other, None)

    def _value(self, one: int, other: int, total: float, count: int) -> float:
        between = self._average(total, count, len(self.members[one]) * len(self.members[other]))
        apart = (self._apart(one, between) + self._apart(other, between)) / 2
        return -round(between - _APART * apart, _DIGITS)

    def _apart(self, cluster: int, between: float) -> float:
        size = len(self.members[cluster])
        pairs = size * (size - 1) // 2
        if not pairs:
            return 0.0
        within = self._average(*self._within[cluster], pairs)
        return max(0.0, within - between) * pairs / (pairs + _FEW_PAIRS)

    def _average(self, total: float, count: int, pairs: int) -> float:
        return (total + (pairs - count) * self._missing) / pairs
