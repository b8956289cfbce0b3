"""What happened: what each source answered last time, and the run log."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from worker.fetched import SourceState
from worker.store.tables import RunRow, SourceStateRow

#: The bare table: its statements cost half of those that keep objects in step.
_STATES: Any = SourceStateRow.__table__
_FACTS = tuple(field.name for field in fields(SourceState))


def source_state(session: Session, source: str) -> SourceState:
    """What is known of a source."""
    row = session.execute(select(_STATES).where(SourceStateRow.source == source)).first()
    return _state(row) if row else SourceState()


def source_states(session: Session) -> dict[str, SourceState]:
    """What is known of each source that was ever asked."""
    return {row.source: _state(row) for row in session.execute(select(_STATES))}


def failing(session: Session, since: datetime) -> dict[str, SourceState]:
    """What is known of the sources that failed since a time, and did not come right after it."""
    found = select(_STATES).where(SourceStateRow.error != "", SourceStateRow.failed > since)
    return {row.source: _state(row) for row in session.execute(found)}


def moved(session: Session) -> dict[str, str]:
    """Where the feeds are that moved for good, by source."""
    found = select(SourceStateRow.source, SourceStateRow.url).where(SourceStateRow.url != "")
    return dict(session.execute(found).all())


def keep_source_state(session: Session, source: str, state: SourceState, known: SourceState) -> None:
    """Remember what is new of a source, of which so much was known."""
    facts = {name: getattr(state, name) for name in _FACTS}
    news = {name: value for name, value in facts.items() if value != getattr(known, name)}
    mine = SourceStateRow.source == source
    if not news:
        return
    changed = update(_STATES).where(mine).values(news).returning(SourceStateRow.source)
    if session.execute(changed).first() is None:
        session.execute(insert(_STATES).values(source=source, **facts))


def forget_source(session: Session, source: str) -> None:
    """Know nothing of a source any more: it is asked again as if it were new."""
    session.execute(delete(SourceStateRow).where(SourceStateRow.source == source))


def _state(row: Any) -> SourceState:
    return SourceState(**{name: getattr(row, name) for name in _FACTS})


def log_run(session: Session, started: datetime) -> int:
    """Open a line of the run log; gives its number."""
    row = RunRow(started=started, ended=None, result={})
    session.add(row)
    session.flush()
    return row.id


def end_run(session: Session, number: int, ended: datetime, result: dict[str, object]) -> None:
    """Close a line of the run log."""
    session.execute(update(RunRow).where(RunRow.id == number).values(ended=ended, result=result))


def runs(session: Session, most: int) -> list[tuple[datetime, datetime | None, dict[str, object]]]:
    """The newest lines of the run log: start, end, result."""
    rows = session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(most))
    return [(row.started, row.ended, row.result) for row in rows]


def forget(session: Session, before: datetime) -> None:
    """Forget the lines of the run log that were begun before a time."""
    session.execute(delete(RunRow).where(RunRow.started < before))
