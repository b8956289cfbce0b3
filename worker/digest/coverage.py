"""Coverage: what a story has to offer today, and how much it weighs beside the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.digest.novelty import Memory
from worker.digest.rules import weight
from worker.edition import Past, Rule, Told
from worker.model import Arrival, Member, Sentence, Story

#: After so much time a story counts half as fresh.
_HALF = timedelta(hours=24)


@dataclass(frozen=True)
class Coverage:
    """A story, those of its documents that came in now (the earliest first), and what of each is new.

    `since` is when the digest told of it last; `publishers` counts who tells it, reprints of one text once.
    """

    story: Story
    arrivals: tuple[Arrival, ...]
    fresh: Mapping[str, tuple[Sentence, ...]]
    since: date | None
    publishers: int


def covered(
    stories: Sequence[Story], arrivals: Sequence[Arrival], members: Mapping[str, Member], past: Past, told: Memory
) -> list[Coverage]:
    """The stories that something came in for."""
    came = {arrival.document.id: arrival for arrival in arrivals}
    found = []
    for story in stories:
        mine = tuple(came[name] for name in story.documents if name in came)
        if mine:
            found.append(_coverage(story, mine, publishers(story, members), past, told))
    return found


def _coverage(story: Story, arrivals: tuple[Arrival, ...], publishers: int, past: Past, told: Memory) -> Coverage:
    before = {name: past.told_on[name] for name in story.documents if name in past.told_on}
    stood = Memory(Told(text, day) for name, day in before.items() for text in past.stood.get(name, ()))
    fresh, days = {}, list(before.values())
    for arrival in arrivals:
        known = [(sentence, told.told(sentence.text)) for sentence in arrival.reading.sentences]
        fresh[arrival.document.id] = stood.fresh([sentence for sentence, day in known if day is None])
        days += _mostly([day for _, day in known])
    return Coverage(story, arrivals, fresh, max(days, default=None), publishers)


def _mostly(told: Sequence[date | None]) -> list[date]:
    """The days on which a document's sentences were told, if half of them were: one stock phrase makes no follow-up."""
    days = [day for day in told if day]
    return days if 2 * len(days) >= len(told) else []


def publishers(story: Story, members: Mapping[str, Member]) -> int:
    """How many outlets tell a story in words of their own."""
    own = {members[join.document].outlet for join in story.joins if not join.reprint_of and join.document in members}
    return max(1, len(own))


def heaviest_first(coverages: Sequence[Coverage], rules: Sequence[Rule]) -> list[Coverage]:
    """The stories by what they weigh; of equals who has more to say, then the newest."""
    newest = max((_when(a) for c in coverages for a in c.arrivals), default=None)
    if newest is None:
        return []

    def key(coverage: Coverage) -> tuple[float, int, float, str]:
        importance = weight(rules, coverage.arrivals) * _importance(coverage, newest)
        latest = max(map(_when, coverage.arrivals))
        return -round(importance, 9), -_size(coverage), -latest.timestamp(), coverage.story.id

    return sorted(coverages, key=key)


def _importance(coverage: Coverage, newest: datetime) -> float:
    """Coverage times freshness times novelty, each tempered: many outlets, today, with much that is new."""
    age = (newest - max(map(_when, coverage.arrivals))) / _HALF
    freshness = 0.5 + 0.5 * math.exp2(-age)
    known = sum(len(a.reading.sentences) for a in coverage.arrivals)
    novelty = 0.5 + 0.5 * _size(coverage) / known if coverage.since and known else 1.0
    breadth = 1 + math.log(coverage.publishers)
    depth = 1 + 0.2 * math.log1p(_size(coverage))
    return breadth * depth * freshness * novelty


def _size(coverage: Coverage) -> int:
    """How many new sentences its fullest document has."""
    return max(map(len, coverage.fresh.values()), default=0)


def _when(arrival: Arrival) -> datetime:
    """When a document was published; a date that is yet to come is not believed."""
    return min(arrival.document.published or arrival.arrived, arrival.arrived)
