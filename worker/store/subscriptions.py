"""Readers by e-mail: those of the configuration, and what the command and the readers themselves said since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.orm import Session

from worker.model import Subscription
from worker.store.database import inserting, portions
from worker.store.tables import DeliveryRow, EditionRow, SubscriptionRow

#: A delivery is tried for a day; whatever is older is not on its way.
_ON_THE_WAY = timedelta(days=3)
#: The last delivery of a reader is looked for among so many editions.
_RECENT = 14


@dataclass(frozen=True, slots=True)
class Last:
    """The last delivery to a reader: of which day, how it stands, and what was said of it."""

    day: date
    status: str
    receipt: str


def known(session: Session, digest: str) -> list[Subscription]:
    """What is stored of a digest's readers, by address."""
    rows = session.scalars(
        select(SubscriptionRow).where(SubscriptionRow.digest == digest).order_by(SubscriptionRow.key)
    )
    return [_subscription(row) for row in rows]


def one(session: Session, digest: str, address: str) -> Subscription | None:
    """What is stored of a reader."""
    row = session.get(SubscriptionRow, (digest, address.lower()), populate_existing=True)
    return _subscription(row) if row else None


def readers(session: Session, digest: str, configured: Iterable[str]) -> list[tuple[str, int]]:
    """Addresses that get a digest now, each with its round; what the database says of one wins."""
    stored = {one.address.lower(): one for one in known(session, digest)}
    found = {address.lower(): (address, 0) for address in configured}
    found |= {key: (one.address, one.round) for key, one in stored.items() if one.state == "active"}
    gone = {key for key, one in stored.items() if one.state != "active"}
    return [found[key] for key in sorted(found.keys() - gone)]


def add(session: Session, digest: str, addresses: Sequence[str], now: datetime) -> None:
    """Subscribe readers; for one that was removed a new round begins, and links of earlier ones are void."""
    said = {"digest": digest, "state": "active", "since": now, "round": 0}
    again = SubscriptionRow.round + case((SubscriptionRow.state == "removed", 1), else_=0)
    for portion in portions(list({address.lower(): address for address in addresses}.values())):
        _put(session, portion, said, ("address", "state", "since"), round=again)


def change(session: Session, digest: str, address: str, state: str, now: datetime) -> None:
    """Pause, resume or remove a reader; who is not active gets nothing of what is still to be sent, either."""
    _put(session, [address], {"digest": digest, "state": state, "since": now}, ("state", "since"))
    if state != "active":
        _hold_back(session, digest, address, state, now)


def unsubscribe(session: Session, digest: str, address: str, round_: int, now: datetime) -> bool:
    """Remove a reader who asked for it in a round; False if a later one has begun. Safe to repeat."""
    said = {"digest": digest, "state": "removed", "since": now, "round": round_}
    # The round stands in the statement: somebody may subscribe the reader anew at this very moment.
    # One that we know nothing of is from before a backup was restored, and as good.
    _put(session, [address], said, ("state", "since", "round"), SubscriptionRow.round <= round_)
    stored = one(session, digest, address)
    if stored is None or stored.round > round_:
        return False
    _hold_back(session, digest, address, "unsubscribed", now)
    return True


def _put(
    session: Session,
    addresses: Sequence[str],
    said: Mapping[str, object],
    news: Sequence[str],
    *where: ColumnElement[bool],
    **changes: object,
) -> None:
    """Keep what is said of readers; of those that are known in another state, the news and these changes."""
    rows = [{**said, "key": address.lower(), "address": address} for address in addresses]
    new = inserting(session, SubscriptionRow).values(rows)
    changed = {name: new.excluded[name] for name in news} | changes
    other = and_(SubscriptionRow.state != said["state"], *where)
    session.execute(new.on_conflict_do_update(index_elements=["digest", "key"], set_=changed, where=other))


def last(session: Session, digest: str) -> dict[str, Last]:
    """The last delivery to each reader of a digest, by address in lower case."""
    newest = select(EditionRow.id).where(EditionRow.digest == digest)
    newest = newest.order_by(EditionRow.day.desc(), EditionRow.number.desc()).limit(_RECENT)
    recent = (EditionRow.day.desc(), EditionRow.number.desc())
    place = func.row_number().over(partition_by=DeliveryRow.address, order_by=recent).label("place")
    columns = (DeliveryRow.address, DeliveryRow.status, DeliveryRow.receipt, EditionRow.day)
    sent = (
        select(*columns, place)
        .join(EditionRow, EditionRow.id == DeliveryRow.edition)
        .where(DeliveryRow.edition.in_(newest), DeliveryRow.channel == "mail")
        .subquery()
    )
    rows = session.execute(select(sent).where(sent.c.place == 1).order_by(sent.c.day))
    return {row.address.lower(): Last(row.day, row.status, row.receipt) for row in rows}


def _hold_back(session: Session, digest: str, address: str, why: str, now: datetime) -> None:
    """End what is on its way to a reader. What a server is taking at this moment says itself how it ended."""
    recent = select(EditionRow.id).where(EditionRow.digest == digest, EditionRow.day >= (now - _ON_THE_WAY).date())
    theirs = (DeliveryRow.channel == "mail") & (func.lower(DeliveryRow.address) == address.lower())
    waiting = DeliveryRow.status.in_(("pending", "sending"))
    ended = update(DeliveryRow).where(DeliveryRow.edition.in_(recent), theirs, waiting)
    session.execute(ended.values(status="failed", receipt=why, packed=None))


def _subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(row.digest, row.address, row.state, row.since, row.round)
