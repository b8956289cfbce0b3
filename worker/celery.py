"""The Celery app: `celery -A worker worker`, `celery -A worker beat`.

Celery is the bell and the hands; the database is the queue. A message carries a job's key and
nothing else, so losing, doubling or forging one is harmless.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from queue import Empty
from typing import Any

# Docker and systemd stop with SIGTERM: the soft shutdown, which ends by itself, hangs on SIGQUIT.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

import structlog
from celery import Celery, Task
from celery.signals import setup_logging
from kombu import Queue
from kombu.exceptions import OperationalError
from kombu.transport.redis import Channel, Transport

from worker.configuration.loading import load
from worker.errors import UnburyError, Unreachable
from worker.logs import configure
from worker.model import Job
from worker.settings import Settings
from worker.store import jobs

_log = structlog.get_logger()
_LOCAL = "redis://127.0.0.1:6379/0"
#: One queue for each kind of task. The tick has its own, which waits behind nothing.
KINDS = ("tick", *jobs.KINDS)
#: Marks a message that we sent; one without it was sent by hand.
_RUNG = "rung"


def _settings() -> Settings:
    try:
        return load().settings
    except UnburyError as error:  # Celery would show a traceback of its own imports, and end with 1
        sys.stderr.write(f"error: {error}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)


class Patient(Task):  # type: ignore[type-arg]  # generic for type checkers only
    """A task that survives what it did: a sentence in the log, never a dead worker."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it. A MemoryError that gets out shuts the whole worker down: 4 of 4 restarts crashed again."""
        try:
            return self.run(*args, **kwargs)
        except MemoryError:
            _log.error("out of memory", task=self.name)  # its traceback would take more
        except UnburyError as error:
            _log.error("not done", task=self.name, reason=str(error), hint=error.hint)  # a sentence

    @property
    def rung(self) -> bool:
        """Whether the message is one of ours, and not sent by hand."""
        return bool((self.request.headers or {}).get(_RUNG))


class _Channel(Channel):
    """Kombu's way to Redis, which drops what is no message: otherwise a byte of garbage ends the worker."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # its types know it not
        except (ValueError, KeyError, TypeError) as error:
            _log.error("no message", reason=str(error))  # a sentence
            raise Empty from None


Transport.Channel = _Channel
settings = _settings()
app = Celery(
    "unbury",
    broker=settings.broker_url.get_secret_value() or _LOCAL,
    include=["worker.tasks", "worker.pulse"],
    task_cls=Patient,
)
app.conf.update(
    task_queues=[Queue(kind) for kind in KINDS],
    task_routes={f"unbury.{kind}": {"queue": kind} for kind in KINDS} | {"unbury.resend": {"queue": "deliver"}},
    task_default_queue="tick",
    # The database is the truth; a result nobody reads would only fill Redis.
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],  # no pickle from Redis: a forged message must not run code
    # One message at a time: with four prefetched, 8 tasks were run 16 times, and 8 were stuck for an hour.
    worker_prefetch_multiplier=1,
    # Only shortens recovery: the lease and the tick bring a job back either way.
    task_acks_late=True,
    # True ran a task that kills its worker 121 times a minute; the lease and three attempts do it.
    task_reject_on_worker_lost=False,
    # A message of a task that failed or took too long is done with; False ran it 7 times in 20 s.
    task_acks_on_failure_or_timeout=True,
    # Children are renewed: what libraries leak stays small. A guard, no limit: kB, seen after a task.
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=500_000,
    # Docker kills after 30 s (stop_grace_period): 20 for the work, the rest to put messages back.
    worker_soft_shutdown_timeout=20,
    # Ours may be repeated, and cancelling in the middle of a mail makes doubts (it is Celery 6's default).
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,  # a broker that comes up later is waited for,
    broker_connection_max_retries=None,  # as long as it takes: 100 tries is the default
    broker_channel_error_retry=True,
    broker_transport_options={
        # Longer than any hard limit, or Redis gives a running task to a second worker.
        "visibility_timeout": round(max(limit.total_seconds() for _, limit in settings.limits) * 1.25),
        # A dead worker's message is back in 5 s, not in 101.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "global_keyprefix": "unbury:",  # "celery" and "unacked" collide with other applications
        # Publishing to a frozen Redis hung for more than 45 s without; a half-open line was never noticed.
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 15,
    },
    # The tick is the retry: whoever rings answers within seconds.
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.2, "interval_max": 0.5},
    # Days and zones are schedule.py's.
    timezone="UTC",
    enable_utc=True,
    # No expiry: ticks that expire behind a backlog never run.
    beat_schedule={"tick": {"task": "unbury.tick", "schedule": 30.0}},
    beat_max_loop_interval=30,
)


@setup_logging.connect  # a receiver here keeps Celery from setting up the root logger itself
def _logs(**_: object) -> None:
    configure(settings.log)


def ring(jobs: Iterable[Job]) -> None:
    """Wake somebody up for each of these jobs. Raises Unreachable; whoever is not woken, the next tick wakes."""
    try:
        for job in jobs:
            app.send_task(f"unbury.{job.kind}", args=[job.key], headers={_RUNG: True})
    except OperationalError as error:
        raise Unreachable(f"the broker does not answer: {error}", "is Redis running, and broker_url right?") from error


def unrung(jobs: Iterable[Job]) -> list[Job]:
    """The jobs that no waiting message will get to: of each kind, those beyond the length of its queue.

    A message whose job is taken already takes another of its kind, so it is the number that counts, and
    a backlog of any length is rung for once.
    """
    due: dict[str, list[Job]] = {}
    for job in jobs:
        due.setdefault(job.kind, []).append(job)
    try:
        with app.connection_for_write() as connection:
            channel: Any = connection.default_channel  # its types know no queue_declare
            waiting = {kind: channel.queue_declare(queue=kind).message_count for kind in due}
    except OperationalError as error:
        raise Unreachable(f"the broker does not answer: {error}", "is Redis running, and broker_url right?") from error
    return [job for kind, several in due.items() for job in several[waiting[kind] :]]
