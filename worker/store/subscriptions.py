"""Readers by e-mail: those of the configuration, and what the command and the readers themselves said since."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from worker.model import Subscription
from worker.store.tables import SubscriptionRow


def known(session: Session, digest: str) -> list[Subscription]:
    """What is stored of a digest's readers, by address."""
    rows = session.scalars(
        select(SubscriptionRow).where(SubscriptionRow.digest == digest).order_by(SubscriptionRow.key)
    )
    return [Subscription(row.digest, row.address, row.state, row.since, row.round) for row in rows]


def readers(session: Session, digest: str, configured: Iterable[str]) -> list[tuple[str, int]]:
    """Addresses that get a digest now, each with its round; what the database says of one wins."""
    stored = {one.address.lower(): one for one in known(session, digest)}
    found = {address.lower(): (address, 0) for address in configured}
    found |= {key: (one.address, one.round) for key, one in stored.items() if one.state == "active"}
    gone = {key for key, one in stored.items() if one.state != "active"}
    return [found[key] for key in sorted(found.keys() - gone)]
