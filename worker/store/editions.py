"""Editions, what they told, what they answered for each document, and where they go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from worker.model import Delivery, Edition, Subscriber, Told
from worker.store.tables import DeliveryRow, DispositionRow, EditionRow, ToldRow

_EDITION = TypeAdapter(Edition)


def add(session: Session, edition: Edition) -> None:
    """Freeze an edition, its account and what it told; refused by the database if a document has an answer already."""
    session.add(
        EditionRow(
            id=edition.id,
            digest=edition.digest,
            day=edition.day,
            number=edition.number,
            stories=len(edition.items),
            content=_EDITION.dump_python(edition, mode="json"),
        )
    )
    sentences = [sentence for item in edition.items for sentence in item.summary.sentences]
    session.add_all(ToldRow(edition=edition.id, position=n, text=s.text) for n, s in enumerate(sentences))
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


def get(session: Session, edition: str) -> Edition | None:
    """The edition with an id."""
    row = session.get(EditionRow, edition)
    return _edition(row) if row else None


def of_day(session: Session, digest: str, day: date) -> list[Edition]:
    """A digest's editions of a day that told something, by number."""
    return [_edition(row) for row in session.scalars(_told_something(digest).where(EditionRow.day == day))]


def latest(session: Session, digest: str) -> Edition | None:
    """A digest's newest edition that told something."""
    newest = _told_something(digest).order_by(None).order_by(EditionRow.day.desc(), EditionRow.number.desc())
    row = session.scalars(newest.limit(1)).first()
    return _edition(row) if row else None


def exist(session: Session, digest: str) -> bool:
    """Whether a digest has any edition, be it one that told nothing."""
    return session.scalar(select(EditionRow.id).where(EditionRow.digest == digest).limit(1)) is not None


def next_number(session: Session, digest: str, day: date) -> int:
    """The number of a digest's next edition of a day."""
    of_that_day = (EditionRow.digest == digest) & (EditionRow.day == day)
    return 1 + (session.scalar(select(func.max(EditionRow.number)).where(of_that_day)) or 0)


def told(session: Session, digest: str, most: int) -> list[Told]:
    """What the digest's newest editions told, at most so many of them."""
    recent = _told_something(digest).order_by(None).order_by(EditionRow.day.desc(), EditionRow.number.desc())
    days = {row.id: row.day for row in session.scalars(recent.limit(most))}
    wanted = select(ToldRow.text, ToldRow.edition).where(ToldRow.edition.in_(days))
    rows = session.execute(wanted.order_by(ToldRow.edition, ToldRow.position))
    return [Told(text, days[edition]) for text, edition in rows]


def verdicts(session: Session, document: str) -> list[tuple[str, date, str, str]]:
    """What became of a document: digest, day, verdict and reason, oldest first."""
    wanted = (
        select(DispositionRow.digest, EditionRow.day, DispositionRow.verdict, DispositionRow.because)
        .join(EditionRow, EditionRow.id == DispositionRow.edition)
        .where(DispositionRow.document == document)
        .order_by(EditionRow.day, EditionRow.number)
    )
    return list(session.execute(wanted))


def send(session: Session, deliveries: Iterable[Delivery]) -> None:
    """Remember deliveries that are to be made."""
    for delivery in deliveries:
        subscriber = delivery.subscriber
        session.add(
            DeliveryRow(
                id=delivery.id,
                edition=delivery.edition,
                channel=subscriber.channel,
                address=subscriber.address,
                forms=list(subscriber.forms),
                status=delivery.status,
                receipt=delivery.receipt,
            )
        )


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
    session.execute(update(DeliveryRow).where(DeliveryRow.id == name).values(values))


def on_the_way(session: Session) -> dict[str, int]:
    """How many deliveries there are in each status; "doubts": how often one went out that may have arrived before."""
    counted = select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status).order_by(DeliveryRow.status)
    doubts = session.scalar(select(func.sum(DeliveryRow.doubts))) or 0
    return {**dict(session.execute(counted).all()), "doubts": int(doubts)}


def _told_something(digest: str) -> Select[EditionRow]:
    wanted = select(EditionRow).where(EditionRow.digest == digest, EditionRow.stories > 0)
    return wanted.order_by(EditionRow.day, EditionRow.number)


def _edition(row: EditionRow) -> Edition:
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
