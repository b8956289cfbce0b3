"""One task a service: do a job if it is due, ring for what follows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from worker import rounds, services
from worker.celery import app
from worker.configuration import load
from worker.model import Job
from worker.runtime import Runtime


@cache
def _runtime() -> Runtime:
    """The parts, put together once in each worker process, on its first task."""
    runtime = Runtime(load().settings, holder="celery")
    runtime.database.ready()
    return runtime


def _ring(jobs: Iterable[Job]) -> None:
    for job in jobs:
        app.send_task(f"unbury.{job.kind}", args=[job.key])


def _work(kind: str, key: str) -> None:
    done = services.work(_runtime(), [kind], key)
    _ring(done.follow if done else ())


@app.task(name="unbury.tick")
def tick() -> None:
    """Put what is due into the queue, and ring for it."""
    _ring(rounds.tick(_runtime()))


@app.task(name="unbury.ingest")
def ingest(key: str) -> None:
    """Take in what a source has."""
    _work("ingest", key)


@app.task(name="unbury.read")
def read(key: str) -> None:
    """Read a batch of documents."""
    _work("read", key)


@app.task(name="unbury.compose")
def compose(key: str) -> None:
    """Make an edition."""
    _work("compose", key)


@app.task(name="unbury.deliver")
def deliver(key: str) -> None:
    """Hand an edition over."""
    _work("deliver", key)


@app.task(name="unbury.prune")
def prune(key: str) -> None:
    """Forget what was done long ago."""
    _work("prune", key)
