"""Reading: a batch of documents is read, and what was read in each is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog

from worker.model import Document, Job
from worker.runtime import Runtime
from worker.services import processes
from worker.services.work import Saved, Work
from worker.store import documents, readings
from worker.store.database import Transaction
from worker.text import identity

_log = structlog.get_logger()
_BATCH = 50  # documents a read job; small enough to spread, large enough that messages do not dominate


def read_jobs(keys: Sequence[tuple[str, str]], recipe: str) -> list[Job]:
    """Jobs that read these documents, some in each."""
    ordered = sorted(keys)
    return [read_job(ordered[start : start + _BATCH], recipe) for start in range(0, len(ordered), _BATCH)]


def read_job(batch: Sequence[tuple[str, str]], recipe: str) -> Job:
    """The job that reads these documents, named by what it reads, and how."""
    return Job("read", identity.identity(recipe, *sum(batch, ())), {"documents": [list(key) for key in batch]})


def read(runtime: Runtime, job: Job) -> Work:
    """Read a batch of documents; one that cannot be read says so in its reading, and stops no other."""
    if apart := parted(runtime, job):
        return apart
    texts = batch_of(runtime, job)
    return kept(texts, [processes.read(document, runtime.recipe) for document in texts])


def parted(runtime: Runtime, job: Job) -> Work | None:
    """Where a first attempt crashed, a job for each document: a poisoned one takes no other with it."""
    return each_alone(runtime, job) if job.attempt > 1 and len(batch(job)) > 1 else None


def each_alone(runtime: Runtime, job: Job) -> Work:
    """Instead of a batch a job for each of its documents."""
    alone = [read_job([key], runtime.recipe.id) for key in batch(job)]
    return Work(lambda _: Saved(alone))


def batch_of(runtime: Runtime, job: Job) -> list[Document]:
    """The documents that a job is to read."""
    with runtime.database.reading() as session:
        return documents.get(session, batch(job))


def kept(texts: Sequence[Document], read_now: Sequence[processes.Read]) -> Work:
    """What was read in documents, to be saved."""
    for document, (_, trace) in zip(texts, read_now, strict=True):
        if trace:
            _log.error("unreadable", document=document.url, exception=trace)

    def save(session: Transaction) -> Saved:
        readings.keep(session, [reading for reading, _ in read_now])
        return Saved()

    return Work(save)


def batch(job: Job) -> list[tuple[str, str]]:
    """The ids and revisions that a job is to read."""
    wanted: Iterable[Sequence[str]] = job.payload["documents"]  # type: ignore[assignment]  # we wrote it, as such
    return [(document, revision) for document, revision in wanted]
