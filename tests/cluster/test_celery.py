"""The whole job through a real Celery worker on a real Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from celery import Celery

from tests.servers import redis_server
from worker.edition import Edition
from worker.store import backlog, documents, editions
from worker.store.database import Database

ROOT = Path(__file__).parents[2]
CONFIG = """
[sources.seeds]
path = "seeds/**/*.txt"
[digests.daily]
at = "00:00"
zone = "UTC"
"""
_PATIENCE = 90.0


@contextmanager
def celery(folder: Path, environment: dict[str, str], *command: str) -> Iterator[Path]:
    """A Celery program running in a folder; gives its log."""
    log = folder / f"{command[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "worker", *command],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield log
        finally:
            process.terminate()
            process.wait(30)


def until(asked: Iterator[object], log: Path) -> None:
    """Go on asking until the answer is true; after a time it is an error, with the log's end."""
    end = time.monotonic() + _PATIENCE
    while not next(asked):
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.3)


def test_the_whole_job(tmp_path: Path) -> None:
    """Seeds become a written edition by messages alone; the beat ticks; what is not due or forged does nothing."""
    shutil.copytree(ROOT / "seeds" / "sample", tmp_path / "seeds")
    (tmp_path / "unbury.toml").write_text(CONFIG)
    database = Database(f"sqlite:///{tmp_path / 'unbury.db'}")
    with ExitStack() as stack:
        broker = stack.enter_context(redis_server())
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "UNBURY_CONFIG": "unbury.toml",
            "UNBURY_BROKER_URL": broker,
            "UNBURY_DATABASE_URL": f"sqlite:///{tmp_path / 'unbury.db'}",
            "UNBURY_LOG__LEVEL": "info",
        }
        beat = stack.enter_context(celery(tmp_path, environment, "beat", "--schedule", "beat-schedule", "--pidfile="))
        log = stack.enter_context(celery(tmp_path, environment, "worker", "--concurrency", "2"))
        client = Celery(broker=broker)
        client.conf.update(
            broker_transport_options={"global_keyprefix": "unbury:"}, task_default_queue="tick", task_ignore_result=True
        )
        for name, key in (("ingest", "nobody"), ("compose", "forged/2026-11-23"), ("deliver", "../../etc/passwd")):
            client.send_task(f"unbury.{name}", args=[key], queue=name)
        client.send_task("unbury.resend", args=["forged stranger@example.com"], queue="deliver")

        until(_told(client, database), log)
        until(iter(lambda: b"unbury.tick" in beat.read_bytes(), None), beat)

    [edition] = _editions(database)
    with database.reading() as session:
        stored, _ = documents.count(session)
        assert backlog.troubled(session) == []
    assert (stored, len(edition.account)) == (24, 25)  # one of them is revised
    assert len(edition.items) == 11
    written = {path.name for path in (tmp_path / "out").glob("2*/*") if not path.name.startswith("story-")}
    assert written == {"digest.html", "digest.txt", "digest.md", "digest.json", "digest.epub"}


def _told(client: Celery, database: Database) -> Iterator[bool]:
    """Tick and look whether an edition is delivered."""
    while True:
        client.send_task("unbury.tick", queue="tick")
        time.sleep(1)
        try:
            made = _editions(database)
        except Exception:  # noqa: BLE001  # the worker has not made the tables yet
            made = []
        with database.reading() as session:
            yield bool(made) and all(d.status == "sent" for e in made for d in editions.deliveries(session, e.id))


def _editions(database: Database) -> list[Edition]:
    with database.reading() as session:
        latest = editions.latest(session, "daily")
        return editions.of_day(session, "daily", latest.day) if latest else []
