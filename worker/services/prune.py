"""What is forgotten with the years, and who has to say so then."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.model import Job
from worker.runtime import Runtime
from worker.services import recipients
from worker.services.work import Saved, Work
from worker.store import backlog, editions, history, hosts, jobs, readings
from worker.store.database import Transaction


def prune(runtime: Runtime, job: Job) -> Work:
    """Forget what was done with long ago, once a day; never what was told or accounted for."""
    now, kept = runtime.now(), runtime.settings.retention

    def save(session: Transaction) -> Saved:
        forget(session, runtime, now - kept.jobs, now - kept.texts)
        return Saved()

    return Work(save, again=now + timedelta(days=1))


def forget(session: Transaction, runtime: Runtime, jobs_before: datetime, texts_before: datetime) -> tuple[int, int]:
    """Forget jobs, and runs and hosts with them, and texts that all digests accounted for; gives how many of both.

    The archive's pages that show one of the texts are written anew, without it: the quotation stays, with its hashes.
    """
    done = backlog.forget(session, jobs_before)
    history.forget(session, jobs_before)
    hosts.forget(session, jobs_before)
    gone = readings.forget(session, list(runtime.digests), texts_before.date())
    again = [name for edition in editions.quoting(session, gone) if (name := _anew(session, runtime, edition))]
    jobs.wake(session, [Job("deliver", name) for name in again], runtime.now())
    return done, len(gone)


def _anew(session: Transaction, runtime: Runtime, name: str) -> str | None:
    """The delivery that puts an edition into the archive once more, or for the first time."""
    if known := editions.archived(session, name):
        editions.begin_anew(session, known)
        return known
    edition = editions.get(session, name)
    if edition is None or edition.digest not in runtime.digests:
        return None
    made = editions.addressed(name, recipients.archive(runtime, runtime.digest(edition.digest)))
    editions.send(session, [made])
    return made.id
