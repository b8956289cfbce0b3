"""Rounds: what makes work due, by hand all of it at once, on a cluster by the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from worker import schedule
from worker.errors import UnburyError
from worker.model import Digest, Edition, Job
from worker.runtime import Runtime
from worker.services import Delivered, Done, Ingested, compose_job, horizon, read_jobs, work
from worker.store import documents, editions, history, jobs
from worker.store.database import Transaction

#: Told of each job that was done.
Watch = Callable[[Done], None]


@dataclass
class Result:
    """What a run did."""

    ingested: list[Ingested] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    errors: list[UnburyError] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many things could not be taken in."""
        return sum(one.failed for one in self.ingested)


def run(
    runtime: Runtime,
    sources: Sequence[Job],
    digests: Sequence[str],
    day: date | None = None,
    watch: Watch = lambda _: None,
) -> Result:
    """Do these ingest jobs, read, compose these digests, deliver; all of it now, in this process.

    What an earlier run left undone when it was killed is done as well. Raises AlreadyRunning.
    """
    result = Result()
    with runtime.database.sole_run() as alone:
        started = runtime.now()
        with runtime.database.writing() as session:
            if alone:
                jobs.reclaim(session, runtime.holder, started)
            number = history.log_run(session, started)
        _take_in(runtime, sources, result, watch)
        _tell(runtime, digests, day, result, watch)
        with runtime.database.writing() as session:
            history.end_run(session, number, runtime.now(), _summary(result))
    return result


def intake(runtime: Runtime) -> list[Job]:
    """The jobs that take in all sources that are configured."""
    return [Job("ingest", source) for source in runtime.settings.sources]


def _take_in(runtime: Runtime, sources: Sequence[Job], result: Result, watch: Watch) -> None:
    with runtime.database.writing() as session:
        jobs.wake(session, sources, runtime.now())
    _drain(runtime, ("ingest", "read"), result, watch)
    with runtime.database.writing() as session:
        jobs.insert(session, _unread(session, runtime), runtime.now())
    _drain(runtime, ("read",), result, watch)


def _tell(runtime: Runtime, digests: Sequence[str], day: date | None, result: Result, watch: Watch) -> None:
    with runtime.database.writing() as session:
        for digest in map(runtime.digest, digests):
            when = day or schedule.today(runtime.now(), digest.zone)
            jobs.insert(session, _further(session, runtime, digest, when), runtime.now())
    _drain(runtime, ("compose", "deliver"), result, watch)


def _further(session: Transaction, runtime: Runtime, digest: Digest, day: date) -> list[Job]:
    """The job for what is not told yet, if there is anything and no such job waits already."""
    made = jobs.keys(session, "compose", f"{digest.name}/{day.isoformat()}")
    if any(state in ("due", "running") for _, state in made):
        return []
    if not documents.waiting(session, digest.name, runtime.recipe.id, horizon(runtime, digest.name, day)):
        return []
    return [compose_job(digest.name, day, len(made) + 1)]


def _drain(runtime: Runtime, kinds: Sequence[str], result: Result, watch: Watch) -> None:
    """Work until nothing of these kinds is due: the loop that stands for Celery on one machine."""
    while done := work(runtime, kinds):
        _note(runtime, done, result)
        watch(done)


def _note(runtime: Runtime, done: Done, result: Result) -> None:
    if done.error is not None:
        result.errors.append(done.error)
    if isinstance(done.report, Ingested):
        result.ingested.append(done.report)
    if isinstance(done.report, Delivered):
        result.files.extend(done.report.receipts)
        with runtime.database.reading() as session:
            edition = editions.get(session, done.report.edition)
        result.editions += [edition] if edition else []


def _summary(result: Result) -> dict[str, object]:
    return {
        "new": sum(len(one.new) for one in result.ingested),
        "revised": sum(len(one.revised) for one in result.ingested),
        "unchanged": sum(one.unchanged for one in result.ingested),
        "failed": result.failed,
        "editions": [edition.id for edition in result.editions],
        "errors": [str(error) for error in result.errors],
    }


def _unread(session: Transaction, runtime: Runtime) -> list[Job]:
    """Jobs for what nobody has read by today's recipe, once no reading is on its way."""
    states = jobs.census(session).get("read", {})
    if states.get("due") or states.get("running"):
        return []
    return read_jobs(documents.unread(session, runtime.recipe.id), runtime.recipe.id)


def tick(runtime: Runtime) -> list[Job]:
    """Put into the queue what is due now; gives all jobs that somebody could take.

    Harmless if run twice, or by two beats: a job is named by what it does.
    """
    now = runtime.now()
    with runtime.database.writing() as session:
        jobs.bury(session, now)
        recurring = [*intake(runtime), Job("prune", "jobs")]
        jobs.revive(session, recurring, now)
        jobs.insert(session, [*recurring, *_unread(session, runtime)], now)
        for digest in runtime.digests.values():
            jobs.insert(session, _scheduled(session, runtime, digest), now)
        return jobs.due(session, now)


def _scheduled(session: Transaction, runtime: Runtime, digest: Digest) -> list[Job]:
    """The day's compose job, once its time has come and all that came in before it is read."""
    day = schedule.slot(digest, runtime.now())
    states = jobs.census(session)
    busy = any(states.get("read", {}).get(state) for state in ("due", "running"))
    if day is None or busy or not documents.waiting(session, digest.name, runtime.recipe.id, None):
        return []
    return [compose_job(digest.name, day, 1)]
