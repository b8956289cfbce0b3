"""One digest to many readers through a real mail server: seconds, mails a second, our CPU; beside a naive loop.

    python -m benchmarks.mailing [READERS]

The mail server is a process of its own on this machine and shares its cores, as PostgreSQL does. The naive
loop makes, connects and sends for each reader, and remembers nothing; it sends to a twentieth of them. Here it
is the faster one: to this machine a connection costs nothing, and it pays for no transaction.
"""

from __future__ import annotations

import os
import smtplib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from tests.postgres import postgres_server
from tests.sink import Postbox, postbox
from worker import logs
from worker.delivery.letter import letter
from worker.edition import Edition
from worker.model import Job, Subscriber
from worker.queue import deliveries, working
from worker.runtime import Runtime
from worker.services.compose import compose_job
from worker.settings import DigestSettings, LogSettings, Settings, SmtpSettings, SourceSettings
from worker.store import editions, jobs

ROOT = Path(__file__).parents[1]


def runtime(folder: Path, url: str, port: int, readers: int) -> Runtime:
    """The sample week, read and not told yet."""
    addresses = tuple(f"reader{number}@example.net" for number in range(readers))
    settings = Settings(
        database_url=SecretStr(url),
        out=folder / "out",
        sources={"sample": SourceSettings(path=str(ROOT / "seeds" / "sample"))},
        digests={"daily": DigestSettings(zone="UTC", subscribers=addresses)},
        smtp=SmtpSettings(host="127.0.0.1", port=port, security="none"),
    )
    parts = Runtime(settings)
    parts.database.ready()
    with parts.database.writing() as session:
        jobs.wake(session, [Job("ingest", "sample")], parts.now())
    while working.work(parts, ["ingest", "read"]):
        pass
    return parts


@contextmanager
def measured(what: str, mails: int) -> Iterator[None]:
    """Print how long it took."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(f"{what:<36}{mails:>7} mails {wall:8.1f} s {mails / wall:8.0f} a second {cpu:8.1f} s CPU of ours", flush=True)


def mailed(parts: Runtime, box: Postbox, name: str, readers: int) -> Edition:
    """Make the edition and send it."""
    with parts.database.writing() as session:
        jobs.insert(session, [compose_job("daily", parts.now().date(), 1)], parts.now())
    with measured(f"{name}: composing", readers):
        while working.work(parts, ["compose"]):
            pass
    connections = parts.settings.smtp.connections
    with measured(f"{name}: sending, {connections} connections", readers):
        deliveries.hand_out(parts, lambda _: None)
    parts._deliverers.clear()  # hangs up
    taken = box.emptied()
    assert len(taken) == readers == len({to for to, *_ in taken}), len(taken)
    with parts.database.reading() as session:
        edition = editions.latest(session, "daily")
        assert edition
        assert editions.on_the_way(session) == {"sent": readers + 1, "doubts": 0}
    return edition


def naive(parts: Runtime, box: Postbox, edition: Edition, readers: int) -> None:
    """Make, connect, send, for each."""
    smtp = parts.settings.smtp
    with measured("naive: make, connect, send for each", readers):
        for number in range(readers):
            address = f"reader{number}@example.net"
            to = Subscriber("mail", address, ("mail",), f"mailto:unbury@localhost?subject={number}")
            packed = letter([parts.exporter("mail").export(edition)], smtp.sender, to)
            with smtplib.SMTP(smtp.host, smtp.port) as server:
                server.sendmail("unbury@localhost", [address], packed)
    assert len(box.emptied()) == readers


def main() -> None:
    readers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    logs.configure(LogSettings(level="error"))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, postbox() as box, postgres_server() as server:
        parts = runtime(Path(folder), f"sqlite:///{folder}/unbury.db", box.port, readers)
        edition = mailed(parts, box, "SQLite", readers)
        naive(parts, box, edition, max(readers // 20, 1))
        parts.database.close()
        parts = runtime(Path(folder), server.fresh(), box.port, readers)
        mailed(parts, box, "PostgreSQL", readers)
        parts.database.close()


if __name__ == "__main__":
    main()
