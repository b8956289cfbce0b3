"""Who was seen alive: worker processes, and the tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from worker.store.database import inserting
from worker.store.tables import SeenRow

#: Whoever was not seen for so long is gone: four signs of life, half a minute apart.
_ALIVE = timedelta(minutes=2)
_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker process or the tick (its kind), what it runs (`Runtime.build`), and when it last gave a sign of life."""

    name: str
    kind: str
    version: str
    at: datetime

    def alive(self, now: datetime) -> bool:
        """Whether it was seen lately."""
        return now - self.at < _ALIVE


def see(session: Session, seen: Seen) -> None:
    """Remember a sign of life; forget who was not seen for a day."""
    values = {"kind": seen.kind, "version": seen.version, "at": seen.at}
    row = inserting(session, SeenRow).values(name=seen.name, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))
    session.execute(delete(SeenRow).where(SeenRow.at < seen.at - _REMEMBERED))


def leave(session: Session, name: str) -> None:
    """Forget who says goodbye."""
    session.execute(delete(SeenRow).where(SeenRow.name == name))


def seen(session: Session) -> list[Seen]:
    """Everybody who is remembered, by kind and name."""
    rows = session.scalars(select(SeenRow).order_by(SeenRow.kind, SeenRow.name))
    return [Seen(row.name, row.kind, row.version, row.at) for row in rows]
