"""Comparing: which pairs of documents may tell of the same event, how sure that is, and how alike they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from worker.model import Member
from worker.stories import nearest, reprints
from worker.stories.fields import Fields, Numbers
from worker.stories.scoring import LEAST_SURE, SUREST, certainty, likeness

#: Documents published further apart than this, in hours, tell of two events, however alike they are.
WINDOW = 120.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known of two documents: log-odds that they tell of the same event, likeness (0 to 1), reprint or not."""

    score: float
    alike: float
    reprint: bool = False


def ordered(members: Sequence[Member]) -> list[Member]:
    """The members by when they were published, the unknown last; ties by id, then by what they say."""
    return sorted(members, key=lambda member: (*_moment(member.when), member.document, _says(member)))


def compare(members: Sequence[Member]) -> dict[tuple[int, int], Pair]:
    """The pairs worth a look, by the places of the two in ordered members, the earlier first."""
    hours, fields = published(members), Fields(members)
    left, right = nearest.pairs(fields.text, hours, WINDOW)
    alike = likeness(fields, left, right)
    certain = certainty(fields, hours, left, right, alike)
    told = (fields.words[left] > 0) | (fields.words[right] > 0)  # two titles are no evidence by themselves
    told &= certain > LEAST_SURE
    places = zip(left[told].tolist(), right[told].tolist(), strict=True)
    known = dict(zip(places, map(Pair, certain[told].tolist(), np.round(alike[told], 9).tolist()), strict=True))
    for one, other in reprints.pairs(members):
        if not abs(hours[one] - hours[other]) > WINDOW:  # true of an unknown time as well
            known[one, other] = Pair(SUREST, 1.0, reprint=True)
    return known


def apart(one: Member, other: Member) -> float | None:
    """The hours between two documents; None where a time is unknown."""
    (unknown, mine), (missing, its) = _moment(one.when), _moment(other.when)
    return None if unknown or missing else abs(mine - its)


def published(members: Sequence[Member]) -> Numbers:
    """When each was published, in hours since 1970; NaN where nobody knows."""
    moments = [_moment(member.when) for member in members]
    return np.array([np.nan if unknown else hours for unknown, hours in moments], dtype=np.float64)


def _says(member: Member) -> tuple[object, ...]:
    sketch = member.sketch
    said = (sketch.title, sketch.terms, sketch.names, sketch.numbers, sketch.prints, sketch.words)
    return member.outlet, member.language, *said


def _moment(when: datetime | None) -> tuple[bool, float]:
    if when is None:
        return True, 0.0
    zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
    return False, (zoned - _EPOCH).total_seconds() / 3600
