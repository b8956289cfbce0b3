"""The window: which documents a digest had in the last days, and what an edition was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from worker.edition import Edition, Told, Verdict
from worker.model import Arrival, Document, Member, Reading, Summary
from worker.store import readings
from worker.store.database import portions
from worker.store.documents import assembled, joined
from worker.store.editions import earlier, said
from worker.store.tables import DispositionRow, DocumentRow, EditionRow, ReadingRow, RevisionRow
from worker.text import identity
from worker.text.spans import sketched

Ts = TypeVarTuple("Ts")
#: From the oldest to the newest revision of a document.
_AGE = (RevisionRow.arrived, func.coalesce(RevisionRow.published, RevisionRow.arrived), RevisionRow.id)
#: Who was put aside by the reader or as too old does not count in a story; who had no room was not there to be told.
_LEFT_OUT = (Verdict.filtered.value, Verdict.older.value)
_WAS_THERE = (Verdict.told.value, Verdict.nothing_new.value, Verdict.copy.value)


def members(session: Session, digest: str, since: date, before: Edition | None) -> tuple[Member, ...]:
    """The documents that a digest's editions since a day accounted for, as the last revision of each has them."""
    wanted = (
        select(DocumentRow.id, DocumentRow.url, RevisionRow.published, RevisionRow.arrived, RevisionRow.language)
        .add_columns(ReadingRow.sketch)
        .join(DispositionRow, DispositionRow.document == DocumentRow.id)
        .join(EditionRow, EditionRow.id == DispositionRow.edition)
        .join(RevisionRow, _same(RevisionRow, RevisionRow.id))
        .join(ReadingRow, _same(ReadingRow, ReadingRow.revision))
        .where(EditionRow.digest == digest, EditionRow.day >= since, ReadingRow.failure.is_(None), earlier(before))
        .where(DispositionRow.verdict.not_in(_LEFT_OUT))
        .order_by(DocumentRow.id, *_AGE, ReadingRow.recipe)
    )
    found: dict[str, Member] = {}
    for name, url, published, arrived, language, sketch in session.execute(wanted):
        found[name] = Member(name, identity.publisher(url), published or arrived, sketched(sketch), language)
    return tuple(found.values())


def _same(table: type[RevisionRow | ReadingRow], revision: Any) -> ColumnElement[bool]:
    return and_(table.document == DispositionRow.document, revision == DispositionRow.revision)


def told(remembered: Iterable[Edition]) -> tuple[Told, ...]:
    """The sentences that these editions told."""
    return tuple(
        Told(sentence.text, edition.day, sentence.span.document, revision)
        for edition in remembered
        for sentence, revision in said(edition)
    )


def told_on(remembered: Iterable[Edition], since: date) -> dict[str, date]:
    """For each document of a story that these editions told since a day, the last day on which they did."""
    found: dict[str, date] = {}
    for edition in remembered:
        if edition.day >= since:
            mine = {answer.document for answer in edition.account}
            found |= dict.fromkeys((n for i in edition.items for n in i.story.documents if n in mine), edition.day)
    return found


def stood(session: Session, digest: str, names: Iterable[str], before: Edition | None) -> dict[str, tuple[str, ...]]:
    """The sentences of the last revision of each of these documents that a digest accounted for."""
    wanted = (
        readings.joined()
        .where(ReadingRow.failure.is_(None), DispositionRow.verdict.in_(_WAS_THERE))
        .order_by(RevisionRow.document, *_AGE, ReadingRow.recipe)
    )
    found: dict[str, tuple[str, ...]] = {}
    for revision, row, reading in _accounted(session, wanted, digest, names, before):
        read = readings.reading_of(assembled(revision, row), reading)
        found[row.id] = tuple(sentence.text for sentence in read.sentences)
    return found


def latest(
    session: Session, digest: str, names: Iterable[str], before: Edition | None
) -> dict[str, tuple[datetime, datetime]]:
    """Of each of these documents the age of the latest revision that a digest accounted for: arrived, published."""
    wanted = select(RevisionRow.document, RevisionRow.arrived, RevisionRow.published)
    found: dict[str, tuple[datetime, datetime]] = {}
    for name, arrived, published in _accounted(session, wanted, digest, names, before):
        age = (arrived, published or arrived)
        found[name] = max(age, found.get(name, age))
    return found


