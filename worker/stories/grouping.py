"""Stories: all documents, grouped by the event they tell of, and how each came to its story.

Pairs that share rare words are proposed by an inverted index (nearest.py), scored by a small logistic model
(scoring.py), and grouped by average linkage (linking.py), in the order of publication, whatever order the
documents came in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from worker.model import Join, Member, Story
from worker.stories.comparing import Pair, compare, ordered
from worker.stories.linking import link
from worker.stories.reasons import because
from worker.stories.scoring import LEAST_SURE

#: From these log-odds on, on average, documents are joined: the fewer they are, the fewer chances to err,
_FEW, _MANY = (30, -0.8), (60, 0.0)
#: where pairs that were not compared, or are strangers, count so much.
_MISSING = -1.5

Earlier = Mapping[int, Mapping[int, Pair]]


def group(members: Sequence[Member]) -> tuple[Story, ...]:
    """All documents in stories, each in exactly one, the story with the earliest document first.

    The same for any order of the members.
    """
    given = ordered(members)
    earlier: dict[int, dict[int, Pair]] = defaultdict(dict)
    for (one, other), pair in compare(given).items():
        earlier[other][one] = pair
    pairs = (
        (one, other, pair.score)
        for other, known in earlier.items()
        for one, pair in known.items()
        if pair.score > LEAST_SURE
    )
    return tuple(_story(given, places, earlier) for places in link(len(given), pairs, _threshold(len(given)), _MISSING))


def _threshold(documents: int) -> float:
    (few, low), (many, high) = _FEW, _MANY
    return low + (high - low) * min(1.0, max(0.0, (documents - few) / (many - few)))


def _story(given: Sequence[Member], places: Sequence[int], earlier: Earlier) -> Story:
    """The story of the members at these places, which ascend: the earliest is the first."""
    joins = [Join(given[places[0]].document)]
    joins += [
        _join(given, places[:number], place, earlier.get(place, {})) for number, place in enumerate(places) if number
    ]
    return Story(joins[0].document, tuple(join.document for join in joins), tuple(joins))


def _join(given: Sequence[Member], before: Sequence[int], place: int, known: Mapping[int, Pair]) -> Join:
    nearest = max(before, key=lambda other: _nearness(known, other))
    pair = known.get(nearest, _STRANGER)
    origin = min((other for other in before if other in known and known[other].reprint), default=None)
    return Join(
        document=given[place].document,
        nearest=given[nearest].document,
        because=because(given[nearest], given[place], pair),
        reprint_of="" if origin is None else given[origin].document,
    )


#: Two of a story that were never compared: others brought them together.
_STRANGER = Pair(float("-inf"), 0.0)


def _nearness(known: Mapping[int, Pair], other: int) -> tuple[float, float, int]:
    """The surest, then the most alike, then the earliest."""
    pair = known.get(other, _STRANGER)
    return pair.score, pair.alike, -other
