"""Composing: an edition out of 5,000 and of 20,000 documents that were read and are not told yet."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.table import news
from benchmarks.table.lines import Line
from benchmarks.table.machine import Spent
from benchmarks.table.machine import run as run_program
from benchmarks.table.starting import UNBURY
from worker.pipeline import Recipe
from worker.runtime import clock
from worker.store import documents, readings
from worker.store.database import Database

_ALLOWED = {5_000: 10.0, 20_000: 60.0}
_ROUNDS = {5_000: 3, 20_000: 1}  # up to a minute each
_PORTION = 500
#: Its one source has nothing: what is told is in the database already.
CONFIG = '[sources.seeds]\npath = "none"\n[digests.daily]\nzone = "UTC"\n'


def compose() -> list[Line]:
    """`unbury run` with nothing to take in: all that was read is loaded, told, and written in the usual forms."""
    found = []
    for number, allowed in _ALLOWED.items():
        with tempfile.TemporaryDirectory() as place:
            stock(Path(place) / "full.db", number, clock())
            times = [told(Path(place) / str(turn), Path(place) / "full.db") for turn in range(_ROUNDS[number])]
        wall, cpu, memory = (median(s.wall for s in times), median(s.cpu for s in times), max(s.memory for s in times))
        found.append(
            Line(
                f"compose an edition over {number:,} documents (s)", f"{cpu:.1f}, {memory:.0f} MB",
                goal=f"at most {allowed:.0f}, 600 MB", reached=cpu <= allowed and memory <= 600, runs=_ROUNDS[number],
                figures={"cpu_s": cpu, "wall_s": wall, "memory_mb": memory},
            )
        )  # fmt: skip
    return found


def told(folder: Path, full: Path) -> Spent:
    """What an edition costs out of a copy of a database."""
    prepared(folder, full)
    return run_program([UNBURY, "--config", "unbury.toml", "run"], folder)


def prepared(folder: Path, full: Path | None, config: str = CONFIG) -> None:
    """A folder with a configuration and a copy of a database."""
    (folder / "none").mkdir(parents=True)
    (folder / "var").mkdir()
    (folder / "unbury.toml").write_text(config)
    if full:
        (folder / "out").mkdir()
        (folder / "out" / "index.html").touch()  # its archive is there: an empty one would be filled first
        shutil.copyfile(full, folder / "var" / "unbury.db")


def stock(file: Path, number: int, now: datetime) -> None:
    """Make a database with so many documents of the last day, read and not told."""
    database, recipe = Database(f"sqlite:///{file}"), Recipe().id
    database.upgrade()
    portion: list[list[str]] = []
    for place, report in enumerate(news.reports(number, size=(12, 30)), start=1):
        portion.append(report)
        if len(portion) == _PORTION or place == number:
            first = place - len(portion)
            came = [
                news.came_in(one, first + n, now - timedelta(seconds=80_000 * (first + n) / number))
                for n, one in enumerate(portion)
            ]
            with database.writing() as session:
                documents.add(session, came, now)
                readings.keep(session, [news.reading(one, recipe) for one in came])
            portion = []
    database.close()
