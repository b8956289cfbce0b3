"""Which edition of a digest is due, and what becomes of the slots that it is for."""

from __future__ import annotations

from datetime import date, datetime

from worker import schedule
from worker.edition import Digest, Edition
from worker.model import Job, Settled
from worker.store import slots
from worker.store.database import Transaction


def planned(session: Transaction, digest: Digest, now: datetime) -> schedule.Plan | None:
    """The slot of a digest whose edition is to be made now; None before its first edition, which no slot waits for."""
    last = slots.last(session, digest.name, now)
    if last is None:
        return None
    settled, seen = slots.names(session, digest.name, last), slots.seen(session, digest.name)
    return schedule.plan(digest, last, settled, now, seen)


def tells(edition: Edition) -> bool:
    """Whether there is anything in an edition to be read."""
    return bool(edition.items or edition.corrections)


def settled(digest: Digest, plan: schedule.Plan, edition: Edition | None) -> list[Settled]:
    """What came of a slot, and of those that were missed before it."""
    made = edition.id if edition else ""
    outcome = "edition" if edition and (tells(edition) or digest.empty) else "empty"
    merged = [Settled(digest.name, slot.name, slot.due, "merged", made) for slot in plan.merged]
    return [*merged, Settled(digest.name, plan.slot.name, plan.slot.due, outcome, made)]


def compose_job(digest: str, day: date, nth: int) -> Job:
    """The job that makes a digest's edition of a day, the nth time that day."""
    key = f"{digest}/{day.isoformat()}" + (f"/{nth}" if nth > 1 else "")
    return Job("compose", key, {"digest": digest, "day": day.isoformat()})


def slot_job(digest: str, slot: schedule.Slot) -> Job:
    """The job that makes the edition of a slot."""
    return Job("compose", f"{digest}/{slot.name}", {"digest": digest, "day": slot.day.isoformat(), "slot": slot.name})
