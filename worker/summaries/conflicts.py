"""Conflicts: figures of a story's documents that a later one replaced, and those that its outlets do not agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from worker.edition import Differing, Figure
from worker.model import Sentence
from worker.summaries.figures import Counting, Mention, disagreeing

#: A figure that is so much newer replaces another outlet's; nearer in time nobody can say who is right.
_NEWER = timedelta(hours=6)


@dataclass(frozen=True)
class Claim:
    """A sentence, what it counts, who says so and when; `independent`: in a text that is no reprint."""

    sentence: Sentence
    counting: Counting
    outlet: str
    when: datetime | None
    independent: bool


@dataclass(frozen=True)
class Conflict:
    """Claims (by place) that do not agree: the one to be chosen for all, and those to be shown beside it."""

    lead: int
    partners: tuple[int, ...]
    members: frozenset[int]
    differing: tuple[Differing, ...]


@dataclass(frozen=True)
class _Pair:
    one: int
    other: int
    mentions: tuple[tuple[Mention, Mention], ...]


def replaced(claims: Sequence[Claim]) -> frozenset[int]:
    """The places of claims that a later text corrects: any later one of the same outlet, another's after six hours.

    A reprint corrects nothing, and no text does of which the time is unknown.
    """
    pairs = [(pair.one, pair.other) for pair in _pairs(claims)]
    both = [*pairs, *((other, one) for one, other in pairs)]
    return frozenset(old for old, new in both if _corrects(claims[new], claims[old]))


def conflicts(
    claims: Sequence[Claim], scores: Sequence[float], *, tellable: Collection[int], among: Collection[int]
) -> list[Conflict]:
    """Conflicts `among` some independent claims of several outlets within six hours; tellable ones lead, by score.

    Claims come in the order in which their figures are to be listed.
    """
    pairs = [
        pair
        for pair in _pairs(claims)
        if {pair.one, pair.other} <= set(among) and _contemporary(claims[pair.one], claims[pair.other])
    ]
    found = []
    for group in _connected(pairs):
        members = frozenset(place for pair in group for place in (pair.one, pair.other))
        ranked = sorted(members, key=lambda place: (place not in tellable, -scores[place], place))
        found.append(_conflict(claims, group, ranked, tellable))
    return found


def _conflict(
    claims: Sequence[Claim], group: Sequence[_Pair], ranked: Sequence[int], tellable: Collection[int]
) -> Conflict:
    differing, shown = [], set()
    for _, said in sorted(_by_thing(group).items()):
        best: dict[int, int] = {}
        for place in ranked:  # the best claim of each figure
            if place in said:
                best.setdefault(said[place].value, place)
        places = sorted(best.values())
        figures = tuple(Figure(said[place].number, claims[place].sentence) for place in places)
        differing.append(Differing(said[places[0]].what, figures))
        shown.update(places)
    partners = tuple(place for place in sorted(shown) if place != ranked[0] and place in tellable)
    return Conflict(ranked[0], partners, frozenset(ranked), tuple(differing))


def _by_thing(group: Sequence[_Pair]) -> dict[str, dict[int, Mention]]:
    """For each thing that is counted, the claims' mentions of it by place."""
    found: dict[str, dict[int, Mention]] = defaultdict(dict)
    for pair in group:
        for a, b in pair.mentions:
            found[a.thing] |= {pair.one: a, pair.other: b}
    return found


def _pairs(claims: Sequence[Claim]) -> Iterator[_Pair]:
    """Claims of two documents that give different figures for the same thing."""
    counted: dict[str, list[int]] = defaultdict(list)
    for place, claim in enumerate(claims):
        for thing in claim.counting.mentions:
            counted[thing].append(place)
    for one, other in sorted({pair for places in counted.values() for pair in combinations(places, 2)}):
        if claims[one].sentence.span.document != claims[other].sentence.span.document:
            mentions = tuple(disagreeing(claims[one].counting, claims[other].counting))
            if mentions:
                yield _Pair(one, other, mentions)


def _corrects(new: Claim, old: Claim) -> bool:
    if new.when is None or old.when is None or not new.independent:
        return False
    return new.when > old.when if new.outlet == old.outlet else new.when - old.when >= _NEWER


def _contemporary(one: Claim, other: Claim) -> bool:
    """Whether two outlets say it by themselves, at nearly the same time."""
    if one.when is None or other.when is None or one.outlet == other.outlet:
        return False
    return one.independent and other.independent and abs(one.when - other.when) < _NEWER


def _connected(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Pairs that share claims, directly or by others, in groups."""
    groups: list[tuple[set[int], list[_Pair]]] = []
    for pair in pairs:
        places, rows = {pair.one, pair.other}, [pair]
        apart = []
        for known, others in groups:
            if known & places:
                places, rows = known | places, others + rows
            else:
                apart.append((known, others))
        groups = [*apart, (places, rows)]
    return [rows for _, rows in groups]
