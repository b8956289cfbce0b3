"""Working off the queue: claim a job, do it, save it.

What a service saves, the job's end and the jobs that follow go into one transaction, so an effect
happens once however often the work is started.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog

from worker import schedule
from worker.errors import JobLost, OutOfMemory, UnburyError
from worker.model import Job
from worker.runtime import Runtime
from worker.services.kinds import SERVICES
from worker.services.processes import unreadable
from worker.services.read import batch
from worker.services.work import Report, Work
from worker.store import backlog, editions, jobs, readings
from worker.store.database import Transaction

_log = structlog.get_logger()


@dataclass(frozen=True)
class Done:
    """How a job went: the jobs that follow, its report, or why it failed and whether it is tried again."""

    job: Job
    follow: tuple[Job, ...] = ()
    report: Report | None = None
    error: UnburyError | None = None
    again: bool = False


def work(runtime: Runtime, kinds: Sequence[str], key: str | None = None) -> Done | None:
    """Claim a due job of these kinds, do it, save it; None if none is due."""
    job = claimed(runtime, kinds, key)
    if job is None:
        return None
    try:
        return settled(runtime, job, attempted(runtime, job))
    except BaseException:  # Ctrl-C: nobody's fault, so no attempt is counted
        release(runtime, job)
        raise


def claimed(runtime: Runtime, kinds: Sequence[str], key: str | None = None) -> Job | None:
    """A due job of these kinds, ours from now on; None if none is due."""
    with runtime.database.writing() as session:
        return jobs.claim(session, kinds, runtime.now(), runtime.holder, key, runtime.leases)


def attempted(runtime: Runtime, job: Job) -> Work | Exception:
    """What there is to save, or why it failed; nothing is written."""
    with _bound(job):
        try:
            return SERVICES[job.kind](runtime, job)
        except Exception as error:  # noqa: BLE001  # whatever it is, the job is told of it
            return error


def settled(runtime: Runtime, job: Job, answer: Work | Exception) -> Done:
    """Save what came of a job, and say how it went."""
    with _bound(job):
        try:
            return _ended(runtime, job, answer)
        except JobLost as error:
            _log.warning("lost", reason=str(error))
            return Done(job, error=error)


def release(runtime: Runtime, job: Job) -> None:
    """Give a job back undone, without counting an attempt."""
    with runtime.database.writing() as session:
        jobs.release(session, job)


def _bound(job: Job) -> AbstractContextManager[None]:
    """Within it, each line of the log says the job, and its source."""
    source = {"source": job.key} if job.kind == "ingest" else {}
    return structlog.contextvars.bound_contextvars(job=f"{job.kind} {job.key}", **source)


def _ended(runtime: Runtime, job: Job, answer: Work | Exception) -> Done:
    """How it went. Raises JobLost for what is somebody else's by now."""
    try:
        return _done(runtime, job, answer) if isinstance(answer, Work) else _failed(runtime, job, answer)
    except Exception as error:  # noqa: BLE001  # whatever it is, the job is told of it
        return _failed(runtime, job, error)


def _done(runtime: Runtime, job: Job, answer: Work) -> Done:
    done = runtime.patiently(lambda: _saved(runtime, job, answer))
    if answer.error:
        _log.error("not done", reason=str(answer.error), again=answer.again and answer.again.isoformat())
    else:
        _log.info("done", attempt=job.attempt, follow=len(done.follow))
    answer.after()
    return done


def _saved(runtime: Runtime, job: Job, answer: Work) -> Done:
    now = runtime.now()
    with runtime.database.writing() as session:
        saved = answer.save(session)
        if answer.error is None:
            jobs.finish(session, job, now, answer.again)
        elif answer.again:
            jobs.put_off(session, job, _sentence(answer.error), answer.again)
        else:
            jobs.give_up(session, job, now, _sentence(answer.error))
        follow = jobs.insert(session, saved.follow, now)
    return Done(job, tuple(follow), saved.report, answer.error, again=answer.again is not None)


def _sentence(error: UnburyError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)


def _failed(runtime: Runtime, job: Job, error: Exception) -> Done:
    if isinstance(error, JobLost):
        raise error
    known = error if isinstance(error, UnburyError) else UnburyError(f"{type(error).__name__}: {error}")
    if isinstance(error, MemoryError):
        known = OutOfMemory("it took more memory than there is")
    _log.error("failed", reason=str(known), attempt=job.attempt, exc_info=None if known is error else error)

    def save() -> bool:
        now = runtime.now()
        with runtime.database.writing() as session:
            again = jobs.fail(session, job, now, _sentence(known), now + schedule.backoff(job.attempt))
            if not again:
                _given_up(session, runtime, job, str(known))
        return again

    return Done(job, error=known, again=runtime.patiently(save))


def bury(session: Transaction, runtime: Runtime) -> None:
    """Give up the jobs that crashed too often, and account for what they were about."""
    for job in jobs.bury(session, runtime.now()):
        _log.error("dead", job=f"{job.kind} {job.key}", reason=jobs.CRASHED)
        _given_up(session, runtime, job, jobs.CRASHED)


def drop(session: Transaction, runtime: Runtime, kind: str, key: str) -> bool:
    """Call a job done without doing it, and account for what it was about; False for one that is running or not there.

    What it was to read is unreadable: the same job is not put into the queue again.
    """
    job, reason = backlog.drop(session, kind, key, runtime.now()), "dropped by hand"
    if job and kind == "read":
        unread = [one for one in batch(job) if not readings.is_read(session, *one, runtime.recipe.id)]
        readings.keep(session, [unreadable(*one, runtime.recipe, reason) for one in unread])
    if job and kind == "deliver":
        _end_delivery(session, key, reason)
    return job is not None


def _given_up(session: Transaction, runtime: Runtime, job: Job, reason: str) -> None:
    """What a dead job was about says so itself: a document is unreadable, a delivery failed."""
    if job.kind == "read":
        wanted = batch(job)
        if len(wanted) == 1:
            readings.keep(session, [unreadable(*wanted[0], runtime.recipe, reason)])
    if job.kind == "deliver":
        _end_delivery(session, job.key, reason)


def _end_delivery(session: Transaction, key: str, reason: str) -> None:
    """Give up a delivery that was not sent: it failed, or nobody knows."""
    delivery = editions.delivery(session, key)
    if delivery and delivery.status != "sent":
        ended = "unknown" if delivery.status in ("committing", "unknown") else "failed"
        editions.mark(session, key, status=ended, receipt=reason)
