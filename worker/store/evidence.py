"""Evidence: what the store holds of an edition besides the edition itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from worker.edition import Disposition, Verdict
from worker.store.tables import DispositionRow


def dispositions(session: Session, edition: str) -> list[Disposition]:
    """What an edition answered for each revision, as it is kept row by row, in order of ids."""
    wanted = select(DispositionRow).where(DispositionRow.edition == edition)
    rows = session.scalars(wanted.order_by(DispositionRow.document, DispositionRow.revision))
    return [Disposition(row.document, row.revision, Verdict(row.verdict), row.because) for row in rows]
