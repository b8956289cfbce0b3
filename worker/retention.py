"""What is forgotten with the years, and who has to say so then."""

from __future__ import annotations

from datetime import date

from worker.model import Job
from worker.runtime import Runtime
from worker.store import archive, editions, jobs, readings
from worker.store.database import Transaction


def forget_texts(session: Transaction, runtime: Runtime, before: date) -> int:
    """Forget texts that all digests accounted for before a day; gives how many.

    The archive's pages that show one of them are written anew, without it: the quotation stays, with its hashes.
    """
    gone = readings.forget(session, list(runtime.digests), before)
    showing = archive.showing(session, gone)
    for delivery in showing:
        editions.begin_anew(session, delivery)
    jobs.wake(session, [Job("deliver", delivery) for delivery in showing], runtime.now())
    return len(gone)
