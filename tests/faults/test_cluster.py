"""Workers are killed, frozen and fed with garbage: each job is done once.

The figures of the naive variants are in docs/reliability.md, with those of ours.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from tests.faults.fleet import fleet
from tests.servers import redis_server
from worker.store import backlog, jobs

pytestmark = pytest.mark.faults


def test_a_killed_child_s_job_is_done_once(tmp_path: Path, database_url: str) -> None:
    """Kill -9 of the process that does a job: it is done once, by another. Naive, Celery's defaults: lost."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, {"a": "slow 2", "b": ""}) as ours:
        worker = ours.start()
        ours.until(lambda: ours.started("a"))
        for child in ours.children(worker):
            os.kill(child, signal.SIGKILL)
        ours.until(lambda: ours.drawn() == {"a": 1, "b": 1})
        assert worker.poll() is None


def test_a_killed_worker_s_job_is_done_once(tmp_path: Path, database_url: str) -> None:
    """Kill -9 of a worker in the middle of a job, another one ends it. Naive, late acks only: hidden for an hour."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, {"a": "slow 2"}) as ours:
        worker = ours.start()
        ours.until(lambda: ours.started("a"))
        ours.kill(worker)
        ours.start()
        ours.until(lambda: ours.drawn() == {"a": 1})


def test_messages_that_vanish_are_sent_again(tmp_path: Path, database_url: str) -> None:
    """Redis is wiped, or a message lost on its way: the tick rings again. Naive: all 100 queued tasks lost."""
    wells = [f"w{number}" for number in range(100)]
    with redis_server() as broker, fleet(tmp_path, database_url, broker, wells) as ours:
        ours.start()
        client = redis.Redis.from_url(broker)
        ours.until(lambda: len(ours.drawn()) > 5)
        for _ in range(3):
            client.flushall()
            time.sleep(0.5)
        client.close()
        ours.until(lambda: ours.drawn() == dict.fromkeys(wells, 1))


def test_a_task_that_kills_its_worker_is_given_up(tmp_path: Path, database_url: str) -> None:
    """Three starts, then it is dead and says why; the others are done. Naive, reject_on_worker_lost: 121 a minute."""
    wells = {"bad": "suicide"} | {f"good{number}": "" for number in range(10)}
    with redis_server() as broker, fleet(tmp_path, database_url, broker, wells) as ours:
        ours.start()
        ours.until(lambda: ours.states().get("ingest", {}).get("dead") == 1, 90)
        assert ours.started("bad") == jobs.ATTEMPTS
        assert ours.drawn() == {f"good{number}": 1 for number in range(10)}
        with ours.database.reading() as session:
            [trouble] = backlog.troubled(session)
        assert "started 3 times" in trouble.error


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_memory_takes_no_worker_down(tmp_path: Path, database_url: str) -> None:
    """A MemoryError fails the job and nothing else. Naive: the worker ended, and 4 of 4 restarts with it."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, {"bad": "memory", "good": ""}) as ours:
        worker = ours.start(processes=1)
        ours.until(lambda: ours.started("bad") and ours.drawn() == {"good": 1})
        time.sleep(1)
        assert worker.poll() is None
        with ours.database.reading() as session:
            assert "memory" in backlog.troubled(session)[0].error


