"""The queue of record: claims with lease and token, so that an effect happens once.

A claim is one UPDATE that repeats the state in its outer WHERE (without that, 2,000 jobs were run
5,107 times on PostgreSQL), counts the attempt, raises the token and sets the lease. The effect and
`finish` go into one transaction; whoever lost the job to a later claim is refused by the token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select, tuple_, update
from sqlalchemy.orm import Session

from worker.errors import JobLost
from worker.model import Job
from worker.store.database import inserting, portions
from worker.store.tables import JobRow

#: For who does not say how long a job may take: longer than Celery lets the longest one go on.
LEASE = timedelta(minutes=15)
ATTEMPTS = 3
REVIVAL = timedelta(hours=1)
_PUT_OFF = timedelta(hours=25)  # what is done each day waits for a day, by two clocks that differ a little
#: The bare table: its statements cost half of those that keep objects in step.
_JOBS: Any = JobRow.__table__
CRASHED = f"it was started {ATTEMPTS} times, and each time whoever did it was gone before the end"
#: What is done first where several are due: what others wait for.
KINDS = ("ingest", "read", "compose", "deliver", "prune")


def insert(session: Session, jobs: Iterable[Job], now: datetime) -> list[Job]:
    """Put jobs into the queue, but for those that are in it; gives the ones that were not."""
    named = {(job.kind, job.key): job for job in jobs}
    ordered = sorted(named)  # two that insert the same in another order wait for each other for ever
    added: set[tuple[str, str]] = set()
    for portion in portions(ordered):
        # A tick offers every source each time: those that are there cost a look, not a write.
        there = tuple_(JobRow.kind, JobRow.key).in_(portion)
        known = {(kind, key) for kind, key in session.execute(select(JobRow.kind, JobRow.key).where(there))}
        if rows := [_row(named[name], now) for name in portion if name not in known]:
            statement = inserting(session, JobRow).values(rows).on_conflict_do_nothing()
            added |= {(kind, key) for kind, key in session.execute(statement.returning(JobRow.kind, JobRow.key))}
    return [named[name] for name in ordered if name in added]


def wake(session: Session, jobs: Iterable[Job], now: datetime, states: Sequence[str] = ("due", "done", "dead")) -> None:
    """Make jobs due now, whether they are not in the queue, or in one of these states."""
    jobs = list(jobs)
    insert(session, jobs, now)
    for job in jobs:
        waiting = _named(job.kind, job.key) & JobRow.state.in_(states)
        session.execute(update(JobRow).where(waiting).values(state="due", not_before=now, attempt=0))


def claim(
    session: Session,
    kinds: Sequence[str],
    now: datetime,
    holder: str,
    key: str | None = None,
    leases: Mapping[str, timedelta] = MappingProxyType({}),
) -> Job | None:
    """Take the next due job of these kinds, or of the first kind the one with the key; None if there is none.

    `leases` says for how long it is ours, by kind; that has to be longer than it may take.
    """
    named = _first(session, kinds, now) if key is None else (kinds[0], key)
    if named is None:
        return None
    taken = {
        "state": "running",
        "attempt": JobRow.attempt + 1,
        "token": JobRow.token + 1,
        "holder": holder,
        "lease_until": now + leases.get(named[0], LEASE),
    }
    row = session.execute(update(_JOBS).where(_named(*named), _free(now)).values(taken).returning(_JOBS)).first()
    return _job(row) if row else None


def _first(session: Session, kinds: Sequence[str], now: datetime) -> tuple[str, str] | None:
    """What is due first of these kinds, and nobody else is taking just now."""
    free = _free(now) & JobRow.kind.in_(kinds)
    first = case({kind: order for order, kind in enumerate(KINDS)}, value=JobRow.kind, else_=len(KINDS))
    found = select(JobRow.kind, JobRow.key).where(free).order_by(first, JobRow.not_before, JobRow.key).limit(1)
    named = session.execute(found.with_for_update(skip_locked=True)).first()
    return (named.kind, named.key) if named else None


def hold(session: Session, job: Job, until: datetime) -> None:
    """Make sure that the job is still ours, and keep it until then. Raises JobLost."""
    _change(session, job, {"lease_until": until})


def finish(session: Session, job: Job, now: datetime, again: datetime | None = None) -> None:
    """Say that the job is done, or due again at a time if it recurs. Raises JobLost if it is not ours any more."""
    done = {"state": "done", "finished": now, "lease_until": None, "error": ""}
    recurs = {**done, "state": "due", "not_before": again, "attempt": 0}
    _change(session, job, recurs if again else done)


def put_off(session: Session, job: Job, error: str, again: datetime) -> None:
    """Say why the job could not be done yet; no attempt is counted. Raises JobLost."""
    _change(session, job, {"state": "due", "not_before": again, "attempt": 0, "lease_until": None, "error": error})


def give_up(session: Session, job: Job, now: datetime, error: str) -> None:
    """Say why the job is never tried again. Raises JobLost."""
    _change(session, job, {"state": "dead", "finished": now, "lease_until": None, "error": error})


def fail(session: Session, job: Job, now: datetime, error: str, again: datetime) -> bool:
    """Say that an attempt failed; gives whether there is another one, else the job is dead. Raises JobLost."""
    if job.attempt >= ATTEMPTS:
        give_up(session, job, now, error)
        return False
    _change(session, job, {"state": "due", "not_before": again, "lease_until": None, "error": error})
    return True


def release(session: Session, job: Job) -> None:
    """Give a job back undone, as if it had never been claimed."""
    values = {"state": "due", "attempt": JobRow.attempt - 1, "lease_until": None}
    session.execute(update(JobRow).where(_mine(job)).values(values))


def reclaim(session: Session, holder: str, now: datetime) -> None:
    """Free the jobs of a holder that is known to be gone, and those put off, without waiting."""
    gone = (JobRow.state == "running") & (JobRow.holder == holder)
    session.execute(update(JobRow).where(gone).values(lease_until=now - LEASE))
    put_off = (JobRow.state == "due") & (JobRow.error != "")
    session.execute(update(JobRow).where(put_off).values(not_before=now))


def bury(session: Session, now: datetime) -> list[Job]:
    """Give up jobs whose last allowed attempt ended in a crash; gives them."""
    crashed = (JobRow.state == "running") & (JobRow.lease_until < now) & (JobRow.attempt >= ATTEMPTS)
    dead = {"state": "dead", "error": CRASHED, "finished": now, "lease_until": None}
    buried = update(JobRow).where(crashed).values(dead).returning(JobRow)
    return [_job(row) for row in session.scalars(buried, execution_options={"synchronize_session": False})]


def revive(session: Session, jobs: Iterable[Job], now: datetime) -> None:
    """Give recurring jobs that died a new chance an hour later: a source may be mended by then."""
    ours = {(job.kind, job.key) for job in jobs}
    long_dead = (JobRow.state == "dead") & (JobRow.finished < now - REVIVAL)
    found = session.execute(select(JobRow.kind, JobRow.key).where(long_dead).order_by(JobRow.kind, JobRow.key))
    for kind, key in found.all():
        if (kind, key) in ours:
            again = update(JobRow).where(_named(kind, key), long_dead)
            session.execute(again.values(state="due", not_before=now, attempt=0))


def hasten(session: Session, longest: Mapping[tuple[str, str], timedelta], now: datetime) -> None:
    """Make due what would wait for longer than it ever does, by kind and key; a day, where that is not said, or less.

    The clock that put it off was ahead.
    """
    far = (JobRow.state == "due") & (JobRow.not_before > now + _PUT_OFF)
    for kind, key, until in session.execute(select(JobRow.kind, JobRow.key, JobRow.not_before).where(far)).all():
        if until > now + longest.get((kind, key), _PUT_OFF):
            session.execute(update(JobRow).where(_named(kind, key), far).values(not_before=now))


def due(session: Session, now: datetime, kinds: Sequence[str] = KINDS) -> list[Job]:
    """All jobs of these kinds that could be claimed now, in each kind the oldest first."""
    free = _free(now) & JobRow.kind.in_(kinds)
    rows = session.scalars(select(JobRow).where(free).order_by(JobRow.kind, JobRow.not_before, JobRow.key))
    return [_job(row) for row in rows]


def busy(session: Session, kinds: Sequence[str], now: datetime) -> bool:
    """Whether a job of these kinds is being done, or could be done now."""
    running = JobRow.state == "running"
    at_work = select(JobRow.key).where(JobRow.kind.in_(kinds), or_(running, _free(now)))
    return session.execute(at_work.limit(1)).first() is not None


def held(session: Session, kind: str, key: str, now: datetime) -> bool:
    """Whether somebody is doing a job now."""
    mine = and_(_named(kind, key), JobRow.state == "running", JobRow.lease_until >= now)
    return session.scalar(select(JobRow.key).where(mine)) is not None


def keys(session: Session, kind: str, prefix: str) -> list[tuple[str, str]]:
    """Keys and states of the jobs of a kind whose key begins so."""
    wanted = (JobRow.kind == kind) & JobRow.key.startswith(prefix, autoescape=True)
    return list(session.execute(select(JobRow.key, JobRow.state).where(wanted).order_by(JobRow.key)))


def _free(now: datetime) -> ColumnElement[bool]:
    waiting = and_(JobRow.state == "due", JobRow.not_before <= now)
    expired = and_(JobRow.state == "running", JobRow.lease_until < now, JobRow.attempt < ATTEMPTS)
    return or_(waiting, expired)


def _named(kind: str, key: str) -> ColumnElement[bool]:
    return and_(JobRow.kind == kind, JobRow.key == key)


def _mine(job: Job) -> ColumnElement[bool]:
    return and_(_named(job.kind, job.key), JobRow.state == "running", JobRow.token == job.token)


def _change(session: Session, job: Job, values: Mapping[str, Any]) -> None:
    changed = update(_JOBS).where(_mine(job)).values(values).returning(JobRow.key)
    if session.execute(changed).first() is None:
        raise JobLost(f"the job {job.kind} {job.key} was taken over while it was being done")


def _row(job: Job, now: datetime) -> dict[str, Any]:
    return {"kind": job.kind, "key": job.key, "payload": dict(job.payload), "not_before": job.not_before or now}


def _job(row: Any) -> Job:
    return Job(row.kind, row.key, row.payload, row.not_before, row.attempt, row.token)
