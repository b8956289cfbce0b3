"""Handing an edition over: each step is remembered, so that a crash leaves one doubtful moment and no other.

A mail's delivery goes pending, sending, committing, sent. It is committing from the server's go-ahead
until its answer: who crashes in between cannot know whether the mail arrived. What was packed at the
first try is kept and handed over again unchanged, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from worker import schedule
from worker.edition import Edition
from worker.errors import (
    ConfigError,
    DeliveryDoubtful,
    DeliveryFailed,
    DeliveryRefused,
    FormFailed,
    NotFound,
    UnburyError,
)
from worker.model import Delivery, Job, Rendition, Subscriber
from worker.plugins import Passage
from worker.runtime import Runtime
from worker.services import shelf
from worker.services.recipients import as_configured, unsubscribing
from worker.services.work import Delivered, Saved, Work
from worker.store import editions, jobs
from worker.store.database import Transaction

#: For so long a delivery that fails is tried again.
_TRIED_FOR = timedelta(days=1)
#: Statuses in which nothing is left to do, unless somebody asks for it.
ENDED = ("sent", "failed", "unknown")


@dataclass
class Unmarked:
    """The passage of what is handed over by hand: nothing of it is remembered."""

    kept: bytes = b""

    def keep(self, packed: bytes) -> None:
        """Remember nothing."""

    def crossing(self) -> None:
        """Remember nothing."""


class _Marked:
    """The passage of a delivery: each mark is a transaction that only the job's holder can make."""

    def __init__(self, runtime: Runtime, job: Job, delivery: Delivery) -> None:
        self._runtime, self._job, self._delivery = runtime, job, delivery
        self.kept = delivery.packed
        self.status = delivery.status

    def keep(self, packed: bytes) -> None:
        """Remember the bytes, the attempt, and if the last one ended in doubt, that this is one mail too many."""
        before = self._delivery
        self._mark(
            ("pending", "sending", "committing"),
            status="sending",
            packed=packed,
            attempt=before.attempt + 1,
            doubts=before.doubts + (before.status == "committing"),
            first_tried=before.first_tried or self._runtime.now(),
        )

    def crossing(self) -> None:
        """Remember that the server waits for the mail now."""
        self._mark(("sending",), status="committing")

    def _mark(self, before: Sequence[str], **values: object) -> None:
        """Remember it, unless the delivery was ended meanwhile. Raises JobLost, DeliveryRefused: no dot is sent."""
        until = self._runtime.now() + self._runtime.leases["deliver"]

        def mark() -> None:
            with self._runtime.database.writing() as session:
                jobs.hold(session, self._job, until)
                if not editions.mark_if(session, self._delivery.id, before, **values):
                    raise DeliveryRefused(f"{self._delivery.subscriber.address} does not get it any more")

        self._runtime.patiently(mark)
        self.status = str(values["status"])


def deliver(runtime: Runtime, job: Job) -> Work:
    """Hand an edition over in all its forms; the job's key is the delivery's id. Raises JobLost, NotFound."""
    with runtime.database.reading() as session:
        delivery = editions.delivery(session, job.key)
        edition = edition_of(runtime, session, delivery) if delivery else None
    if delivery is None or edition is None:
        raise NotFound(f"there is no delivery {job.key}")
    if delivery.status in ENDED:
        return Work()
    return _handed_over(runtime, job, edition, delivery)


