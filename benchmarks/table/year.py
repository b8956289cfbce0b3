"""A simulated year: 200,000 documents and 365 editions, and what a run, a question and an edition cost on top of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.table import news
from benchmarks.table.composing import CONFIG, prepared
from benchmarks.table.lines import Line
from benchmarks.table.machine import Spent
from benchmarks.table.machine import run as run_program
from benchmarks.table.starting import UNBURY
from benchmarks.throughput import articles
from benchmarks.year import Year, rooms, settings
from worker.runtime import Runtime

DOCUMENTS, DAYS = 200_000, 365
_TODAY = 500  # seed files that come in on the day after
_ROUNDS = 3
_DAY = "2026-11-23"  # the day after the year


def year() -> list[Line]:
    """The same run, question and edition beside those on an empty database, each on a copy of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        size, written = live(folder / "full")
        articles(folder / "seeds", _TODAY)
        bases = {"empty": None, "year": folder / "full" / "unbury.db"}
        found = {name: _costs(folder / name, base) for name, base in bases.items()}
    lines = [
        Line(
            f"a database of {DOCUMENTS:,} documents (bytes a byte of text)", f"{size / written:.2f}", goal="at most 2",
            reached=size <= 2 * written, runs=1, figures={"ratio": size / written, "text_bytes": written / DOCUMENTS},
        )
    ]  # fmt: skip
    for work in ("run", "compose", "why"):
        empty, full_ = (median(spent.cpu for spent in found[name][work]) for name in ("empty", "year"))
        lines.append(
            Line(
                f"{_SAID[work]} on top of it (s)", f"{full_:.2f}", f"on an empty one {empty:.2f} ({full_ / empty:.2f} times)",
                "at most twice as slow", full_ <= 2 * empty, _ROUNDS, {"year_s": full_, "empty_s": empty},
            )
        )  # fmt: skip
    return lines


_SAID = {"run": f"unbury run on {_TODAY} seed files", "compose": "an edition over them", "why": "unbury why"}


def _costs(folder: Path, base: Path | None) -> dict[str, list[Spent]]:
    """What each work costs, some times."""
    found: dict[str, list[Spent]] = {"run": [], "compose": [], "why": []}
    seeds = folder.parent / "seeds"
    for turn in range(_ROUNDS):
        place = folder / f"run{turn}"
        prepared(place, base, CONFIG.replace("none", str(seeds)))
        found["run"].append(_unbury(place, "run", "--date", _DAY))
        found["why"].append(_unbury(place, "why", "https://wire0.example/0"))
        (place / "var" / "unbury.db").unlink()
        place = folder / f"compose{turn}"
        prepared(place, base)
        _unbury(place, "ingest", str(seeds))
        found["compose"].append(_unbury(place, "run", "--date", _DAY))
        (place / "var" / "unbury.db").unlink()
    return found


def _unbury(folder: Path, *command: str) -> Spent:
    return run_program([UNBURY, "--config", "unbury.toml", *command], folder)


def live(folder: Path) -> tuple[int, int]:
    """Make the year's database, day after day its documents and its edition. Gives bytes and bytes of text."""
    folder.mkdir()
    database_url = f"sqlite:///{folder / 'unbury.db'}"
    parts = Runtime(settings(database_url, folder))
    parts.database.upgrade()
    made = Year(parts, Path(news.DATA) if news.DATA else None, DOCUMENTS, DAYS)
    made.fill()
    size, _ = rooms(parts.database)
    parts.database.close()
    return size, made.bytes