def originals(
    session: Session, digest: str, names: Iterable[str], before: Edition | None
) -> frozenset[tuple[str, str]]:
    """Of these documents what a digest accounted for as something that could be told: document, and id of the body."""
    could_be = DispositionRow.verdict.in_((*_WAS_THERE, Verdict.below_budget.value))
    wanted = select(RevisionRow.document, RevisionRow.body).where(could_be)
    return frozenset((name, body) for name, body in _accounted(session, wanted, digest, names, before))


def _accounted(
    session: Session, wanted: Select[*Ts], digest: str, names: Iterable[str], before: Edition | None
) -> Iterator[Row[*Ts]]:
    """What is wanted of these documents' revisions, of those that a digest accounted for."""
    for portion in portions(sorted(set(names))):
        yield from session.execute(
            wanted.join(DispositionRow, _same(RevisionRow, RevisionRow.id))
            .join(EditionRow, EditionRow.id == DispositionRow.edition)
            .where(DispositionRow.digest == digest, DispositionRow.document.in_(portion), earlier(before))
        )


def forgotten(session: Session, digest: str, since: date, before: Edition) -> list[str]:
    """The addresses of documents that a digest's editions since a day had, and whose texts are no longer kept."""
    wanted = (
        select(DocumentRow.url)
        .join(DispositionRow, DispositionRow.document == DocumentRow.id)
        .join(EditionRow, EditionRow.id == DispositionRow.edition)
        .join(RevisionRow, _same(RevisionRow, RevisionRow.id))
        .where(EditionRow.digest == digest, EditionRow.day >= since, RevisionRow.forgotten, earlier(before))
    )
    return sorted(set(session.scalars(wanted)))


def first_fetches(session: Session, sources: Iterable[str]) -> dict[str, datetime]:
    """When each of these sources first brought something."""
    found: dict[str, datetime] = {}
    for portion in portions(sorted(sources)):
        first = select(DocumentRow.source, func.min(DocumentRow.first_seen)).where(DocumentRow.source.in_(portion))
        found |= dict(session.execute(first.group_by(DocumentRow.source)).all())
    return found


def arrivals_of(session: Session, edition: Edition) -> tuple[list[Arrival], list[Document]]:
    """What an edition was made of, its readings still to be made, and the documents whose texts were forgotten."""
    wanted = (
        joined()
        .join(DispositionRow, _same(RevisionRow, RevisionRow.id))
        .where(DispositionRow.edition == edition.id)
        .order_by(RevisionRow.document, RevisionRow.id)
    )
    failures = {(d.document, d.revision): d.because for d in edition.account if d.verdict is Verdict.unreadable}
    kept, forgotten = [], []
    for revision, row in session.execute(wanted):
        document = assembled(revision, row)
        if revision.forgotten:
            forgotten.append(document)
        failure = failures.get((document.id, document.revision))
        kept.append(_unread(document, revision, failure))
    return kept, forgotten


def witnesses(session: Session, edition: Edition) -> dict[str, Arrival]:
    """The documents of the stories that an edition tells: as they were quoted, else as they are now; unread."""
    revisions = {
        sentence.span.document: proof.revision
        for item in edition.items
        for sentence, proof in zip(item.summary.sentences, item.proofs, strict=False)
    }
    names = {document for item in edition.items for document in item.story.documents}
    found: dict[str, Arrival] = {}
    for portion in portions(sorted(names)):
        quoted = [
            and_(RevisionRow.document == name, RevisionRow.id == revisions[name])
            for name in portion
            if name in revisions
        ]
        others = and_(
            RevisionRow.document.in_([n for n in portion if n not in revisions]), RevisionRow.id == DocumentRow.newest
        )
        for revision, row in session.execute(joined().where(or_(others, *quoted))):
            found[row.id] = _unread(assembled(revision, row), revision)
    return found


def _unread(document: Document, revision: RevisionRow, failure: str | None = None) -> Arrival:
    reading = Reading(document.id, document.revision, "", (), (), Summary((), ""), failure)
    return Arrival(document, reading, revision.arrived, revision.copy_of)
