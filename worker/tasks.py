"""One task a service: do a job if it is due, ring for what follows."""

from __future__ import annotations

import os
import platform
from functools import cache
from typing import Any

import structlog

from worker.celery import Patient, app, ring, settings, unrung
from worker.errors import ConfigError, NotFound, Unreachable
from worker.model import Job
from worker.queue import byhand, rounds, working
from worker.runtime import Runtime

_log = structlog.get_logger()
#: Seconds to wait, one after the other, for a database that is being restarted: 31 in all.
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


@cache
def runtime() -> Runtime:
    """The parts, put together once in each process, on its first task."""
    made = Runtime(settings, holder=f"{platform.node()}:{os.getpid()}", pauses=_PAUSES, shared=True)
    made.database.ready()
    return made


def _do(task: Patient, kind: str, key: str) -> None:
    """Do the job a message names, or if it is taken, another of its kind; sent by hand, make it due first."""
    if not task.rung:
        return _by_hand(kind, key)
    done = working.work(runtime(), [kind], key) or working.work(runtime(), [kind])
    if done:
        _ring([*done.follow, *(rounds.composable(runtime()) if kind == "read" else ())])
    return None


def _by_hand(kind: str, key: object) -> None:
    try:
        _ring(byhand.asked(runtime(), kind, str(key), by_message=True))
    except (ConfigError, NotFound) as error:
        _log.warning("refused", task=kind, key=str(key)[:100], reason=str(error))


def _ring(jobs: list[Job]) -> None:
    """Ring, and leave it to the next tick if nobody hears: what was done is saved already."""
    try:
        ring(jobs)
    except Unreachable as error:
        _log.warning("not rung", jobs=len(jobs), reason=str(error))


def _limits(kind: str) -> dict[str, Any]:
    """When Celery kills a task of a kind. Compiled code hears no soft limit, so both are needed.

    A delivery has no soft one: it must not end between the mail's last dot and the server's answer.
    """
    hard = getattr(settings.limits, kind).total_seconds()
    return {"time_limit": hard} if kind == "deliver" else {"time_limit": hard, "soft_time_limit": hard * 0.9}


@app.task(name="unbury.tick", time_limit=60, soft_time_limit=50)
def tick() -> None:
    """Put what is due into the queue, and ring for it."""
    _ring(unrung(rounds.tick(runtime())))


@app.task(name="unbury.ingest", bind=True, **_limits("ingest"))
def ingest(task: Patient, key: str) -> None:
    """Take in what a source has."""
    _do(task, "ingest", key)


@app.task(name="unbury.read", bind=True, **_limits("read"))
def read(task: Patient, key: str) -> None:
    """Read a batch of documents."""
    _do(task, "read", key)


@app.task(name="unbury.compose", bind=True, **_limits("compose"))
def compose(task: Patient, key: str) -> None:
    """Make an edition."""
    _do(task, "compose", key)


@app.task(name="unbury.deliver", bind=True, **_limits("deliver"))
def deliver(task: Patient, key: str) -> None:
    """Hand an edition over."""
    _do(task, "deliver", key)


@app.task(name="unbury.resend", **_limits("prune"))
def resend(key: str) -> None:
    """Send an edition to those it did not reach; or "EDITION ADDRESS", to that one of them."""
    _by_hand("resend", key)


@app.task(name="unbury.prune", bind=True, **_limits("prune"))
def prune(task: Patient, key: str) -> None:
    """Forget what was done with long ago."""
    _do(task, "prune", key)
