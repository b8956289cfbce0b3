"""What limits a row: python -m benchmarks.table.profiling article, and the lines that take most time of their own."""

from __future__ import annotations

import cProfile
import io
import pstats
import re
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from benchmarks.table import news, rendering, sifting
from worker.pipeline import Recipe, read
from worker.plugins import EXPORTERS
from worker.settings import Settings

_LINES = 8


def article() -> Callable[[], object]:
    """40 articles of 55 sentences."""
    made = [news.article(number, 55) for number in range(60)]
    _ = [read(one, Recipe()) for one in made[:20]]
    return lambda: [read(one, Recipe()) for one in made[20:]]


def long() -> Callable[[], object]:
    """A document of 1,000 sentences."""
    made = news.article(2, 1_000)
    read(news.article(1, 1_000), Recipe())
    return lambda: read(made, Recipe())


def repeats() -> Callable[[], object]:
    """20,000 sentences."""
    said, _ = sifting.sentences(20_000, chain(news.sentences(20_000), news.made(0)))
    return lambda: sifting.dropped(said)


def stories() -> Callable[[], object]:
    """10,000 documents."""
    from benchmarks.stories import members
    from benchmarks.table.stories import known
    from worker.stories.grouping import group

    given = members(10_000, known())
    return lambda: group(given)


def render() -> Callable[[], object]:
    """An edition of 12 stories in all forms."""
    made, other = rendering.edition(1), rendering.edition(2)
    exporters = [EXPORTERS.find(form)(Settings()) for form in rendering.FORMS]
    _ = [exporter.export(other) for exporter in exporters]
    return lambda: [exporter.export(made) for exporter in exporters]


def lines(work: Callable[[], object]) -> list[str]:
    """The calls, seconds of its own and seconds in all of what takes most, and its name."""
    profile, out = cProfile.Profile(time.process_time), io.StringIO()
    profile.runcall(work)
    pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(_LINES)
    head, _, rest = out.getvalue().partition("ncalls")
    seconds = re.search(r"in ([\d.]+) seconds", head)
    found = [line.split(maxsplit=5) for line in rest.splitlines()[1:] if line.strip()]
    root = f"{Path(__file__).parents[2]}/"
    return [f"{seconds[1] if seconds else '?'} s with the profiler"] + [
        f"{calls:>14} {own:>7} {whole:>7}  {re.sub('.*(?:site-packages|python3[.][0-9]+)/', '', name.replace(root, ''))}"
        for calls, own, _, whole, _, name in found
    ]


def main() -> None:
    """Print them."""
    known: dict[str, Callable[[], Callable[[], object]]] = {
        one.__name__: one for one in (article, long, repeats, stories, render)
    }
    for name in sys.argv[1:] or known:
        print(f"{name}: {known[name].__doc__}", *lines(known[name]()), sep="\n", flush=True)


if __name__ == "__main__":
    main()
