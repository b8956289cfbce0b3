"""Reasons: why a document stands in its story, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator

from worker.model import Member
from worker.stories.background import share
from worker.stories.comparing import Pair, apart
from worker.text.words import stem

#: So many names and numbers are named, the rarest ones.
_NAMED = 3
_DAY = 24


def because(one: Member, other: Member, pair: Pair) -> str:
    """Why two documents tell of the same event: "shared names Odda, Saltmere; alike 0.41; 3 hours apart"."""
    return "; ".join(_parts(one, other, pair))


def _parts(one: Member, other: Member, pair: Pair) -> Iterator[str]:
    names = set(one.sketch.names) & set(other.sketch.names)
    numbers = set(one.sketch.numbers) & set(other.sketch.numbers)
    if pair.reprint:
        yield "the same text"
    if names:
        rarest = sorted(names, key=lambda name: (share(stem(name), one.language), name))[:_NAMED]
        yield f"shared names {', '.join(name.title() for name in rarest)}"
    elif numbers:
        yield f"shared numbers {', '.join(sorted(numbers, key=lambda number: (-len(number), number))[:_NAMED])}"
    yield f"alike {pair.alike:.2f}" if pair.alike else "alike by way of others"
    hours = apart(one, other)
    if hours is not None:
        yield _apart(hours)


def _apart(hours: float) -> str:
    count, unit = (hours, "hour") if hours < 2 * _DAY else (hours / _DAY, "day")
    return f"{count:.0f} {unit}{'' if round(count) == 1 else 's'} apart" if count >= 0.5 else "at the same time"
