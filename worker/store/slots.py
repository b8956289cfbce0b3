"""Slots: the times at which editions were due, each settled once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from worker.errors import JobLost
from worker.model import Settled
from worker.store.database import inserting
from worker.store.tables import EditionRow, SlotRow

#: What a digest's very first edition is called among the slots; seen when somebody began to wait for it.
FIRST = "first"
#: Seen to be due, but not settled yet.
_WAITING = "waiting"


def last(session: Session, digest: str, now: datetime) -> datetime | None:
    """When a digest's newest settled slot was due, or before there is one, when its newest edition was made.

    What would be later than now is from a clock that was wrong.
    """
    settled = (SlotRow.digest == digest) & (SlotRow.outcome != _WAITING) & (SlotRow.due <= now)
    found = session.scalar(select(func.max(SlotRow.due)).where(settled))
    made = select(func.max(EditionRow.at)).where(EditionRow.digest == digest)
    return found or session.scalar(made.where(EditionRow.at <= now)) or session.scalar(made)


def names(session: Session, digest: str, since: datetime) -> set[str]:
    """The names of a digest's settled slots that were due since some days before a moment."""
    wanted = (SlotRow.digest == digest) & (SlotRow.outcome != _WAITING) & (SlotRow.due > since - timedelta(days=3))
    return set(session.scalars(select(SlotRow.slot).where(wanted)))


def see(session: Session, digest: str, slot: str, due: datetime, now: datetime) -> None:
    """Remember that a slot is seen to be due now, unless it was before."""
    row = {"digest": digest, "slot": slot, "due": due, "outcome": _WAITING, "seen": now}
    session.execute(inserting(session, SlotRow).values(row).on_conflict_do_nothing())


def seen(session: Session, digest: str) -> dict[str, datetime]:
    """The slots of a digest that are waited for, and when each was first seen to be due."""
    waiting = (SlotRow.digest == digest) & (SlotRow.outcome == _WAITING)
    return dict(session.execute(select(SlotRow.slot, SlotRow.seen).where(waiting)).all())


def forget_future(session: Session, now: datetime, far: timedelta) -> None:
    """Forget what is settled for times to come, if it reaches so far: a clock was ahead, and they would never come."""
    if session.scalar(select(SlotRow.slot).where(SlotRow.due > now + far).limit(1)) is not None:
        session.execute(delete(SlotRow).where(SlotRow.due >= now))


def settle(session: Session, settled: Iterable[Settled]) -> None:
    """Say what came of slots. Raises JobLost if somebody has said it before: nothing of the transaction may stay."""
    for one in settled:
        see(session, one.digest, one.slot, one.due, one.due)
        open_ = (SlotRow.digest == one.digest) & (SlotRow.slot == one.slot) & (SlotRow.outcome == _WAITING)
        said = update(SlotRow).where(open_).values(outcome=one.outcome, edition=one.edition).returning(SlotRow.slot)
        if session.scalar(said) is None:
            raise JobLost(f"the edition of {one.digest} for {one.slot} was made by somebody else")


def cover(session: Session, digest: str, now: datetime) -> None:
    """Have all of a digest's slots up to now count as settled."""
    row = {"digest": digest, "slot": f"covered {now.isoformat()}", "due": now, "outcome": "merged", "seen": now}
    session.execute(inserting(session, SlotRow).values(row).on_conflict_do_nothing())


def settled(session: Session, digest: str, most: int = 50) -> list[Settled]:
    """A digest's newest settled slots, the newest first."""
    wanted = select(SlotRow).where(SlotRow.digest == digest, SlotRow.outcome != _WAITING)
    rows = session.scalars(wanted.order_by(SlotRow.due.desc(), SlotRow.slot.desc()).limit(most))
    return [Settled(row.digest, row.slot, row.due, row.outcome, row.edition) for row in rows]
