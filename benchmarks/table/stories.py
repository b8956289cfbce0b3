"""Stories: what it costs to place one document more among 50,000 of the window."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stories import members, portraits
from benchmarks.table import news
from benchmarks.table.lines import Line
from benchmarks.table.machine import exponent
from worker.model import Sketch

_SIZES = (5_000, 10_000, 20_000, 50_000)
_ROOT = Path(__file__).parents[2]
_SOURCES = 4_000


def stories() -> list[Line]:
    """All documents are grouped, in a process of its own for each size, on one core."""
    found = [_in_a_process(size) for size in _SIZES]
    each = [1000 * one["seconds"] / one["size"] for one in found]
    grows = exponent(_SIZES, [one["seconds"] for one in found])
    said = ", ".join(f"{size:,}: {one['seconds']:.1f} s" for size, one in zip(_SIZES, found, strict=True))
    last = found[-1]
    return [
        Line(
            "place a document among 50,000 (ms)", f"{each[-1]:.2f}", goal="at most 1", reached=each[-1] <= 1, runs=1,
            figures={"each_ms": each[-1], "peak_mb": last["peak"]},
        ),
        Line(
            "growth from 5,000 to 50,000 documents", f"n^{grows:.2f} ({said})", goal="at most n^1.2",
            reached=grows <= 1.2, runs=1,
            figures={"exponent": grows, **{f"{one['size']}_s": one["seconds"] for one in found}},
        ),
    ]  # fmt: skip


def _in_a_process(size: int) -> dict[str, float]:
    program = f"from benchmarks.table.stories import one; one({size})"
    done = subprocess.run([sys.executable, "-c", program], cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(size: int) -> None:
    """Group so many documents in this process, and print what that took."""
    from benchmarks.stories import measured
    from benchmarks.table.machine import pin

    pin()
    print(json.dumps(measured(members(size, known()))))


def known() -> list[tuple[str, Sketch]]:
    """Sketches to make documents from, each with its language."""
    if news.DATA:
        return portraits(Path(news.DATA))
    when = datetime(2026, 11, 16, tzinfo=UTC)
    made = (news.came_in(report, number, when) for number, report in enumerate(news.reports(_SOURCES)))
    return [("en", news.reading(one, "").sketch) for one in made]
