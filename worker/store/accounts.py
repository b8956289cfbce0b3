"""The account as it is kept: what became of each revision, row by row, for an edition, a document or a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from worker.edition import Disposition, Verdict
from worker.store.tables import DispositionRow, EditionRow


def of_edition(session: Session, edition: str) -> list[Disposition]:
    """What an edition answered for each revision, in order of ids."""
    wanted = select(DispositionRow).where(DispositionRow.edition == edition)
    rows = session.scalars(wanted.order_by(DispositionRow.document, DispositionRow.revision))
    return [Disposition(row.document, row.revision, Verdict(row.verdict), row.because) for row in rows]


def of_document(session: Session, document: str) -> list[dict[str, Any]]:
    """What became of each revision of a document, oldest first: digest, date, edition, revision, verdict, because."""
    wanted = (
        select(DispositionRow, EditionRow.day)
        .join(EditionRow, EditionRow.id == DispositionRow.edition)
        .where(DispositionRow.document == document)
        .order_by(DispositionRow.digest, EditionRow.at, EditionRow.day, EditionRow.number, DispositionRow.revision)
    )
    return [
        {
            "digest": row.digest,
            "date": day,
            "edition": row.edition,
            "revision": row.revision,
            "verdict": row.verdict,
            "because": row.because,
        }
        for row, day in session.execute(wanted)
    ]


def tally(session: Session, digest: str, day: date) -> dict[str, int]:
    """How many documents a digest's editions of a day gave each verdict."""
    mine = (EditionRow.id == DispositionRow.edition) & (EditionRow.digest == digest) & (EditionRow.day == day)
    counted = select(DispositionRow.verdict, func.count()).join(EditionRow, mine).group_by(DispositionRow.verdict)
    return dict(session.execute(counted.order_by(DispositionRow.verdict)).all())
