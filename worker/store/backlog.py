"""The queue as an operator sees it: how many jobs, which are in trouble, and what to do with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from worker.model import Job
from worker.store.tables import JobRow

_TAKEN_UP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A job as it stands: `not_before` is when it is due, `lease_until` for how long its holder has it."""

    kind: str
    key: str
    state: str
    not_before: datetime
    attempt: int
    holder: str
    lease_until: datetime | None
    error: str
    finished: datetime | None


def census(session: Session) -> dict[str, dict[str, int]]:
    """How many jobs there are of each kind in each state."""
    counted: dict[str, dict[str, int]] = {}
    grouped = select(JobRow.kind, JobRow.state, func.count()).group_by(JobRow.kind, JobRow.state)
    for kind, state, number in session.execute(grouped.order_by(JobRow.kind, JobRow.state)):
        counted.setdefault(kind, {})[state] = number
    return counted


def troubled(session: Session) -> list[Entry]:
    """The jobs that failed and are not done since."""
    return _listed(session, JobRow.error != "")


def listed(session: Session, kinds: Sequence[str] = (), states: Sequence[str] = (), most: int = 100) -> list[Entry]:
    """Jobs of these kinds in these states (all, if none is named)."""
    wanted = [column.in_(names) for column, names in ((JobRow.kind, kinds), (JobRow.state, states)) if names]
    return _listed(session, and_(True, *wanted), most)


def find(session: Session, kind: str, key: str) -> Entry | None:
    """The job of a kind with a key."""
    row = session.get(JobRow, (kind, key), populate_existing=True)
    return _entry(row) if row else None


def beginning(session: Session, kind: str, key: str) -> list[Entry]:
    """The job of a kind with a key; if there is none, all whose keys begin so."""
    one = find(session, kind, key)
    begins = JobRow.key.startswith(key, autoescape=True)
    return [one] if one else _listed(session, and_(JobRow.kind == kind, begins), 100)


def oldest_due(session: Session, now: datetime) -> Entry | None:
    """The job that has been due for the longest time."""
    due = select(JobRow).where(JobRow.state == "due", JobRow.not_before <= now)
    row = session.scalars(due.order_by(JobRow.not_before, JobRow.kind, JobRow.key).limit(1)).first()
    return _entry(row) if row else None


def stalled(session: Session, now: datetime) -> list[str]:
    """The kinds of work that nobody takes up: due for a minute, which is two ticks, while none is running or ended."""
    long_ago = now - _TAKEN_UP
    due = select(JobRow.kind).where(JobRow.state == "due", JobRow.not_before <= long_ago)
    taken = select(JobRow.kind).where(or_(JobRow.state == "running", JobRow.finished > long_ago))
    return sorted(session.scalars(due.except_(taken)))


def next_due(session: Session, kind: str) -> datetime | None:
    """When the next job of a kind is due."""
    return session.scalar(select(func.min(JobRow.not_before)).where(JobRow.kind == kind, JobRow.state == "due"))


def retry(session: Session, kind: str, key: str, now: datetime) -> bool:
    """Make a job due now, with all its attempts; gives False for one that is running or not there."""
    again = {"state": "due", "not_before": now, "attempt": 0, "error": "", "finished": None}
    return _changed(session, kind, key, again)


def drop(session: Session, kind: str, key: str, now: datetime) -> Job | None:
    """Call a job done without doing it; gives it, or None for one that is running or not there."""
    if not _changed(session, kind, key, {"state": "done", "error": "", "finished": now}):
        return None
    return Job(kind, key, session.scalars(select(JobRow.payload).where(JobRow.kind == kind, JobRow.key == key)).one())


def forget(session: Session, before: datetime) -> int:
    """Forget jobs that were done before a time; gives how many."""
    gone = delete(JobRow).where(JobRow.state == "done", JobRow.finished < before)
    return len(session.scalars(gone.returning(JobRow.key)).all())


def _changed(session: Session, kind: str, key: str, values: Mapping[str, Any]) -> bool:
    named = update(JobRow).where(JobRow.kind == kind, JobRow.key == key, JobRow.state != "running")
    return session.scalars(named.values(values).returning(JobRow.key)).first() is not None


def _listed(session: Session, wanted: ColumnElement[bool], most: int | None = None) -> list[Entry]:
    rows = session.scalars(select(JobRow).where(wanted).order_by(JobRow.kind, JobRow.key).limit(most))
    return [_entry(row) for row in rows]


def _entry(row: JobRow) -> Entry:
    return Entry(*(getattr(row, field.name) for field in fields(Entry)))
