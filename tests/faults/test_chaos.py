"""Everything at once: 500 jobs while workers, Redis and the database are killed. Nothing is lost, nothing doubled.

Naive, plain Celery tasks, same kills: 274 of 500 lost with the defaults, 310 with late acks.
CHAOS_SEEDS=5 runs five seeds on each database (one otherwise).
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import redis

from tests.faults.fleet import Fleet, fleet
from tests.postgres import PostgresServer, postgres_server
from tests.servers import free_port, redis_server
from tests.sink import smtp_sink

pytestmark = pytest.mark.faults
_JOBS, _CHAOS = 500, 30.0
#: Seconds after the chaos in which all must be done: leases (16.5 s at most here), backoff, and the rest of the work.
_AFTER = 150.0
_SEEDS = range(1, 1 + int(os.environ.get("CHAOS_SEEDS", "1")))
_READERS = [f"reader{number}@example.org" for number in range(5)]


class Broker:
    """A Redis with a memory, which can be killed and brought back on its port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.options = ("--appendonly", "yes", "--appendfsync", "everysec", "--dir", str(folder))
        self._stack = ExitStack()
        self.url = ""
        self.start()

    def start(self) -> None:
        """Bring it back, with what its file remembers."""
        self.url = self._stack.enter_context(redis_server(*self.options, port=self.port))

    def process(self) -> int:
        """Its process id."""
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        number: int = client.info()["process_id"]
        client.close()
        return number

    def kill(self) -> None:
        """Kill -9."""
        os.kill(self.process(), signal.SIGKILL)
        self.close()

    def wipe(self) -> None:
        """Make it forget everything."""
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        client.flushall()
        client.close()

    def freeze(self, seconds: float) -> None:
        """Stop it for a while where it stands."""
        process = self.process()
        os.kill(process, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(process, signal.SIGCONT)

    def close(self) -> None:
        """End it."""
        self._stack.close()
        self._stack = ExitStack()


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_chaos(tmp_path: Path, kind: str, seed: int) -> None:
    """500 jobs, 1 % of them long, two workers of two processes, and half a minute of kills."""
    chance = random.Random(seed)
    wells = {f"w{number:03}": "slow 2" if number % 100 == 50 else "slow 0.05" for number in range(_JOBS)}
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server()) if kind == "postgresql" else None
        url = server.fresh() if server else f"sqlite:///{tmp_path / 'unbury.db'}"
        (tmp_path / "redis").mkdir()
        broker = Broker(tmp_path / "redis")
        stack.callback(broker.close)
        sink = stack.enter_context(smtp_sink())
        mail = {
            "UNBURY_SMTP__HOST": "127.0.0.1",
            "UNBURY_SMTP__PORT": str(sink.port),
            "UNBURY_SMTP__SECURITY": "none",
            "UNBURY_DIGESTS__DAILY__SUBSCRIBERS": str(_READERS).replace("'", '"'),
        }
        ours = stack.enter_context(fleet(tmp_path, url, broker.url, wells, **mail))
        _rage(ours, broker, server, chance)
        calm = time.monotonic()
        ours.until(lambda: _all_is_told(ours), _AFTER)
        print(f"chaos {kind} seed {seed}: done {time.monotonic() - calm:.1f} s after it, {_starts(ours)} starts")

        assert ours.drawn() == dict.fromkeys(wells, 1)
        assert ours.rows("SELECT count(*) FROM job WHERE state = 'dead'") == [(0,)]
        assert ours.rows("SELECT count(*), count(DISTINCT document) FROM disposition") == [(_JOBS, _JOBS)]
        [(sent, doubts)] = ours.rows(
            "SELECT count(*), sum(doubts) FROM delivery WHERE channel = 'mail' AND status = 'sent'"
        )
        assert sent == len(_READERS) * ours.rows("SELECT count(*) FROM edition WHERE stories > 0")[0][0]
        assert len({(taken.recipients, taken.content) for taken in sink.messages}) == sent
        assert sent <= len(sink.messages) <= sent + doubts


def _rage(ours: Fleet, broker: Broker, server: PostgresServer | None, chance: random.Random) -> None:
    for _ in range(2):
        ours.start()
    time.sleep(4)
    end = time.monotonic() + _CHAOS
    what = ["child", "child", "worker", "redis", "wipe", "freeze", *(["database"] if server else ["child"])]
    while time.monotonic() < end:
        time.sleep(chance.uniform(1.5, 3.0))
        match what[0]:
            case "child":
                _kill_a_child(ours, chance)
            case "worker":
                ours.kill(chance.choice(ours.workers))
                ours.start()
            case "redis":
                broker.kill()
                broker.start()
            case "wipe":
                broker.wipe()
            case "freeze":
                broker.freeze(2.0)
            case _:
                assert server
                server.kill()
                server.start()
        what = [*what[1:], what[0]]


def _kill_a_child(ours: Fleet, chance: random.Random) -> None:
    children = [child for worker in ours.workers for child in ours.children(worker)]
    if children:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(children), signal.SIGKILL)


def _all_is_told(ours: Fleet) -> bool:
    """Whether every document is accounted for and every delivery made; late ones get an edition of their own."""
    if len(ours.drawn()) < _JOBS or ours.rows("SELECT count(*) FROM job WHERE kind = 'read' AND state <> 'done'")[0][0]:
        return False
    if ours.rows("SELECT count(*) FROM disposition")[0][0] < _JOBS:
        _compose(ours)
        return False
    return not ours.rows("SELECT id FROM delivery WHERE status <> 'sent'")


def _compose(ours: Fleet) -> None:
    from pydantic import SecretStr

    from worker.queue import byhand
    from worker.runtime import Runtime
    from worker.settings import DigestSettings, Settings

    url = ours.environment["UNBURY_DATABASE_URL"]
    settings = Settings(database_url=SecretStr(url), digests={"daily": DigestSettings(zone="UTC")})
    parts = Runtime(settings)
    byhand.asked(parts, "compose", "daily")
    parts.database.close()


def _starts(ours: Fleet) -> int:
    return len(ours.starts.read_text().split())
