"""When a story's documents were published, as bars in a small picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_WIDTH = 640
_STEP = 10
_TALLEST = 72
_TALL = 12


@dataclass(frozen=True)
class Bar:
    """Documents of about the same time: where their bar stands, and whether they are quoted."""

    x: int
    y: str
    height: str
    quoted: bool


@dataclass(frozen=True)
class Timeline:
    """The picture's measures and bars, and from when to when it reaches."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    first: datetime
    last: datetime
    documents: int


def timeline(published: Sequence[tuple[datetime, bool]]) -> Timeline | None:
    """The picture of documents by their time, each with whether it is quoted; None where there are no two times."""
    moments = [at for at, _ in published]
    if len(set(moments)) < 2:
        return None
    first, last = min(moments), max(moments)
    slots = _WIDTH // _STEP - 1
    tally = Counter((round((at - first) / (last - first) * slots), quoted) for at, quoted in published)
    most = max(tally[slot, True] + tally[slot, False] for slot, _ in tally)
    unit = min(_TALL, _TALLEST / most)
    height = round(unit * most) + 1
    bars = tuple(_bar(tally, slot, quoted, unit, height) for slot, quoted in sorted(tally))
    return Timeline(_WIDTH, height, bars, first, last, len(published))


def _bar(tally: Counter[tuple[int, bool]], slot: int, quoted: bool, unit: float, height: int) -> Bar:
    """Quoted documents stand below the others of their time."""
    below = 0 if quoted else tally[slot, True]
    count = tally[slot, quoted]
    return Bar(slot * _STEP + 1, f"{height - unit * (below + count):.1f}", f"{unit * count:.1f}", quoted)
