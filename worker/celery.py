"""The Celery app: `celery -A worker worker`, `celery -A worker beat`.

Celery is the bell and the hands; the database is the queue. A message carries a job's key and
nothing else, so losing, doubling or forging one is harmless.
"""

from __future__ import annotations

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

from worker.configuration import load
from worker.logs import configure

_settings = load().settings
_LOCAL = "redis://127.0.0.1:6379/0"

app = Celery("unbury", broker=_settings.broker_url.get_secret_value() or _LOCAL, include=["worker.tasks"])
app.conf.update(
    task_queues=[Queue(kind) for kind in ("tick", "ingest", "read", "compose", "deliver", "prune")],
    task_routes={
        f"unbury.{kind}": {"queue": kind} for kind in ("tick", "ingest", "read", "compose", "deliver", "prune")
    },
    task_default_queue="tick",
    # The database is the truth; a result nobody reads would only fill Redis.
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    # One message at a time: the four prefetched ones of a killed worker stay hidden for an hour.
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    # True ran a task that kills its worker 121 times a minute; the lease and three attempts do it.
    task_reject_on_worker_lost=False,
    # Below the lease (630 s), or a job would be taken over while it is still being done.
    task_time_limit=600,
    task_soft_time_limit=540,
    # Longer than any hard limit, or Redis gives a running task to a second worker.
    broker_transport_options={
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "global_keyprefix": "unbury:",
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 15,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.2, "interval_max": 0.5},
    timezone="UTC",
    enable_utc=True,
    # No expiry: ticks that expire behind a backlog never run.
    beat_schedule={"tick": {"task": "unbury.tick", "schedule": 30.0}},
)


@setup_logging.connect  # a receiver here keeps Celery from setting up the root logger itself
def _logs(**_: object) -> None:
    configure(_settings.log)
