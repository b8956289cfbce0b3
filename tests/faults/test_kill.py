"""A kill -9 at any moment of a run loses nothing and doubles nothing.

Seen red against a naive variant (what is saved, the job's end and the jobs that follow in
transactions of their own): 7 of 100 killed runs ended in other rows.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = """
[sources.seeds]
path = "seeds/**/*.txt"
[digests.daily]
zone = "UTC"
stories = 6
"""
#: Clocks, attempts and the run log may differ after a kill, nothing else.
PASSING = {
    *("first_seen", "arrived", "not_before", "finished", "lease_until", "next_check"),
    *("attempt", "token", "holder"),
}


class Nursery:
    """The warmed process, asked by pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, folder: Path, kill_after: float | None = None) -> dict[str, Any]:
        """One run in a folder, killed after so many seconds unless it has ended."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"folder": str(folder), "kill_after": kill_after}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """A warmed process for all trials."""
    command = [sys.executable, str(Path(__file__).with_name("nursery.py"))]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


def home(folder: Path) -> Path:
    """A folder with a configuration and a day of seeds."""
    (folder / "seeds").mkdir(parents=True)
    (folder / "unbury.toml").write_text(CONFIG)
    for file in sorted((ROOT / "seeds" / "sample").glob("20261118*.txt")):
        shutil.copy(file, folder / "seeds")
    return folder


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables but the run log, without what a clock or a second attempt changes."""
    with closing(sqlite3.connect(folder / "var" / "unbury.db")) as database:
        database.row_factory = sqlite3.Row
        names = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {n: [dict(r) for r in database.execute(f"SELECT * FROM {n}")] for n in names if n != "run"}  # noqa: S608  # names of our own tables
    # A batch whose reading was cut off is split: its jobs may differ, but all of them are done.
    tables["job"] = [job for job in tables["job"] if (job["kind"], job["state"]) != ("read", "done")]
    lasting = {n: [{k: v for k, v in row.items() if k not in PASSING} for row in t] for n, t in tables.items()}
    return {name: sorted(table, key=repr) for name, table in lasting.items() if name != "sqlite_sequence"}


def files(folder: Path) -> dict[str, bytes]:
    """What was written for the reader."""
    found = sorted((folder / "out").rglob("*"))
    return {str(f.relative_to(folder)): f.read_bytes() for f in found if f.is_file() and not f.name.startswith(".")}


def survives(nursery: Nursery, tmp_path: Path, trials: int, seed: int) -> None:
    """Kill so many runs at random moments, every other one twice, and compare with a calm one."""
    calm = home(tmp_path / "calm")
    whole = nursery.run(calm)
    assert whole["status"] == 0
    expected_rows, expected_files = rows(calm), files(calm)
    assert len(expected_rows["document"]) == 8
    assert {"out/2026-11-23/digest.json", "out/index.html", "out/latest/digest.html"} <= expected_files.keys()
    chance = random.Random(seed)
    for trial in range(trials):
        folder = cut_short(nursery, tmp_path / f"trial-{trial}", chance, whole["seconds"])
        if trial % 2:
            nursery.run(folder, chance.uniform(0, whole["seconds"]))
        assert nursery.run(folder)["status"] == 0
        assert rows(folder) == expected_rows
        assert files(folder) == expected_files
        shutil.rmtree(folder)


def cut_short(nursery: Nursery, folder: Path, chance: random.Random, seconds: float) -> Path:
    """A folder in which a run was really killed before its end."""
    while not nursery.run(home(folder), chance.uniform(0, seconds))["killed"]:
        shutil.rmtree(folder)
    return folder


def test_ten_random_moments(nursery: Nursery, tmp_path: Path) -> None:
    """After ten runs killed at random the next run ends in the rows and files of an undisturbed one."""
    survives(nursery, tmp_path, trials=10, seed=20261123)


@pytest.mark.faults
def test_a_hundred_random_moments(nursery: Nursery, tmp_path: Path) -> None:
    """The same for a hundred runs, half of them killed twice."""
    survives(nursery, tmp_path, trials=100, seed=7)