@pytest.mark.parametrize("what", ["hang", "loop"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_never_ends_is_ended(tmp_path: Path, database_url: str, what: str) -> None:
    """Compiled code ends at the hard limit, Python at the soft one; the next job is done. Naive: never."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, {"bad": what, "good": ""}) as ours:
        worker = ours.start(processes=1)
        ours.until(lambda: ours.started("bad") and ours.drawn() == {"good": 1})
        assert worker.poll() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sigterm_ends_within_the_grace(tmp_path: Path, database_url: str) -> None:
    """What is being done is ended first, the worker ends with 0, and nothing is lost. Naive, SIGKILL after 10 s."""
    wells = {"a": "slow 3"} | {f"w{number}": "" for number in range(20)}
    with redis_server() as broker, fleet(tmp_path, database_url, broker, wells) as ours:
        worker = ours.start()
        ours.until(lambda: ours.started("a"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        ours.workers.remove(worker)
        ours.start()
        ours.until(lambda: ours.drawn() == dict.fromkeys(wells, 1))
        assert ours.started("a") == 1


def test_a_frozen_worker_s_late_result_is_refused(tmp_path: Path, database_url: str) -> None:
    """SIGSTOP past the lease: another worker does the job, and what the first one has then is dropped."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, {"a": "slow 2"}) as ours:
        frozen = ours.start(processes=1)
        ours.until(lambda: ours.started("a"))
        stopped = [*ours.children(frozen), frozen.pid]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        ours.start(processes=1)
        ours.until(lambda: ours.drawn() == {"a": 1})
        for process in stopped:
            os.kill(process, signal.SIGCONT)
        # Refused by the token, or killed before that: its hard limit is over as well.
        ours.until(lambda: "taken over" in ours.log() or "Hard time limit" in ours.log())
        time.sleep(1)
        assert ours.drawn() == {"a": 1}
        assert ours.started("a") == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_frozen_redis_hangs_nobody(tmp_path: Path, database_url: str) -> None:
    """Somebody who asks while Redis is frozen is told in time, and afterwards all goes on. Naive: more than 45 s."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, ["a"]) as ours:
        ours.start()
        ours.until(lambda: ours.drawn() == {"a": 1})
        client = redis.Redis.from_url(broker)
        server = client.info()["process_id"]
        client.close()
        os.kill(server, signal.SIGSTOP)
        try:
            program = "from worker.cli.main import main; main(['trigger', 'ingest', 'a', '--timeout', '30'])"
            asked = subprocess.run(
                [sys.executable, "-c", program],
                cwd=tmp_path,
                env=ours.environment,
                capture_output=True,
                text=True,
                timeout=45,
                check=False,
            )
        finally:
            os.kill(server, signal.SIGCONT)
        assert asked.returncode == 4
        assert "broker" in asked.stderr
        ours.until(lambda: ours.drawn() == {"a": 2})  # what was asked for stands in the database


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_garbage_in_the_queue_stops_nobody(tmp_path: Path, database_url: str) -> None:
    """Unknown tasks, wrong arguments, what is no message at all, and a job nobody knows: all go on."""
    with redis_server() as broker, fleet(tmp_path, database_url, broker, ["a", "b"]) as ours:
        worker = ours.start()
        ours.until(lambda: ours.drawn() == {"a": 1, "b": 1})
        client = redis.Redis.from_url(broker)
        client.lpush("unbury:ingest", b"\xff\x00no message")
        client.close()
        _send(broker, "unbury.nothing", [])
        _send(broker, "unbury.ingest", [{"a": 1}])
        _send(broker, "unbury.ingest", [])
        _send(broker, "unbury.ingest", ["../../etc/passwd"])
        _send(broker, "unbury.deliver", ["x" * 100_000])
        _send(broker, "unbury.ingest", ["a"])
        ours.until(lambda: ours.drawn() == {"a": 2, "b": 1} or worker.poll() is not None)
        assert worker.poll() is None
        assert "refused" in ours.log()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_workers_of_one_name(tmp_path: Path, database_url: str) -> None:
    """They share the work as two of different names do."""
    wells = [f"w{number}" for number in range(30)]
    with redis_server() as broker, fleet(tmp_path, database_url, broker, wells) as ours:
        ours.start(name="twin")
        ours.start(name="twin")
        ours.until(lambda: ours.drawn() == dict.fromkeys(wells, 1))


def _send(broker: str, name: str, arguments: list[object]) -> None:
    from celery import Celery

    client = Celery(broker=broker)
    client.conf.update(broker_transport_options={"global_keyprefix": "unbury:"}, task_ignore_result=True)
    client.send_task(name, args=arguments, queue="ingest")
    client.close()
