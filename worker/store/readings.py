"""What was read in documents, and what of it a digest has not accounted for yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from worker.model import Arrival, Document, Reading, Repeat, Sentence, Sketch, Span, Summary
from worker.store.database import inserting
from worker.store.documents import assembled, portions
from worker.store.tables import DispositionRow, DocumentRow, EditionRow, ReadingRow, RevisionRow


def unread(session: Session, recipe: str, digests: Sequence[str]) -> list[tuple[str, str]]:
    """Ids and revisions that one of these digests has not accounted for, and that this recipe has not read."""
    read = select(ReadingRow.document).where(
        ReadingRow.document == RevisionRow.document,
        ReadingRow.revision == RevisionRow.id,
        ReadingRow.recipe == recipe,
    )
    wanted_by = or_(*(~_accounted(digest).exists() for digest in digests))
    wanted = select(RevisionRow.document, RevisionRow.id).where(~read.exists(), ~RevisionRow.forgotten, wanted_by)
    rows = session.execute(wanted.order_by(RevisionRow.document, RevisionRow.id))
    return [(document, revision) for document, revision in rows]


def keep(session: Session, readings: Iterable[Reading]) -> None:
    """Keep readings, sorted, in statements that take many; one that is there already is replaced."""
    rows = {(reading.document, reading.revision, reading.recipe): _reading_row(reading) for reading in readings}
    for portion in portions([rows[key] for key in sorted(rows)]):
        statement = inserting(session, ReadingRow).values(portion)
        made = ("sentences", "repeats", "summary", "ranker", "failure", "sketch")
        values = {name: getattr(statement.excluded, name) for name in made}
        session.execute(statement.on_conflict_do_update(index_elements=["document", "revision", "recipe"], set_=values))


def _reading_row(reading: Reading) -> dict[str, object]:
    return {
        "document": reading.document,
        "revision": reading.revision,
        "recipe": reading.recipe,
        "sentences": [_place(s.span) for s in reading.sentences],
        "repeats": [[_place(r.dropped), _place(r.kept), r.similarity] for r in reading.repeats],
        "summary": [_place(s.span) for s in reading.summary.sentences],
        "ranker": reading.summary.ranker,
        "failure": reading.failure,
        "sketch": asdict(reading.sketch),
    }


def unaccounted(session: Session, digest: str, recipe: str, until: datetime | None) -> list[Arrival]:
    """What came in and was read, but has no disposition by this digest yet, in order of ids.

    With `until`, documents dated at or after it have not come in yet; an undated one is as old as
    its arrival.
    """
    wanted = _arrivals(digest, recipe, until).order_by(RevisionRow.document, RevisionRow.id)
    rows = session.execute(wanted)
    return [_arrival(revision, document, reading) for revision, document, reading in rows]


def waiting(session: Session, digest: str, recipe: str, until: datetime | None) -> bool:
    """Whether anything is unaccounted for."""
    return session.execute(_arrivals(digest, recipe, until).limit(1)).first() is not None


def count_waiting(session: Session, digest: str) -> int:
    """How many revisions a digest has not accounted for, read or not."""
    accounted = _accounted(digest)
    return session.scalar(select(func.count()).select_from(RevisionRow).where(~accounted.exists())) or 0


def is_read(session: Session, document: str, revision: str, recipe: str) -> bool:
    """Whether a recipe has read a revision."""
    return session.get(ReadingRow, (document, revision, recipe)) is not None


def _accounted(digest: str) -> Select[Any]:
    return select(DispositionRow.document).where(
        DispositionRow.digest == digest,
        DispositionRow.document == RevisionRow.document,
        DispositionRow.revision == RevisionRow.id,
    )


def _arrivals(digest: str, recipe: str, until: datetime | None) -> Select[RevisionRow, DocumentRow, ReadingRow]:
    accounted = _accounted(digest)
    wanted = (
        select(RevisionRow, DocumentRow, ReadingRow)
        .join(DocumentRow, DocumentRow.id == RevisionRow.document)
        .join(ReadingRow, and_(ReadingRow.document == RevisionRow.document, ReadingRow.revision == RevisionRow.id))
        .where(ReadingRow.recipe == recipe, ~accounted.exists())
    )
    if until is not None:
        wanted = wanted.where(func.coalesce(RevisionRow.published, RevisionRow.arrived) < until)
    return wanted


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

    def span(place: Sequence[int]) -> Span:
        return Span(document.id, *place)

    def quoted(places: Iterable[Sequence[int]]) -> tuple[Sentence, ...]:
        return tuple(Sentence(document.quote(span(place)), span(place)) for place in places)

    return Reading(
        document=document.id,
        revision=document.revision,
        recipe=row.recipe,
        sentences=quoted(row.sentences),
        repeats=tuple(Repeat(span(dropped), span(kept), alike) for dropped, kept, alike in row.repeats),
        summary=Summary(quoted(row.summary), row.ranker),
        failure=row.failure,
        sketch=sketched(row.sketch),
    )


def sketched(kept: Mapping[str, Any]) -> Sketch:
    """A sketch out of what is kept of it; an empty one for a reading from before there were any."""
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    found["terms"] = tuple((term, count) for term, count in found.get("terms", ()))
    return Sketch(**found)


def _place(span: Span) -> list[int]:
    return [span.paragraph, span.start, span.end]
