"""A small cluster for fault tests: real Celery workers on a real Redis and a real database, and ways to hurt them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from celery import Celery

from worker.errors import UnburyError
from worker.store import backlog
from worker.store.database import Database

ROOT = Path(__file__).parents[2]
#: Limits in seconds, short enough that a test sees a lease end.
LIMITS = {"INGEST": "4s", "READ": "8s", "COMPOSE": "15s", "DELIVER": "15s", "PRUNE": "8s"}
QUEUES = "tick,ingest,read,compose,deliver,prune"


class Fleet:
    """Workers in a folder; a thread ticks for them every second."""

    def __init__(self, folder: Path, database_url: str, broker: str, wells: Mapping[str, str], **more: str) -> None:
        """Nothing runs yet. `wells` are sources by name, and what each does; `more` are variables of the environment."""
        self.folder, self.broker = folder, broker
        self.database = Database(database_url)
        self.database.ready()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.starts = folder / "starts"
        sources = [
            f'[sources.{n}]\nkind = "tests.faults.wells:Well"\npath = "{does}"\nevery = "30d"'
            for n, does in wells.items()
        ]
        digests = '[digests.daily]\nzone = "UTC"\nat = "00:00"\nstories = 6'
        (folder / "unbury.toml").write_text("\n".join([*sources, digests]))
        limits = {f"UNBURY_LIMITS__{kind}": limit for kind, limit in LIMITS.items()}
        self.environment = os.environ | limits | {
            "PYTHONPATH": str(ROOT),
            "UNBURY_CONFIG": "unbury.toml",
            "UNBURY_BROKER_URL": broker,
            "UNBURY_DATABASE_URL": database_url,
            "UNBURY_LOG__LEVEL": "info",
            "WELL_STARTS": str(self.starts),
            "OPENBLAS_NUM_THREADS": "1",
            **more,
        }  # fmt: skip
        self._stop = threading.Event()
        self._ticking = threading.Thread(target=self._tick, daemon=True)

    def _tick(self) -> None:
        client = Celery(broker=self.broker)
        client.conf.update(
            broker_transport_options={"global_keyprefix": "unbury:", "socket_timeout": 2, "socket_connect_timeout": 1},
            task_default_queue="tick",
            task_ignore_result=True,
            task_publish_retry=False,
        )
        while not self._stop.wait(1.0):
            with suppress(Exception):
                client.send_task("unbury.tick", queue="tick")
        client.close()

    def tick(self) -> None:
        """Begin to tick."""
        self._ticking.start()

    def start(self, processes: int = 2, name: str = "") -> subprocess.Popen[bytes]:
        """One worker more."""
        named = name or f"w{len(self.workers)}-{time.monotonic_ns()}"
        options = [
            "-Q",
            QUEUES,
            "-n",
            f"{named}@%h",
            "--concurrency",
            str(processes),
            "--without-mingle",
            "--without-gossip",
        ]
        with (self.folder / "log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "worker", "worker", *options],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def children(self, worker: subprocess.Popen[bytes]) -> list[int]:
        """The pool's processes of a worker."""
        with suppress(FileNotFoundError):
            return [int(child) for child in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]
        return []

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill -9 of a worker and all its processes."""
        for process in [*self.children(worker), worker.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        worker.wait()
        self.workers.remove(worker)

    def until(self, what: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until it is true; after a time it is an error, with the log's end."""
        end = time.monotonic() + seconds
        while not self._asked(what):
            assert time.monotonic() < end, f"{self.states()}\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def _asked(self, what: Callable[[], object]) -> object:
        try:
            return what()
        except UnburyError:  # the database is away
            return False

    def states(self) -> dict[str, dict[str, int]]:
        """How many jobs there are of each kind in each state."""
        with self.database.reading() as session:
            return backlog.census(session)

    def started(self, well: str) -> int:
        """How often a well was asked."""
        return self.starts.read_text().split().count(well) if self.starts.exists() else 0

    def log(self) -> str:
        """What the workers said."""
        return (self.folder / "log").read_text(errors="replace")

    def rows(self, query: str) -> list[Any]:
        """What the database answers."""
        from sqlalchemy import text

        with self.database.reading() as session:
            return list(session.execute(text(query)))

    def drawn(self) -> dict[str, int]:
        """How many documents each well gave."""
        return dict(self.rows("SELECT source, count(*) FROM document GROUP BY source"))

    def close(self) -> None:
        """End everything."""
        self._stop.set()
        for worker in list(self.workers):
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGCONT)
            self.kill(worker)
        if self._ticking.is_alive():
            self._ticking.join(10)
        self.database.close()


@contextmanager
def fleet(
    folder: Path, database_url: str, broker: str, wells: Iterable[str] | Mapping[str, str], **more: str
) -> Iterator[Fleet]:
    """A fleet that ticks and has no worker yet."""
    named = wells if isinstance(wells, Mapping) else dict.fromkeys(wells, "")
    made = Fleet(folder, database_url, broker, named, **more)
    made.tick()
    try:
        yield made
    finally:
        made.close()
