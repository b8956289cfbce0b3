"""What happened: what each source answered last time, and the run log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from worker.model import SourceState
from worker.store.tables import RunRow, SourceStateRow


def source_state(session: Session, source: str) -> SourceState:
    """What a source answered last time."""
    row = session.get(SourceStateRow, source)
    return SourceState(row.etag, row.modified, row.failures, row.next_check) if row else SourceState()


def keep_source_state(session: Session, source: str, state: SourceState) -> None:
    """Remember what a source answered."""
    session.merge(
        SourceStateRow(
            source=source,
            etag=state.etag,
            modified=state.modified,
            failures=state.failures,
            next_check=state.next_check,
        )
    )


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