def _handed_over(runtime: Runtime, job: Job, edition: Edition, delivery: Delivery) -> Work:
    hold = runtime.settings.smtp.on_doubt == "hold"
    if delivery.status == "committing" and hold:
        return _held(delivery)
    passage = _Marked(runtime, job, delivery)
    try:
        to = as_configured(runtime, edition.digest, delivery.subscriber)
        receipts = hand_over(runtime, edition, to, passage)
    except DeliveryRefused as error:
        return _marked(delivery, error, status="failed", receipt=str(error), packed=None)
    except DeliveryDoubtful as error:
        return _held(delivery) if hold else _tried_again(runtime, delivery, error, "committing")
    except (ConfigError, FormFailed) as error:  # a template or form of the user's, which is mended within the day
        before = "committing" if delivery.status == "committing" else "pending"
        return _tried_again(runtime, delivery, DeliveryFailed(str(error), error.hint), before)
    except DeliveryFailed as error:
        # Who was put off before anything was packed is as doubtful as he was.
        untouched = passage.status == delivery.status == "committing"
        return _tried_again(runtime, delivery, error, "committing" if untouched else "pending")
    report = Delivered(edition.id, tuple(receipts), delivery.subscriber.channel, delivery.subscriber.address)
    return _marked(delivery, report=report, status="sent", receipt="\n".join(receipts), packed=None)


def edition_of(runtime: Runtime, session: Transaction, delivery: Delivery) -> Edition | None:
    """The edition that a delivery brings; read once for all its readers."""
    return runtime.once(delivery.edition, lambda: editions.get(session, delivery.edition))


def hand_over(runtime: Runtime, edition: Edition, to: Subscriber, passage: Passage) -> Sequence[str]:
    """An edition handed to a subscriber in the forms wanted; gives the receipts. Raises DeliveryFailed."""

    def made(form: str) -> Rendition:
        return runtime.once((edition.id, form), lambda: runtime.exporter(form).export(edition))

    if to.channel == "archive":
        return _archived(runtime, edition, to, passage)
    renditions = [made(form) for form in to.forms]
    if to.channel == "mail":
        to = replace(to, unsubscribe=unsubscribing(runtime, edition.digest, to.address))
    return runtime.deliverer(to.channel).deliver(renditions, to, passage)


def _archived(runtime: Runtime, edition: Edition, to: Subscriber, passage: Passage) -> Sequence[str]:
    """An edition put into the archive; the newest again if others came meanwhile, so that the lists know all.

    Where there is no archive yet, all earlier editions are put into it as well. Raises ConfigError, FormFailed for
    a form that cannot be made, once the others are there.
    """

    def put(made: Sequence[Rendition], into: Subscriber = to) -> Sequence[str]:
        return runtime.deliverer(to.channel).deliver(made, into, passage) if made else []

    own = archive = shelf.Shelf(runtime, edition.digest)
    if "html" in to.forms and not (Path(to.address) / "index.html").exists():
        for month in archive.months(to.forms):
            put(month)
    receipts = put(archive.renditions(edition, to.forms))
    while (now := shelf.Shelf(runtime, edition.digest)).entries != archive.entries:
        archive = now
        put(archive.renditions(archive.newest(), to.forms))
    if "html" in to.forms and len(runtime.digests) > 1:
        put([shelf.digests(runtime)], replace(to, address=str(runtime.settings.out)))
    for error in own.failed:
        raise error
    return receipts


def _held(delivery: Delivery) -> Work:
    error = DeliveryDoubtful("it may have arrived: the machine or the line broke down while the server took it")
    return _marked(delivery, error, status="unknown", receipt=str(error))


def _tried_again(runtime: Runtime, delivery: Delivery, error: DeliveryFailed, status: str) -> Work:
    now = runtime.now()
    first = delivery.first_tried or now
    if now - first >= _TRIED_FOR:
        ended = {"pending": "failed", "committing": "unknown"}[status]
        return _marked(delivery, error, status=ended, receipt=str(error))
    again = now + schedule.backoff(delivery.attempt + 1, most=timedelta(hours=1))
    return _marked(delivery, error, again, status=status, first_tried=first, attempt=delivery.attempt + 1)


def _marked(
    delivery: Delivery,
    error: UnburyError | None = None,
    again: datetime | None = None,
    report: Delivered | None = None,
    **marks: object,
) -> Work:
    """What came of a delivery, to be remembered: these values of it."""

    def save(session: Transaction) -> Saved:
        editions.mark(session, delivery.id, **marks)
        return Saved(report=report)

    return Work(save, again, error)
