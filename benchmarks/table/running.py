"""Running: 2,000 seed files from cold, by one command and by Celery with two workers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.table import peers
from benchmarks.table.lines import Line
from benchmarks.table.machine import Spent, spent
from benchmarks.table.machine import run as run_program
from benchmarks.table.starting import UNBURY
from benchmarks.throughput import articles, cluster
from worker.fetched import SourceState
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles
from worker.text.sentences import split

NUMBER = 2_000
_ROUNDS = 3  # a quarter of a minute each
_CONFIG = '[sources.seeds]\npath = "seeds"\n[digests.daily]\nzone = "UTC"\n'


def run() -> list[Line]:
    """`unbury run` as a user starts it, on both cores; sumy's LexRank alone on the same files, on one."""
    with tempfile.TemporaryDirectory() as place:
        seeds = Path(place) / "seeds"
        articles(seeds, NUMBER)
        found = [_once(Path(place) / str(number), seeds, "run") for number in range(_ROUNDS)]
        fetched = SeedFiles("seeds", SourceSettings(path=str(seeds))).fetch(SourceState())
        given = [split(one) for one in fetched.documents]
    sumy = spent(lambda: [peers.sumy_lexrank(one) for one in given]).cpu
    wall, cpu, memory = median(s.wall for s in found), median(s.cpu for s in found), max(s.memory for s in found)
    return [
        Line(
            f"unbury run on {NUMBER:,} seed files (documents a second)",
            f"{NUMBER / wall:.0f} ({wall:.1f} s, {cpu:.1f} s of processors, {memory:.0f} MB)",
            f"sumy's LexRank alone {NUMBER / sumy:.0f} on one core",
            "at least 150, at most 400 MB", NUMBER / wall >= 150 and memory <= 400, _ROUNDS,
            {"wall_s": wall, "cpu_s": cpu, "memory_mb": memory, "sumy_s": sumy},
        )
    ]  # fmt: skip


def _once(folder: Path, seeds: Path, *command: str) -> Spent:
    """A command in a folder of its own, where nothing was done before."""
    folder.mkdir()
    (folder / "unbury.toml").write_text(_CONFIG)
    (folder / "seeds").symlink_to(seeds)
    return run_program([UNBURY, "--config", "unbury.toml", *command], folder)


def celery() -> list[Line]:
    """Processor seconds a document, of the workers beside `unbury ingest`: both take in and read, and tell nothing.

    What starting costs is left out: of the workers what they used until they were ready, of the command what it
    takes for one file. PostgreSQL and Redis are not counted.
    """
    with tempfile.TemporaryDirectory() as place:
        seeds, few = Path(place) / "seeds", Path(place) / "few"
        articles(seeds, NUMBER)
        articles(few, 1)
        found = [_three(Path(place) / str(number), seeds, few) for number in range(_ROUNDS)]
    own, one, two = ([Spent(*values) for values in turn] for turn in zip(*found, strict=True))
    plain, used = _each(own), _each(two)
    return [
        Line(
            f"Celery, 2 processes, PostgreSQL: {NUMBER:,} seed files (ms of processors a document)",
            f"{used:.1f} ({NUMBER / _wall(two):.0f} documents a second)", f"unbury ingest, SQLite {plain:.1f}",
            "at most 3 more", used - plain <= 3, _ROUNDS,
            {"cpu_ms": used, "plain_ms": plain, "wall_s": _wall(two)},
        ),
        Line(
            "the same with 1 process", f"{_each(one):.1f} ({NUMBER / _wall(one):.0f} documents a second)",
            runs=_ROUNDS, figures={"cpu_ms": _each(one), "wall_s": _wall(one)},
        ),
    ]  # fmt: skip


def _three(folder: Path, seeds: Path, few: Path) -> list[tuple[float, float]]:
    """Seconds on the clock and of processors: of the command without its start, and of 1 and 2 worker processes."""
    folder.mkdir()
    whole, start = (_once(folder / given.name, given, "ingest", "seeds/") for given in (seeds, few))
    found = [(whole.wall - start.wall, whole.cpu - start.cpu)]
    for processes in (1, 2):
        (folder / str(processes)).mkdir()
        found.append(cluster(folder / str(processes), seeds, processes, NUMBER))
    return found


def _each(found: Sequence[Spent]) -> float:
    """Milliseconds of processors a document."""
    return 1000 * median(one.cpu for one in found) / NUMBER


def _wall(found: Sequence[Spent]) -> float:
    return median(one.wall for one in found)
