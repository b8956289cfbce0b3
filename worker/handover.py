"""Handing an edition over: each step is remembered, so that a crash leaves one doubtful moment and no other.

A mail's delivery goes pending, sending, committing, sent. It is committing from the server's go-ahead
until its answer: who crashes in between cannot know whether the mail arrived. What was packed at the
first try is kept and handed over again unchanged, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from worker import schedule
from worker.edition import Edition
from worker.errors import DeliveryDoubtful, DeliveryFailed, DeliveryRefused, UnburyError
from worker.model import Delivery, Job, Subscriber
from worker.plugins import Passage
from worker.runtime import Runtime
from worker.store import editions, jobs

#: For so long a delivery that fails is tried again.
_TRIED_FOR = timedelta(days=1)
#: Statuses in which nothing is left to do, unless somebody asks for it.
ENDED = ("sent", "failed", "unknown")


@dataclass(frozen=True)
class Outcome:
    """How a delivery went: what to remember of it, and if it did not succeed, why, and when it is tried again."""

    marks: Mapping[str, object]
    receipts: tuple[str, ...] = ()
    error: UnburyError | None = None
    again: datetime | None = None


@dataclass
class Unmarked:
    """The passage of what is handed over by hand: nothing of it is remembered."""

    kept: bytes = field(default=b"")

    def keep(self, packed: bytes) -> None:
        """Remember nothing."""

    def crossing(self) -> None:
        """Remember nothing."""


class _Marked:
    """The passage of a delivery: each mark is a transaction that only the job's holder can make."""

    def __init__(self, runtime: Runtime, job: Job, delivery: Delivery) -> None:
        self._runtime, self._job, self._delivery = runtime, job, delivery
        self.kept = delivery.packed

    def keep(self, packed: bytes) -> None:
        """Remember the bytes, the attempt, and if the last one ended in doubt, that this is one mail too many."""
        before = self._delivery
        self._mark(
            status="sending",
            packed=packed,
            attempt=before.attempt + 1,
            doubts=before.doubts + (before.status == "committing"),
            first_tried=before.first_tried or self._runtime.now(),
        )

    def crossing(self) -> None:
        """Remember that the server waits for the mail now."""
        self._mark(status="committing")

    def _mark(self, **values: object) -> None:
        until = self._runtime.now() + self._runtime.leases["deliver"]

        def mark() -> None:
            with self._runtime.database.writing() as session:
                jobs.hold(session, self._job, until)
                editions.mark(session, self._delivery.id, **values)

        self._runtime.patiently(mark)


def handed_over(runtime: Runtime, job: Job, edition: Edition, delivery: Delivery) -> Outcome:
    """What came of handing an edition over to a subscriber. Raises JobLost."""
    if delivery.status == "committing" and runtime.settings.smtp.on_doubt == "hold":
        return _held()
    try:
        receipts = hand_over(runtime, edition, delivery.subscriber, _Marked(runtime, job, delivery))
    except DeliveryRefused as error:
        return Outcome({"status": "failed", "receipt": str(error), "packed": None}, error=error)
    except DeliveryDoubtful as error:
        hold = runtime.settings.smtp.on_doubt == "hold"
        return _held() if hold else _tried_again(runtime, delivery, error, "committing")
    except DeliveryFailed as error:
        return _tried_again(runtime, delivery, error, "pending")
    return Outcome({"status": "sent", "receipt": "\n".join(receipts), "packed": None}, tuple(receipts))


def hand_over(runtime: Runtime, edition: Edition, to: Subscriber, passage: Passage) -> Sequence[str]:
    """An edition handed to a subscriber in the forms wanted; gives the receipts. Raises DeliveryFailed."""
    renditions = [runtime.exporter(form).export(edition) for form in to.forms]
    if to.channel == "mail":
        to = replace(to, unsubscribe=runtime.unsubscribing(edition.digest, to.address))
    return runtime.deliverer(to.channel).deliver(renditions, to, passage)


def _held() -> Outcome:
    error = DeliveryDoubtful("it may have arrived: the machine or the line broke down while the server took it")
    return Outcome({"status": "unknown", "receipt": str(error)}, error=error)


def _tried_again(runtime: Runtime, delivery: Delivery, error: DeliveryFailed, status: str) -> Outcome:
    now = runtime.now()
    first = delivery.first_tried or now
    if now - first >= _TRIED_FOR:
        ended = {"pending": "failed", "committing": "unknown"}[status]
        return Outcome({"status": ended, "receipt": str(error)}, error=error)
    marks = {"status": status, "first_tried": first, "attempt": delivery.attempt + 1}
    return Outcome(marks, error=error, again=now + schedule.backoff(delivery.attempt + 1, most=timedelta(hours=1)))
