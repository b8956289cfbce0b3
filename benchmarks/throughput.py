"""Articles to take in, as seed files, and a cluster that takes them in and reads them.

Articles are generated: a title, a date, an address, paragraphs out of order, some of them copied. The
workers are up before the clock starts; PostgreSQL and Redis share the machine's cores with them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from benchmarks.table.machine import family, processor_seconds
from tests.postgres import postgres_server
from tests.servers import redis_server
from worker.store.database import Database

ROOT = Path(__file__).parents[1]
_WORDS = (
    "harbour council ferry engine winter market bridge engineer school river captain storm budget museum village "
    "hospital orchard railway library teacher minister fishermen warehouse festival lighthouse factory reservoir"
).split()
_VERBS = "repaired closed opened delayed praised sold flooded rebuilt inspected funded abandoned celebrated".split()


def articles(folder: Path, number: int) -> None:
    """So many seed files, each of 12 to 30 sentences in paragraphs that are shuffled and partly repeated."""
    chance = random.Random(7)
    folder.mkdir()
    for article in range(number):
        paragraphs = [
            " ".join(_sentence(chance) for _ in range(chance.randint(2, 4))) for _ in range(chance.randint(6, 9))
        ]
        paragraphs += chance.sample(paragraphs, 2)
        chance.shuffle(paragraphs)
        head = [
            _sentence(chance).rstrip("."),
            f"202611{chance.randint(10, 22)}",
            f"https://wire{article % 40}.example/{article}",
        ]
        (folder / f"{article:05}.txt").write_text("\n".join([*head, *paragraphs]) + "\n")


def _sentence(chance: random.Random) -> str:
    a, b, c = chance.sample(_WORDS, 3)
    number = chance.randint(2, 900)
    town, verb = chance.choice(_WORDS).title(), chance.choice(_VERBS)
    return f"The {a} of {town} {verb} the {b} after {number} days of talks with the {c}."


def cluster(folder: Path, seeds: Path, processes: int, number: int) -> tuple[float, float]:
    """Seconds on the clock and of the workers' processors, from when they are ready until all is read."""
    with postgres_server() as server, redis_server() as broker:
        url = server.fresh()
        (folder / "unbury.toml").write_text(
            f'[sources.seeds]\npath = "{seeds}"\n[digests.daily]\nzone = "UTC"\nat = "23:59"\n'
        )
        environment = os.environ | {
            "PYTHONPATH": str(ROOT), "UNBURY_CONFIG": "unbury.toml", "UNBURY_DATABASE_URL": url,
            "UNBURY_BROKER_URL": broker, "OPENBLAS_NUM_THREADS": "1", "UNBURY_LOG__LEVEL": "info",
        }  # fmt: skip
        options = ["-Q", "ingest,read", "--concurrency", str(processes), "--without-mingle", "--without-gossip"]
        with (folder / "log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "worker", "worker", *options],
                cwd=folder, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        while " ready." not in (folder / "log").read_text():
            time.sleep(0.1)
        began, before = time.monotonic(), processor_seconds(family(worker.pid))
        asked = [sys.executable, "-m", "celery", "-A", "worker", "call", "unbury.ingest", "--args", '["seeds"]']
        subprocess.run(asked, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        database = Database(url)
        while _read(database) < number:
            time.sleep(0.1)
        wall, cpu = time.monotonic() - began, processor_seconds(family(worker.pid)) - before
        database.close()
        worker.send_signal(signal.SIGTERM)
        worker.wait()
    return wall, cpu


def _read(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(text("SELECT count(*) FROM reading")) or 0
