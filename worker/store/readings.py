"""What was read in documents, and what of it a digest has not accounted for yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from worker.model import Arrival, Document, Reading
from worker.store import accounts, documents
from worker.store.database import inserting, portions
from worker.store.documents import assembled
from worker.store.tables import DispositionRow, DocumentRow, EditionRow, ReadingRow, RevisionRow
from worker.text import spans

#: The bare table: rows go in as they are, without objects that are kept in step.
_READINGS: Any = ReadingRow.__table__
_MADE = ("sentences", "repeats", "summary", "ranker", "failure", "sketch")

_KEY = RevisionRow.document, RevisionRow.id


def unread(session: Session, recipe: str, digests: Sequence[str]) -> list[tuple[str, str]]:
    """Ids and revisions that one of these digests has not accounted for, and that this recipe has not read."""
    read = select(ReadingRow.document).where(
        ReadingRow.document == RevisionRow.document,
        ReadingRow.revision == RevisionRow.id,
        ReadingRow.recipe == recipe,
    )
    wanted = select(*_KEY).where(~read.exists())
    return _keys(session, wanted.where(_open(session, digests)))


def keep(session: Session, readings: Iterable[Reading]) -> None:
    """Keep readings, sorted, in statements that take many; one that is there already is replaced."""
    rows = {(reading.document, reading.revision, reading.recipe): _reading_row(reading) for reading in readings}
    if rows:
        statement = inserting(session, _READINGS)
        values = {name: statement.excluded[name] for name in _MADE}
        keep = statement.on_conflict_do_update(index_elements=["document", "revision", "recipe"], set_=values)
        session.connection().execute(keep, [rows[key] for key in sorted(rows)])


def _reading_row(reading: Reading) -> dict[str, object]:
    key = {"document": reading.document, "revision": reading.revision, "recipe": reading.recipe}
    return {**key, **spans.placed(reading)}


def unaccounted(session: Session, digest: str, recipe: str, until: datetime | None) -> list[Arrival]:
    """What came in and was read, but has no disposition by this digest yet, in order of ids.

    With `until`, documents dated at or after it have not come in yet; an undated one is as old as
    its arrival.
    """
    wanted = _read(recipe).where(_open(session, [digest]), _arrived(until))
    keys = _keys(session, wanted.with_only_columns(*_KEY, maintain_column_froms=True))
    found: list[Arrival] = []
    for portion in portions(keys):
        mine, names = set(portion), sorted({name for name, _ in portion})  # of pairs, SQLite's index knows nothing
        rows = session.execute(_read(recipe).where(RevisionRow.document.in_(names)).order_by(*_KEY))
        found += (_arrival(one, document, reading) for one, document, reading in rows if (one.document, one.id) in mine)
    return found


def waiting(session: Session, digest: str, recipe: str, until: datetime | None) -> bool:
    """Whether anything is unaccounted for."""
    wanted = _read(recipe).where(_open(session, [digest]), _arrived(until))
    found = wanted.with_only_columns(RevisionRow.id, maintain_column_froms=True)
    return session.execute(found.limit(1)).first() is not None


def count_waiting(session: Session, digest: str) -> int:
    """How many revisions a digest has not accounted for, read or not."""
    return session.scalar(select(func.count()).select_from(RevisionRow).where(_open(session, [digest]))) or 0


def is_read(session: Session, document: str, revision: str, recipe: str) -> bool:
    """Whether a recipe has read a revision."""
    return session.get(ReadingRow, (document, revision, recipe)) is not None


def _open(session: Session, digests: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of these digests has not accounted for a revision, and could: its text is not forgotten."""
    after = RevisionRow.batch > accounts.answered(session, digests)
    unanswered = or_(*(~accounts.answer_of(digest).exists() for digest in digests)) if digests else true()
    return and_(after, ~RevisionRow.forgotten, unanswered)


def _keys(session: Session, wanted: Select[str, str]) -> list[tuple[str, str]]:
    """Ids and revisions, sorted here: asked for in order, SQLite looks through all that there are."""
    return sorted((document, revision) for document, revision in session.execute(wanted))


def joined() -> Select[RevisionRow, DocumentRow, ReadingRow]:
    """Revisions, each with its document and with what each recipe made of it."""
    same = and_(ReadingRow.document == RevisionRow.document, ReadingRow.revision == RevisionRow.id)
    return documents.joined().add_columns(ReadingRow).join(ReadingRow, same)


def _read(recipe: str) -> Select[RevisionRow, DocumentRow, ReadingRow]:
    return joined().where(ReadingRow.recipe == recipe)


def _arrived(until: datetime | None) -> ColumnElement[bool]:
    return true() if until is None else func.coalesce(RevisionRow.published, RevisionRow.arrived) < until


def forget(session: Session, digests: Sequence[str], before: date) -> list[tuple[str, str]]:
    """Forget readings and texts that each of these digests accounted for before a day; gives which, with revision.

    The revision stays, with its hashes: what comes back is known, and is not told again.
    """
    old = (
        select(DispositionRow.document, DispositionRow.revision)
        .join(EditionRow, EditionRow.id == DispositionRow.edition)
        .where(EditionRow.day < before, DispositionRow.digest.in_(digests))
        .group_by(DispositionRow.document, DispositionRow.revision)
        .having(func.count() == len(digests))
        .order_by(DispositionRow.document, DispositionRow.revision)
    )
    forgotten: list[tuple[str, str]] = []
    for portion in portions(session.execute(old).all() if digests else []):
        revisions = or_(*(and_(RevisionRow.document == d, RevisionRow.id == r) for d, r in portion))
        readings = or_(*(and_(ReadingRow.document == d, ReadingRow.revision == r) for d, r in portion))
        session.execute(delete(ReadingRow).where(readings))
        still = update(RevisionRow).where(revisions, RevisionRow.forgotten.is_(False))
        gone = still.values(paragraphs=[], forgotten=True).returning(RevisionRow.document, RevisionRow.id)
        found = session.execute(gone, execution_options={"synchronize_session": False}).all()
        forgotten += [(document, revision) for document, revision in found]
    return forgotten


def _arrival(revision: RevisionRow, row: DocumentRow, reading: ReadingRow) -> Arrival:
    document = assembled(revision, row)
    return Arrival(document, reading_of(document, reading), revision.arrived, revision.copy_of)


def reading_of(document: Document, row: ReadingRow) -> Reading:
    """A reading out of its row."""
    return spans.reading(document, row.recipe, {name: getattr(row, name) for name in _MADE})
