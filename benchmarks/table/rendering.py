"""Rendering: an edition of 12 stories in all its forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.table import news
from benchmarks.table.lines import Line
from benchmarks.table.machine import alternately, pin
from tests.builders import digest
from worker.digest.edition import Dateline
from worker.edition import Edition, Past
from worker.model import Arrival, Rendition
from worker.pipeline import Recipe, compose
from worker.plugins import EXPORTERS
from worker.settings import Settings

FORMS = ("text", "markdown", "html", "json", "mail", "atom", "epub")
_NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)
_RECIPE = Recipe()


def render() -> list[Line]:
    """One edition after the other, no two with the same stories."""
    pin()
    made = [edition(number) for number in range(6)]
    assert all(len(one.items) == 12 for one in made)
    exporters = {form: EXPORTERS.find(form)(Settings()) for form in FORMS}
    for exporter in exporters.values():
        exporter.export(made[5])

    def write(export: Callable[[Edition], Rendition], number: int) -> Rendition:
        return export(made[number])

    took = [1000 * seconds for seconds in alternately(5, *(partial(write, exporters[form].export) for form in FORMS))]
    each = ", ".join(f"{form} {ms:.1f}" for form, ms in zip(FORMS, took, strict=True))
    figures = dict(zip(FORMS, took, strict=True))
    return [
        Line(
            "an edition of 12 stories in all 7 forms (ms)", f"{sum(took):.0f} ({each})", goal="at most 100",
            reached=sum(took) <= 100, figures={**figures, "all_ms": sum(took)},
        )
    ]  # fmt: skip


def edition(number: int, documents: int = 150) -> Edition:
    """An edition of so many documents of one morning."""
    arrivals = []
    for place, report in enumerate(news.reports(documents, seed=number)):
        when = _NOW - timedelta(minutes=place)
        came = news.came_in(report, place, when)
        arrivals.append(Arrival(came, news.reading(came, _RECIPE.id), when))
    return compose(digest(), Dateline(_NOW.date(), 1, _NOW), arrivals, Past(), _RECIPE)
