"""Editions, what they told, what they answered for each document, and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from worker.edition import Edition, Told
from worker.model import Delivery, Sentence, Subscriber
from worker.store import accounts
from worker.store.tables import DeliveryRow, DispositionRow, EditionRow, ToldRow
from worker.text import identity
from worker.text.likeness import normal

_EDITION = TypeAdapter(Edition)
#: The bare table: each mail is marked three times, and objects in step are not needed for it.
_DELIVERIES: Any = DeliveryRow.__table__


def add(session: Session, edition: Edition) -> None:
    """Freeze an edition, its account and what it told; refused by the database if a document has an answer already."""
    session.add(
        EditionRow(
            id=edition.id,
            digest=edition.digest,
            day=edition.day,
            number=edition.number,
            stories=len(edition.items) + len(edition.corrections),
            content=_EDITION.dump_python(edition, mode="json"),
            at=edition.at,
            time=edition.time,
            headlines=[[item.story.id, item.headline] for item in edition.items],
        )
    )
    session.add_all(
        ToldRow(
            edition=edition.id,
            position=number,
            text=sentence.text,
            document=sentence.span.document,
            revision=revision,
            fingerprint=identity.identity(normal(sentence.text)),
        )
        for number, (sentence, revision) in enumerate(_said(edition))
    )
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
    accounts.advance(session, edition.digest)


def _said(edition: Edition) -> Iterator[tuple[Sentence, str]]:
    """Each sentence that an edition tells, and the revision that it stands in."""
    for item in edition.items:
        revisions = [proof.revision for proof in item.proofs] or [""] * len(item.summary.sentences)
        yield from zip(item.summary.sentences, revisions, strict=True)
    for correction in edition.corrections:
        if correction.now:
            yield correction.now, correction.proof.revision


def get(session: Session, edition: str) -> Edition | None:
    """The edition with an id."""
    row = session.get(EditionRow, edition)
    return edition_of(row) if row else None


def of_day(session: Session, digest: str, day: date) -> list[Edition]:
    """A digest's editions of a day that told something, by number."""
    return [edition_of(row) for row in session.scalars(_told_something(digest).where(EditionRow.day == day))]


def latest(session: Session, digest: str) -> Edition | None:
    """A digest's newest edition that told something."""
    newest = _told_something(digest).order_by(None).order_by(EditionRow.day.desc(), EditionRow.number.desc())
    row = session.scalars(newest.limit(1)).first()
    return edition_of(row) if row else None


def exist(session: Session, digest: str) -> bool:
    """Whether a digest has any edition, be it one that told nothing."""
    return session.scalar(select(EditionRow.id).where(EditionRow.digest == digest).limit(1)) is not None


def next_number(session: Session, digest: str, day: date) -> int:
    """The number of a digest's next edition of a day."""
    of_that_day = (EditionRow.digest == digest) & (EditionRow.day == day)
    return 1 + (session.scalar(select(func.max(EditionRow.number)).where(of_that_day)) or 0)


def next_moment(session: Session, digest: str, now: datetime) -> datetime:
    """When a digest's next edition is made: now, and in any case after all others, so that they have an order."""
    last = session.scalar(select(func.max(EditionRow.at)).where(EditionRow.digest == digest))
    return now if last is None or last < now else last + timedelta(microseconds=1)


def told(session: Session, digest: str, most: int, before: Edition | None = None) -> list[Told]:
    """What the digest's newest editions told, at most so many of them; those made `before` one, or all."""
    recent = select(EditionRow.id, EditionRow.day).where(EditionRow.digest == digest, EditionRow.stories > 0)
    newest = recent.where(earlier(before)).order_by(EditionRow.day.desc(), EditionRow.number.desc())
    days = dict(session.execute(newest.limit(most)).all())
    wanted = select(ToldRow).where(ToldRow.edition.in_(days)).order_by(ToldRow.edition, ToldRow.position)
    return [Told(row.text, days[row.edition], row.document, row.revision) for row in session.scalars(wanted)]


def earlier(edition: Edition | None) -> ColumnElement[bool]:
    """Whether an edition was made before this one; of those made at the same moment, for an earlier day."""
    if edition is None:
        return true()
    same = and_(EditionRow.at == edition.at, EditionRow.digest == edition.digest)
    sooner = or_(EditionRow.day < edition.day, and_(EditionRow.day == edition.day, EditionRow.number < edition.number))
    return or_(EditionRow.at < edition.at, and_(same, sooner))


def between(session: Session, digest: str, first: date, last: date) -> list[Edition]:
    """All of a digest's editions of these days, also those that told nothing, as they were made."""
    days = EditionRow.day.between(first, last)
    rows = session.scalars(select(EditionRow).where(EditionRow.digest == digest, days))
    return sorted(map(edition_of, rows), key=lambda edition: (edition.at, edition.day, edition.number))


def send(session: Session, deliveries: Iterable[Delivery]) -> None:
    """Remember deliveries that are to be made, thousands in one statement."""
    rows = [
        {
            "id": delivery.id,
            "edition": delivery.edition,
            "channel": delivery.subscriber.channel,
            "address": delivery.subscriber.address,
            "forms": list(delivery.subscriber.forms),
            "status": delivery.status,
            "receipt": delivery.receipt,
        }
        for delivery in deliveries
    ]
    if rows:  # with none, SQLAlchemy would add one of nothing but defaults
        session.execute(insert(_DELIVERIES), rows)


def delivery(session: Session, name: str) -> Delivery | None:
    """The delivery with an id."""
    row = session.get(DeliveryRow, name)
    return _delivery(row) if row else None


def deliveries(session: Session, edition: str) -> list[Delivery]:
    """The deliveries of an edition."""
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.edition == edition).order_by(DeliveryRow.id))
    return [_delivery(row) for row in rows]


def mark(session: Session, name: str, **values: object) -> None:
    """Remember how far a delivery got: any of its status, receipt, attempt, doubts, first_tried, packed."""
    session.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == name).values(values))


def mark_if(session: Session, name: str, before: Sequence[str], **values: object) -> bool:
    """The same for a delivery in one of these statuses; gives whether it was in one."""
    mine = (_DELIVERIES.c.id == name) & _DELIVERIES.c.status.in_(before)
    return (
        session.execute(update(_DELIVERIES).where(mine).values(values).returning(_DELIVERIES.c.id)).first() is not None
    )


def begin_anew(session: Session, name: str) -> None:
    """Have a delivery made once more, as if it had never been tried."""
    mark(session, name, status="pending", receipt="", attempt=0, first_tried=None, packed=None)


def on_the_way(session: Session) -> dict[str, int]:
    """How many deliveries there are in each status; "doubts": how often one went out that may have arrived before."""
    counted = select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status).order_by(DeliveryRow.status)
    doubts = session.scalar(select(func.sum(DeliveryRow.doubts))) or 0
    return {**dict(session.execute(counted).all()), "doubts": int(doubts)}


def _told_something(digest: str) -> Select[EditionRow]:
    wanted = select(EditionRow).where(EditionRow.digest == digest, EditionRow.stories > 0)
    return wanted.order_by(EditionRow.day, EditionRow.number)


def edition_of(row: EditionRow) -> Edition:
    """An edition out of its row."""
    return _EDITION.validate_python(row.content)


def _delivery(row: DeliveryRow) -> Delivery:
    subscriber = Subscriber(row.channel, row.address, tuple(row.forms))
    return Delivery(
        row.id,
        row.edition,
        subscriber,
        row.status,
        row.receipt,
        row.attempt,
        row.doubts,
        row.first_tried,
        row.packed or b"",
    )
