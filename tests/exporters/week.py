"""The sample week as three editions, each with what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from tests.builders import digest, sample
from worker.digest.edition import Dateline, member_of
from worker.edition import Edition, Entry, Past, Told
from worker.model import Arrival, Document
from worker.pipeline import Recipe, compose, read

DAYS = (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20))
_RECIPE = Recipe()


@cache
def week() -> tuple[tuple[Edition, Mapping[str, Arrival]], ...]:
    """The editions of the three days, and for each the arrivals up to it by document."""
    made: list[tuple[Edition, Mapping[str, Arrival]]] = []
    past, known = Past(), dict[str, Arrival]()
    for day in DAYS:
        came = [_arrival(document) for document in sample() if document.published and document.published.date() == day]
        told = compose(digest(), Dateline(day, 1, _at(day)), came, past, _RECIPE)
        known |= {arrival.document.id: arrival for arrival in came}
        made.append((told, dict(known)))
        past = _with(past, told, came)
    return tuple(made)


def entry(edition: Edition) -> Entry:
    """The edition as lists show it."""
    headlines = tuple((item.story.id, item.headline) for item in edition.items)
    stories = len(edition.items) + len(edition.corrections)
    return Entry(edition.id, edition.digest, edition.day, edition.number, stories, edition.time, headlines)


def _arrival(document: Document) -> Arrival:
    return Arrival(document, read(document, _RECIPE), document.published or _at(DAYS[0]))


def _with(past: Past, edition: Edition, came: list[Arrival]) -> Past:
    told = [
        Told(sentence.text, edition.day, sentence.span.document, proof.revision)
        for item in edition.items
        for sentence, proof in zip(item.summary.sentences, item.proofs, strict=True)
    ]
    names = {arrival.document.id for arrival in came}
    on = {name: edition.day for item in edition.items for name in item.story.documents if name in names}
    says = {a.document.id: tuple(sentence.text for sentence in a.reading.sentences) for a in came}
    return replace(
        past,
        told=(*past.told, *told),
        members=(*(m for m in past.members if m.document not in names), *map(member_of, came)),
        told_on={**past.told_on, **on},
        stood={**past.stood, **says},
    )


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
