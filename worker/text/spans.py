"""A reading without its words: places only, as it is kept, and as one process sends it to another.

The words are quoted from the document again, so they cannot come to differ from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache, lru_cache
from itertools import starmap
from sys import intern
from typing import Any

from worker.model import Document, Reading, Repeat, Sentence, Sketch, Span, Summary

_SKETCH = tuple(field.name for field in fields(Sketch))


def placed(reading: Reading) -> dict[str, Any]:
    """A reading in lists, numbers and short texts: sentences, repeats, summary, ranker, failure, sketch."""
    return {
        "sentences": [_place(s.span) for s in reading.sentences],
        "repeats": [[_place(r.dropped), _place(r.kept), r.similarity] for r in reading.repeats],
        "summary": [_place(s.span) for s in reading.summary.sentences],
        "ranker": reading.summary.ranker,
        "failure": reading.failure,
        "sketch": {name: getattr(reading.sketch, name) for name in _SKETCH},
    }


def reading(document: Document, recipe: str, found: Mapping[str, Any]) -> Reading:
    """The reading that was placed, its words quoted from the document."""

    @cache  # what is chosen stands among what is found, and what is kept for a repeat as well
    def span(*place: int) -> Span:
        return Span(document.id, *place)

    @cache
    def sentence(*place: int) -> Sentence:
        return Sentence(document.quote(span(*place)), span(*place))

    def quoted(places: Iterable[Sequence[int]]) -> tuple[Sentence, ...]:
        return tuple(sentence(*place) for place in places)

    return Reading(
        document=document.id,
        revision=document.revision,
        recipe=recipe,
        sentences=quoted(found["sentences"]),
        repeats=tuple(Repeat(span(*dropped), span(*kept), alike) for dropped, kept, alike in found["repeats"]),
        summary=Summary(quoted(found["summary"]), found["ranker"]),
        failure=found["failure"],
        sketch=sketched(found["sketch"]),
    )


def sketched(kept: Mapping[str, Any]) -> Sketch:
    """A sketch out of what is kept of it; an empty one for a reading from before there were any.

    Documents share their words: so a sketch in memory takes a quarter of the room.
    """
    if not kept:
        return Sketch()
    return Sketch(
        title=tuple(map(intern, kept["title"])),
        terms=tuple(starmap(_term, kept["terms"])),
        names=tuple(map(intern, kept["names"])),
        numbers=tuple(map(intern, kept["numbers"])),
        prints=tuple(kept["prints"]),
        words=kept["words"],
    )


@lru_cache(maxsize=50_000)
def _term(stem: str, count: int) -> tuple[str, int]:
    return intern(stem), count


def _place(span: Span) -> list[int]:
    return [span.paragraph, span.start, span.end]
