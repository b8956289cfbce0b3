"""Measure, and show the table: make bench, make bench ROWS="article long".

Each row runs in a process of its own. What was measured is kept in var/bench.json, and rows that are not asked for
stay as they were; the table goes into docs/performance.md.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.table.lines import Line, Measured, keep, kept, markdown, write
from benchmarks.table.machine import Machine

ROOT = Path(__file__).parents[2]
_KEPT = ROOT / "var" / "bench.json"
_PAGE = ROOT / "docs" / "performance.md"
#: By name, the function that measures a row; those that take minutes come last.
ROWS = {
    "starting": "benchmarks.table.starting:starting",
    "article": "benchmarks.table.reading:article",
    "long": "benchmarks.table.reading:long",
    "render": "benchmarks.table.rendering:render",
    "feeds": "benchmarks.table.feeds:feeds",
    "repeats": "benchmarks.table.sifting:repeats",
    "stories": "benchmarks.table.stories:stories",
    "run": "benchmarks.table.running:run",
    "celery": "benchmarks.table.running:celery",
    "compose": "benchmarks.table.composing:compose",
    "year": "benchmarks.table.year:year",
}
#: One thread a process: NumPy would take all cores where one is meant.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def main() -> None:
    """Measure the rows that are named, or all."""
    asked = sys.argv[1:] or list(ROWS)
    if unknown := [name for name in asked if name not in ROWS]:
        sys.exit(f"there is no row {unknown[0]!r}: {', '.join(ROWS)}")
    machine, failed = Machine.this(), False
    print(f"{machine}\n", flush=True)
    for name in asked:
        measured = _measured(name)
        failed |= measured is None
        if measured:
            found = kept(_KEPT) | {name: measured}
            keep(_KEPT, machine, [found[row] for row in ROWS if row in found])
            _show(measured)
    found = kept(_KEPT)
    write(_PAGE, markdown(machine, [found[row] for row in ROWS if row in found]))
    sys.exit(failed)


def _measured(name: str) -> Measured | None:
    """A row, measured in a process of its own; None if that failed."""
    before, began, at = os.getloadavg()[0], time.monotonic(), datetime.now(UTC)
    program = f"from benchmarks.table.__main__ import one; one({name!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ | _ENVIRONMENT, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        print(f"{name}: failed", flush=True)
        return None
    lines = tuple(Line(**line) for line in json.loads(done.stdout.splitlines()[-1]))
    load = (round(before, 1), round(os.getloadavg()[0], 1))
    return Measured(name, lines, at.isoformat(timespec="minutes"), load, round(time.monotonic() - began, 1))


def one(name: str) -> None:
    """Measure a row in this process, and print it as JSON."""
    module, _, function = ROWS[name].partition(":")
    lines = getattr(importlib.import_module(module), function)()
    print(json.dumps([asdict(line) for line in lines]))


def _show(measured: Measured) -> None:
    for line in measured.lines:
        work, ours, peer, goal, reached = line.cells()
        print(f"{measured.row:9} {work}: {ours}" + (f" | {peer}" if peer else ""))
        if goal:
            print(f"{'':9}   goal: {goal}: {reached.strip('*')}")
    print(f"{'':9}   {measured.seconds:.0f} s, load {measured.load[0]} to {measured.load[1]}", flush=True)


if __name__ == "__main__":
    main()
