"""A crowd: passages with the same marks, among which those that may be near another are found.

Few are compared one by one. Of many, locality-sensitive hashing over MinHash signatures of the words
proposes some (Broder 1997; rensa); the verdict is the caller's, by an exact check (text/likeness.py).
"""

from __future__ import annotations

from typing import Generic, TypeVar

from rensa import RMinHash, RMinHashLSH

from worker.text.likeness import NEAR, Passage
from worker.text.words import words

T = TypeVar("T")

# 32 bands of 4 rows: of pairs at the threshold of 0.7 one in 5,000 is not proposed.
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 1
#: So many passages are compared one by one faster than hashed.
_FEW = 40


class Crowd(Generic[T]):
    """Passages, each with what is known of it; hashed from where comparing all is slow."""

    def __init__(self) -> None:
        self._members: list[tuple[Passage, T]] = []
        self._index: RMinHashLSH | None = None

    def near(self, ready: Passage) -> list[tuple[Passage, T]]:
        """The members that may be near-identical to a passage, in the order added."""
        if self._index is None:
            return self._members
        return [self._members[place] for place in sorted(self._index.query(_signature(ready)))]

    def add(self, ready: Passage, known: T) -> None:
        """From now on the passage is one of them."""
        self._members.append((ready, known))
        if self._index is not None:
            self._index.insert(len(self._members) - 1, _signature(ready))
        elif len(self._members) > _FEW:
            self._index = RMinHashLSH(threshold=NEAR, num_perm=_PERMUTATIONS, num_bands=_BANDS)
            for place, (member, _) in enumerate(self._members):
                self._index.insert(place, _signature(member))


def _signature(ready: Passage) -> RMinHash:
    signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    signature.update(sorted(set(words(ready.text))))
    return signature
