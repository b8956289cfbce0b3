"""Secrets of this installation's own, each made when it is first asked for."""

from __future__ import annotations

from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from worker.store.database import inserting
from worker.store.tables import SecretRow

_BYTES = 32


def secret(session: Session, name: str) -> str:
    """The secret of a name; of two who make it at once, both get the first one's."""
    row = inserting(session, SecretRow).values(name=name, value=token_hex(_BYTES))
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(select(SecretRow.value).where(SecretRow.name == name)).one()
