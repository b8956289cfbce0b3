"""What is forgotten with the years, and who has to say so then."""

from __future__ import annotations

from datetime import date, timedelta

from worker.model import Delivery, Job
from worker.runtime import Runtime
from worker.services.work import Saved, Work
from worker.store import backlog, editions, history, hosts, jobs, readings
from worker.store.database import Transaction
from worker.text import identity


def prune(runtime: Runtime, job: Job) -> Work:
    """Forget what was done with long ago, once a day; never what was told or accounted for."""
    now, kept = runtime.now(), runtime.settings.retention

    def save(session: Transaction) -> Saved:
        backlog.forget(session, now - kept.jobs)
        history.forget(session, now - kept.jobs)
        hosts.forget(session, now - kept.jobs)
        forget_texts(session, runtime, (now - kept.texts).date())
        return Saved()

    return Work(save, again=now + timedelta(days=1))


def forget_texts(session: Transaction, runtime: Runtime, before: date) -> int:
    """Forget texts that all digests accounted for before a day; gives how many.

    The archive's pages that show one of them are written anew, without it: the quotation stays, with its hashes.
    """
    gone = readings.forget(session, list(runtime.digests), before)
    again = [name for edition in editions.quoting(session, gone) if (name := _anew(session, runtime, edition))]
    jobs.wake(session, [Job("deliver", name) for name in again], runtime.now())
    return len(gone)


def _anew(session: Transaction, runtime: Runtime, name: str) -> str | None:
    """The delivery that puts an edition into the archive once more, or for the first time."""
    if known := editions.archived(session, name):
        editions.begin_anew(session, known)
        return known
    edition = editions.get(session, name)
    if edition is None or edition.digest not in runtime.digests:
        return None
    to = runtime.archive(runtime.digest(edition.digest))
    made = Delivery(identity.identity(name, to.channel, to.address), name, to, "pending")
    editions.send(session, [made])
    return made.id
