"""Editions: frozen, as lists show them, by what they tell, and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, String, and_, cast, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from worker.edition import Edition, Entry
from worker.model import Delivery, Sentence, Subscriber
from worker.store import accounts
from worker.store.database import portions
from worker.store.tables import DeliveryRow, EditionRow, ToldRow
from worker.text import identity

_EDITION = TypeAdapter(Edition)
#: What lists show of an edition: without it being read whole.
_ENTRY = (
    *(EditionRow.id, EditionRow.digest, EditionRow.day, EditionRow.number, EditionRow.stories),
    *(EditionRow.time, EditionRow.headlines),
)
_NEWEST = (EditionRow.day.desc(), EditionRow.digest, EditionRow.number.desc())
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
        ToldRow(edition=edition.id, position=number, text=one.text, document=one.span.document, revision=revision)
        for number, (one, revision) in enumerate(said(edition))
    )
    accounts.add(session, edition)


def said(edition: Edition) -> Iterator[tuple[Sentence, str]]:
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
    return _edition(row) if row else None


def between(session: Session, digest: str, first: date, last: date) -> list[Edition]:
    """All of a digest's editions of these days, also those that told nothing, as they were made."""
    days = EditionRow.day.between(first, last)
    rows = session.scalars(select(EditionRow).where(EditionRow.digest == digest, days))
    return sorted(map(_edition, rows), key=lambda edition: (edition.at, edition.day, edition.number))


def of_day(session: Session, digest: str, day: date) -> list[Edition]:
    """A digest's editions of a day that told something, as they were made."""
    return [edition for edition in between(session, digest, day, day) if edition.tells]


def newest(session: Session, digest: str, most: int, before: Edition | None) -> tuple[Edition, ...]:
    """The newest editions of a digest that told something, at most so many, of those made before one; oldest first."""
    told = select(EditionRow).where(EditionRow.digest == digest, EditionRow.stories > 0, earlier(before))
    last = told.order_by(EditionRow.day.desc(), EditionRow.number.desc()).limit(most)
    return tuple(reversed([_edition(row) for row in session.scalars(last)]))


def latest(session: Session, digest: str) -> Edition | None:
    """A digest's newest edition that told something."""
    return next(iter(newest(session, digest, 1, None)), None)


def earlier(edition: Edition | None) -> ColumnElement[bool]:
    """Whether an edition was made before this one; of those made at the same moment, for an earlier day."""
    if edition is None:
        return true()
    same = and_(EditionRow.at == edition.at, EditionRow.digest == edition.digest)
    sooner = or_(EditionRow.day < edition.day, and_(EditionRow.day == edition.day, EditionRow.number < edition.number))
    return or_(EditionRow.at < edition.at, and_(same, sooner))


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


def entries(session: Session, most: int | None = None, skipped: int = 0, *, digest: str = "") -> list[Entry]:
    """Editions that told something as lists show them, the newest first; of all digests, or one."""
    wanted = select(*_ENTRY).where(EditionRow.stories > 0)
    if digest:
        wanted = wanted.where(EditionRow.digest == digest)
    return [_entry(row) for row in session.execute(wanted.order_by(*_NEWEST).limit(most).offset(skipped))]


def entry(session: Session, edition: str) -> Entry | None:
    """The edition of an id, as lists show it."""
    row = session.execute(select(*_ENTRY).where(EditionRow.id == edition)).first()
    return _entry(row) if row else None


def telling(session: Session, story: str) -> list[Edition]:
    """The editions that told a story whose id begins so, the newest first."""
    named = cast(EditionRow.headlines, String).like(f'%["{story}%')
    return [_edition(row) for row in session.scalars(select(EditionRow).where(named).order_by(*_NEWEST))]


def quoting(session: Session, documents: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of editions that quote one of these documents (id, revision; told by an old version: any revision)."""
    found: set[str] = set()
    for portion in portions(documents):
        wanted = (and_(ToldRow.document == name, ToldRow.revision.in_((revision, ""))) for name, revision in portion)
        found.update(session.scalars(select(ToldRow.edition).where(or_(*wanted)).distinct()))
    return sorted(found)


def addressed(edition: str, to: Subscriber) -> Delivery:
    """An edition's delivery to a subscriber, not yet begun; made again, it has the same id."""
    return Delivery(identity.identity(edition, to.channel, to.address), edition, to, "pending")


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


def archived(session: Session, edition: str) -> str | None:
    """The delivery of an edition into the archive."""
    wanted = select(DeliveryRow.id).where(DeliveryRow.edition == edition, DeliveryRow.channel == "archive")
    return session.scalar(wanted.limit(1))


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
    """Have a delivery made once more, as if it had never been tried; one that is half sent goes on from there."""
    values = {"status": "pending", "receipt": "", "attempt": 0, "first_tried": None, "packed": None}
    mark_if(session, name, ("pending", "sent", "failed", "unknown"), **values)


def on_the_way(session: Session) -> dict[str, int]:
    """How many deliveries there are in each status; "doubts": how often one went out that may have arrived before."""
    counted = select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status).order_by(DeliveryRow.status)
    doubts = session.scalar(select(func.sum(DeliveryRow.doubts))) or 0
    return {**dict(session.execute(counted).all()), "doubts": int(doubts)}


def _edition(row: EditionRow) -> Edition:
    return _EDITION.validate_python(row.content)


def _entry(row: Any) -> Entry:
    headlines = tuple((story, headline) for story, headline in row.headlines)
    return Entry(row.id, row.digest, row.day, row.number, row.stories, row.time, headlines)


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
