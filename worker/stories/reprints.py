"""Reprints: documents that give another one's text again, known by the prints of their sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from worker.model import Member, Sketch

#: A reprint shares so many sentences at least, and this share of the shorter one's.
_SHARED, _SHARE = 3, 0.6
#: So few sentences are a text of their own only if they have so many words together.
_WORDS = 25
#: A sentence that stands in more documents ("Sign up for our newsletter.") makes no pairs.
_EVERYWHERE = 40
#: A sketch with so many prints has the smallest of its text's; others have all.
_FULL = 64


def pairs(members: Sequence[Member]) -> Iterator[tuple[int, int]]:
    """Places (earlier, later) of members of which the one gives the other's text again, in order."""
    holders: dict[tuple[str, int], list[int]] = defaultdict(list)
    shared = _shared(members)
    for place, member in enumerate(members):
        near: set[int] = set()
        for mark in shared.intersection(member.sketch.prints):
            known = holders[member.language, mark]
            near.update(known)
            if len(known) < _EVERYWHERE:
                known.append(place)
        yield from ((other, place) for other in sorted(near) if again(members[other].sketch, member.sketch))


def _shared(members: Sequence[Member]) -> set[int]:
    """The marks that stand in more than one: of 20,000 documents' marks, the others would take 100 MB for nothing."""
    marks = np.fromiter((mark for member in members for mark in member.sketch.prints), dtype=np.int64)
    found, spread = np.unique(marks, return_counts=True)
    return set(found[spread > 1].tolist())


def again(one: Sketch, other: Sketch) -> bool:
    """Whether one of two sketches is of a text that gives the other's text again, all or most of it."""
    if one.prints == other.prints:
        return len(one.prints) >= _SHARED or (bool(one.prints) and min(one.words, other.words) >= _WORDS)
    # Of prints above the largest that a full sketch kept, nobody knows whether its text has them.
    limit = min((sketch.prints[-1] for sketch in (one, other) if len(sketch.prints) >= _FULL), default=1 << 32)
    mine, its = ({mark for mark in sketch.prints if mark <= limit} for sketch in (one, other))
    shared = len(mine & its)
    return shared >= _SHARED and shared >= _SHARE * min(len(mine), len(its))
