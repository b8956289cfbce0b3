"""A task for each kind of job: do it if it is due, ring for what follows."""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog

from worker.celery import Patient, app, ring, settings, unrung
from worker.errors import ConfigError, NotFound, Unreachable
from worker.model import Job
from worker.queue import byhand, rounds, working
from worker.runtime import Runtime, this_process
from worker.store.jobs import KINDS
from worker.text.clean import cleaned

_log = structlog.get_logger()
#: Seconds to wait, one after the other, for a database that is being restarted: 31 in all.
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


@cache
def runtime() -> Runtime:
    """The parts, put together once in each process, on its first task."""
    made = Runtime(settings, holder=this_process(), pauses=_PAUSES, shared=True)
    made.database.ready()
    return made


def _do(task: Patient, key: str) -> None:
    """Do a job of the kind that the task is named after, and ring for what follows."""
    kind = task.name.removeprefix("unbury.")
    _ring(_done(kind, key) if task.rung else _asked(kind, key))


def _done(kind: str, key: str) -> list[Job]:
    """Do the job a message names, or if it is taken, another of its kind; gives what follows."""
    done = working.work(runtime(), [kind], cleaned(str(key))) or working.work(runtime(), [kind])
    if done is None:
        return []
    return [*done.follow, *(rounds.composable(runtime()) if kind == "read" else ())]


def _asked(kind: str, key: object) -> list[Job]:
    """Make due what a message asks for that was sent by hand."""
    try:
        return byhand.asked(runtime(), kind, str(key), by_message=True)
    except (ConfigError, NotFound) as error:
        _log.warning("refused", task=kind, key=str(key)[:100], reason=str(error))
        return []


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


@app.task(name="unbury.resend", **_limits("prune"))
def resend(key: str) -> None:
    """Send an edition to those it did not reach; or "EDITION ADDRESS", to that one of them."""
    _ring(_asked("resend", key))


for _kind in KINDS:
    app.task(name=f"unbury.{_kind}", bind=True, **_limits(_kind))(_do)  # type: ignore[no-untyped-call]  # many overloads
