"""Rounds: what makes work due, by hand all of it at once, on a cluster by the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from worker import schedule
from worker.edition import Digest, Edition
from worker.errors import UnburyError, Unreachable
from worker.model import Job
from worker.queue.deliveries import WRITTEN, hand_out
from worker.queue.intake import take_in
from worker.queue.reading import read_through
from worker.queue.working import Done, bury, work
from worker.runtime import Runtime
from worker.services.compose import compose_job, horizon, planned, slot_job
from worker.services.ingest import longest_wait
from worker.services.read import read_jobs
from worker.services.recipients import recipients
from worker.services.work import Delivered, Ingested
from worker.store import backlog, editions, history, jobs, presence, readings, slots
from worker.store.database import Transaction

_log = structlog.get_logger()
#: No slot is settled so long before it comes: the clock that did it was wrong.
_FAR = timedelta(days=31)
#: Told of each job that was done.
Watch = Callable[[Done], None]


class _Due(NamedTuple):
    """An edition that is due: of which digest, for which slot, which comes when, and the job that makes it now."""

    digest: str
    slot: str
    moment: datetime
    job: Job | None


@dataclass
class Result:
    """What a run did."""

    ingested: list[Ingested] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
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
    *,
    send: bool = True,
) -> Result:
    """Do these ingest jobs, read, compose these digests, deliver; all of it now, in this process.

    Without `send`, those that wait to be sent wait on.

    What an earlier run left undone when it was killed is done as well. Raises AlreadyRunning.
    """
    result = Result()
    with runtime.database.sole_run() as alone:
        started = runtime.now()
        with runtime.database.writing() as session:
            if alone:
                jobs.reclaim(session, runtime.holder, started)
                bury(session, runtime)
            number = history.log_run(session, started)
        note = partial(_note, runtime, result, watch)
        _take_in(runtime, sources, note)
        _tell(runtime, digests, day, note, send=send)
        with runtime.database.writing() as session:
            history.end_run(session, number, runtime.now(), _summary(result))
    return result


def intake(runtime: Runtime) -> list[Job]:
    """The jobs that take in all sources that are configured."""
    return [Job("ingest", source) for source in runtime.sources]


def _take_in(runtime: Runtime, sources: Sequence[Job], note: Watch) -> None:
    with runtime.database.writing() as session:
        jobs.wake(session, sources, runtime.now())
    take_in(runtime, sources, note)
    read_through(runtime, note)
    _work_off(runtime, ("ingest", "read"), note)
    with runtime.database.writing() as session:
        jobs.insert(session, _unread(session, runtime), runtime.now())
    read_through(runtime, note)
    _work_off(runtime, ("read",), note)


def _tell(runtime: Runtime, digests: Sequence[str], day: date | None, note: Watch, *, send: bool) -> None:
    with runtime.database.writing() as session:
        for digest in map(runtime.digest, digests):
            today = schedule.today(runtime.now(), digest.zone)
            when = min(day or today, today)  # a day that is still to come would be the newest for ever
            jobs.insert(session, further(session, runtime, digest, when), runtime.now())
    _work_off(runtime, ("compose",), note)
    hand_out(runtime, note, send=send)


def further(session: Transaction, runtime: Runtime, digest: Digest, day: date) -> list[Job]:
    """The job for what is not told yet, if there is anything and no such job waits already."""
    made = jobs.keys(session, "compose", f"{digest.name}/{day.isoformat()}")
    if any(state in ("due", "running") for _, state in made):
        return []
    if not readings.waiting(session, digest.name, runtime.recipe.id, horizon(runtime, digest.name, day)):
        return []
    # The first of them has no number, and may be forgotten.
    numbers = [int(number) for key, _ in made if (number := key.rpartition("/")[2]).isdecimal()]
    return [compose_job(digest.name, day, max([len(made), *numbers]) + 1)]


def _note(runtime: Runtime, result: Result, watch: Watch, done: Done) -> None:
    if done.error is not None:
        result.errors.append(done.error)
    if isinstance(done.report, Ingested):
        result.ingested.append(done.report)
    if isinstance(done.report, Delivered):
        if done.report.channel in WRITTEN:
            result.files.extend(done.report.receipts)
        else:
            result.sent[done.report.channel] += 1
        if all(edition.id != done.report.edition for edition in result.editions):  # many readers get the same
            with runtime.database.reading() as session:
                edition = editions.get(session, done.report.edition)
            result.editions += [edition] if edition else []
    watch(done)


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
    states = backlog.census(session).get("read", {})
    if states.get("due") or states.get("running"):
        return []
    return read_jobs(readings.unread(session, runtime.recipe.id, list(runtime.digests)), runtime.recipe.id)


def tick(runtime: Runtime) -> list[Job]:
    """Put into the queue what is due now; gives all jobs that somebody could take.

    Harmless if run twice, or by two beats: a job is named by what it does.
    """
    now = runtime.now()
    with runtime.database.writing() as session:
        presence.see(session, presence.Seen("tick", "tick", runtime.build, now))
        bury(session, runtime)
        recurring = [*intake(runtime), Job("prune", "jobs")]
        jobs.revive(session, recurring, now)
        waits = {("ingest", name): longest_wait(source) for name, source in runtime.sources.items()}
        jobs.hasten(session, waits, now)
        jobs.insert(session, [*recurring, *_unread(session, runtime)], now)
        slots.forget_future(session, now, _FAR)
        due = _due(session, runtime, now)
        for one in due:
            slots.see(session, one.digest, one.slot, one.moment, now)
        scheduled = _scheduled(session, due, now)
        jobs.revive(session, scheduled, now)
        jobs.wake(session, scheduled, now, states=["done"])  # it ended without an effect: its slot is open
        return jobs.due(session, now)


def attend(runtime: Runtime, rest: Callable[[], bool], watch: Watch = lambda _: None) -> None:
    """Do what is due, round after round: on one machine, all that beat, Redis and workers do on a cluster.

    `rest` waits for a while, and says whether to stop. Others may work off the same queue meanwhile.
    """
    while True:
        try:
            _round(runtime, watch)
        except Unreachable as error:
            _log.error("unreachable", reason=str(error))  # it will be back: what was begun is begun again
        if rest():
            return


def _round(runtime: Runtime, watch: Watch) -> None:
    take_in(runtime, [job for job in tick(runtime) if job.kind == "ingest"], watch)
    read_through(runtime, watch)
    _work_off(runtime, ("read",), watch)
    composable(runtime)
    _work_off(runtime, ("compose", "prune"), watch)
    hand_out(runtime, watch)


def _work_off(runtime: Runtime, kinds: Sequence[str], watch: Watch) -> None:
    while done := work(runtime, kinds):
        watch(done)


def composable(runtime: Runtime) -> list[Job]:
    """The editions that can be made now that something was read; put into the queue."""
    now = runtime.now()
    with runtime.database.reading() as session:
        due = _scheduled(session, _due(session, runtime, now), now)
    if not due:
        return []
    with runtime.database.writing() as session:
        return jobs.insert(session, due, now)


def _due(session: Transaction, runtime: Runtime, now: datetime) -> list[_Due]:
    """What each digest is to tell now; its very first edition at any time of day, if nobody but the archive gets it."""
    found = []
    for name, digest in runtime.digests.items():
        new = not editions.exist(session, name)
        awaited = not new or len(recipients(session, runtime, digest)) > 1
        if awaited and (plan := planned(session, digest, now)):
            found.append(_Due(name, plan.slot.name, plan.slot.due, slot_job(name, plan.slot)))
        elif awaited:
            found.append(_Due(name, slots.FIRST, now, None))
        elif readings.waiting(session, name, runtime.recipe.id, None):
            found.append(_Due(name, slots.FIRST, now, compose_job(name, schedule.today(now, digest.zone), 1)))
    return found


def _scheduled(session: Transaction, due: Sequence[_Due], now: datetime) -> list[Job]:
    """The compose jobs of what is due, once all that came in before it is read, or was waited for long enough."""
    busy = jobs.busy(session, ("ingest", "read"), now)

    def waited(one: _Due) -> bool:
        return now - slots.seen(session, one.digest).get(one.slot, now) >= schedule.PATIENCE

    return [one.job for one in due if one.job and (not busy or waited(one))]
