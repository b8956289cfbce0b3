"""The account as it is kept: what became of each revision, row by row, for an edition, a document or a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from worker.edition import Disposition, Edition, Verdict
from worker.store.database import inserting
from worker.store.tables import AnsweredRow, DispositionRow, EditionRow, RevisionRow


def add(session: Session, edition: Edition) -> None:
    """Keep an edition's answers; refused by the database if a document has an answer already."""
    session.add_all(
        DispositionRow(
            digest=edition.digest,
            document=answer.document,
            revision=answer.revision,
            edition=edition.id,
            verdict=answer.verdict.value,
            because=answer.because,
        )
        for answer in edition.account
    )
    session.flush()
    _advance(session, edition.digest)


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


def answer_of(digest: str) -> Select[Any]:
    """What a digest answered for a revision that is asked for."""
    return select(DispositionRow.document).where(
        DispositionRow.digest == digest,
        DispositionRow.document == RevisionRow.document,
        DispositionRow.revision == RevisionRow.id,
    )


def answered(session: Session, digests: Iterable[str]) -> int:
    """Up to which batch each of these digests has answered for every revision: what is open came after it.

    Without it, what is open was sought among all that ever came in: 0.6 s among 100,000.
    """
    wanted = set(digests)
    known = session.scalars(select(AnsweredRow.batch).where(AnsweredRow.digest.in_(wanted))).all()
    return min(known) if known and len(known) == len(wanted) else 0


def _advance(session: Session, digest: str) -> None:
    """Remember how far a digest has answered for everything.

    One statement, which sees one state: between two of them, another batch may come in.
    """
    after = RevisionRow.batch > answered(session, [digest])
    waits = ~RevisionRow.forgotten & ~answer_of(digest).exists()
    open_ = select(func.min(RevisionRow.batch) - 1).where(after, waits).scalar_subquery()
    last = select(func.max(RevisionRow.batch)).scalar_subquery()
    upto = session.scalar(select(func.coalesce(open_, last, 0)))
    put = inserting(session, AnsweredRow).values(digest=digest, batch=upto)
    session.execute(put.on_conflict_do_update(index_elements=["digest"], set_={"batch": put.excluded.batch}))
