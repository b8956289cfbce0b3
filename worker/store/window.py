"""The window: which documents a digest had in the last days, and what an edition was made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from worker.edition import Edition, Verdict
from worker.model import Arrival, Document, Member, Reading, Summary
from worker.store.documents import assembled, portions
from worker.store.editions import earlier, edition_of
from worker.store.readings import reading_of
from worker.store.tables import DispositionRow, DocumentRow, EditionRow, ReadingRow, RevisionRow
from worker.text import identity
from worker.text.spans import sketched

#: From the oldest to the newest revision of a document.
_AGE = (RevisionRow.arrived, func.coalesce(RevisionRow.published, RevisionRow.arrived), RevisionRow.id)
#: Who was put aside by the reader or as too old does not count in a story; who had no room was not there to be told.
_LEFT_OUT = (Verdict.filtered.value, Verdict.older.value)
_WAS_THERE = (Verdict.told.value, Verdict.nothing_new.value, Verdict.copy.value)


def members(session: Session, digest: str, since: date, before: Edition | None = None) -> tuple[Member, ...]:
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


def remembered(session: Session, digest: str, most: int, before: Edition | None = None) -> tuple[Edition, ...]:
    """The newest editions of a digest that told something, at most so many; the oldest first."""
    told = select(EditionRow).where(EditionRow.digest == digest, EditionRow.stories > 0, earlier(before))
    newest = told.order_by(EditionRow.day.desc(), EditionRow.number.desc()).limit(most)
    return tuple(reversed([edition_of(row) for row in session.scalars(newest)]))


def told_on(remembered: Iterable[Edition], since: date) -> dict[str, date]:
    """For each document of a story that these editions told since a day, the last day on which they did."""
    found: dict[str, date] = {}
    for edition in remembered:
        if edition.day >= since:
            mine = {answer.document for answer in edition.account}
            found |= dict.fromkeys((n for i in edition.items for n in i.story.documents if n in mine), edition.day)
    return found


def stood(
    session: Session, digest: str, names: Iterable[str], before: Edition | None = None
) -> dict[str, tuple[str, ...]]:
    """The sentences of the last revision of each of these documents that a digest accounted for."""
    found: dict[str, tuple[str, ...]] = {}
    for portion in portions(sorted(names)):
        wanted = (
            select(RevisionRow, DocumentRow, ReadingRow)
            .join(DocumentRow, DocumentRow.id == RevisionRow.document)
            .join(ReadingRow, and_(ReadingRow.document == RevisionRow.document, ReadingRow.revision == RevisionRow.id))
            .join(DispositionRow, _same(RevisionRow, RevisionRow.id))
            .join(EditionRow, EditionRow.id == DispositionRow.edition)
            .where(DispositionRow.digest == digest, DispositionRow.document.in_(portion), earlier(before))
            .where(ReadingRow.failure.is_(None), DispositionRow.verdict.in_(_WAS_THERE))
            .order_by(RevisionRow.document, *_AGE, ReadingRow.recipe)
        )
        for revision, row, reading in session.execute(wanted):
            read = reading_of(assembled(revision, row), reading)
            found[row.id] = tuple(sentence.text for sentence in read.sentences)
    return found


def latest(
    session: Session, digest: str, names: Iterable[str], before: Edition | None = None
) -> dict[str, tuple[datetime, datetime]]:
    """Of each of these documents the age of the latest revision that a digest accounted for: arrived, published."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for portion in portions(sorted(set(names))):
        wanted = (
            select(RevisionRow.document, RevisionRow.arrived, RevisionRow.published)
            .join(DispositionRow, _same(RevisionRow, RevisionRow.id))
            .join(EditionRow, EditionRow.id == DispositionRow.edition)
            .where(DispositionRow.digest == digest, DispositionRow.document.in_(portion), earlier(before))
        )
        for name, arrived, published in session.execute(wanted):
            age = (arrived, published or arrived)
            found[name] = max(age, found.get(name, age))
    return found


def originals(
    session: Session, digest: str, names: Iterable[str], before: Edition | None = None
) -> frozenset[tuple[str, str]]:
    """Of these documents what a digest accounted for as something that could be told: document, and id of the body."""
    found: set[tuple[str, str]] = set()
    for portion in portions(sorted(set(names))):
        wanted = (
            select(RevisionRow.document, RevisionRow.body)
            .join(DispositionRow, _same(RevisionRow, RevisionRow.id))
            .join(EditionRow, EditionRow.id == DispositionRow.edition)
            .where(DispositionRow.digest == digest, DispositionRow.document.in_(portion), earlier(before))
            .where(DispositionRow.verdict.in_((*_WAS_THERE, Verdict.below_budget.value)))
        )
        found |= {(name, body) for name, body in session.execute(wanted)}
    return frozenset(found)


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
        select(RevisionRow, DocumentRow)
        .join(DocumentRow, DocumentRow.id == RevisionRow.document)
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
        wanted = select(RevisionRow, DocumentRow).join(DocumentRow, DocumentRow.id == RevisionRow.document)
        for revision, row in session.execute(wanted.where(or_(others, *quoted))):
            found[row.id] = _unread(assembled(revision, row), revision)
    return found


def _unread(document: Document, revision: RevisionRow, failure: str | None = None) -> Arrival:
    reading = Reading(document.id, document.revision, "", (), (), Summary((), ""), failure)
    return Arrival(document, reading, revision.arrived, revision.copy_of)
