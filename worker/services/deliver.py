"""Handing an edition over: each step is remembered, so that a crash leaves one doubtful moment and no other.

A mail's delivery goes pending, sending, committing, sent. It is committing from the server's go-ahead
until its answer: who crashes in between cannot know whether the mail arrived. What was packed at the
first try is kept and handed over again unchanged, with the same Message-ID.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from worker import schedule
from worker.edition import Edition
from worker.errors import ConfigError, DeliveryDoubtful, DeliveryFailed, DeliveryRefused, NotFound, UnburyError
from worker.model import Delivery, Job, Rendition, Subscriber
from worker.plugins import Passage
from worker.runtime import Runtime
from worker.services import shelf
from worker.services.work import Delivered, Saved, Work
from worker.store import editions, jobs
from worker.store.database import Database, Transaction

T = TypeVar("T")
#: For so long a delivery that fails is tried again.
_TRIED_FOR = timedelta(days=1)
#: Statuses in which nothing is left to do, unless somebody asks for it.
ENDED = ("sent", "failed", "unknown")
#: Editions and forms that are kept; several digests may be on their way at the same time.
_MOST = 16


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


class _Kept:
    """What was made for one reader and is the same for all others: the newest few."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is there under the key, else what is made now; the others wait for it."""
        with self._lock:
            if key not in self._kept:
                made = make()
                self._kept = dict([*self._kept.items()][1 - _MOST :])
                self._kept[key] = made
            return self._kept[key]  # type: ignore[return-value]  # made under this key


#: For each database, as no two hold the same editions; whoever opens one has his own settings.
_ALL_KEPT: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()


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
    """Hand an edition over in all its forms; the job's key is the delivery's id."""
    with runtime.database.reading() as session:
        delivery = editions.delivery(session, job.key)
        edition = edition_of(runtime, session, delivery) if delivery else None
    if delivery is None or edition is None:
        raise NotFound(f"there is no delivery {job.key}")
    if delivery.status in ENDED:
        return Work(lambda _: Saved())
    outcome = handed_over(runtime, job, edition, delivery)
    to = delivery.subscriber

    def save(session: Transaction) -> Saved:
        editions.mark(session, delivery.id, **outcome.marks)
        return Saved(report=None if outcome.error else Delivered(edition.id, outcome.receipts, to.channel, to.address))

    return Work(save, outcome.again, outcome.error)


def handed_over(runtime: Runtime, job: Job, edition: Edition, delivery: Delivery) -> Outcome:
    """What came of handing an edition over to a subscriber. Raises JobLost."""
    if delivery.status == "committing" and runtime.settings.smtp.on_doubt == "hold":
        return _held()
    passage = _Marked(runtime, job, delivery)
    try:
        receipts = hand_over(runtime, edition, delivery.subscriber, passage)
    except DeliveryRefused as error:
        return Outcome({"status": "failed", "receipt": str(error), "packed": None}, error=error)
    except DeliveryDoubtful as error:
        hold = runtime.settings.smtp.on_doubt == "hold"
        return _held() if hold else _tried_again(runtime, delivery, error, "committing")
    except ConfigError as error:  # a template of the user's, which is mended within the day
        before = "committing" if delivery.status == "committing" else "pending"
        return _tried_again(runtime, delivery, DeliveryFailed(str(error), error.hint), before)
    except DeliveryFailed as error:
        # Who was put off before anything was packed is as doubtful as he was.
        untouched = passage.status == delivery.status == "committing"
        return _tried_again(runtime, delivery, error, "committing" if untouched else "pending")
    return Outcome({"status": "sent", "receipt": "\n".join(receipts), "packed": None}, tuple(receipts))


def edition_of(runtime: Runtime, session: Transaction, delivery: Delivery) -> Edition | None:
    """The edition that a delivery brings; read once for all its readers."""
    return _kept(runtime).get(delivery.edition, lambda: editions.get(session, delivery.edition))


def _kept(runtime: Runtime) -> _Kept:
    return _ALL_KEPT.setdefault(runtime.database, _Kept())


def hand_over(runtime: Runtime, edition: Edition, to: Subscriber, passage: Passage) -> Sequence[str]:
    """An edition handed to a subscriber in the forms wanted; gives the receipts. Raises DeliveryFailed."""

    def made(form: str) -> Rendition:
        return _kept(runtime).get((edition.id, form), lambda: runtime.exporter(form).export(edition))

    if to.channel == "archive":
        return _archived(runtime, edition, to, passage)
    renditions = [made(form) for form in to.forms]
    if to.channel == "mail":
        to = replace(to, unsubscribe=runtime.unsubscribing(edition.digest, to.address))
    return runtime.deliverer(to.channel).deliver(renditions, to, passage)


def _archived(runtime: Runtime, edition: Edition, to: Subscriber, passage: Passage) -> Sequence[str]:
    """An edition put into the archive; the newest again if others came meanwhile, so that the lists know all.

    Where there is no archive yet, all earlier editions are put into it as well.
    """

    def put(made: Sequence[Rendition], into: Subscriber = to) -> Sequence[str]:
        return runtime.deliverer(to.channel).deliver(made, into, passage)

    archive = shelf.Shelf(runtime, edition.digest)
    if "html" in to.forms and not (Path(to.address) / "index.html").exists():
        for month in archive.months(to.forms):
            put(month)
    receipts = put(archive.renditions(edition, to.forms))
    while (now := shelf.Shelf(runtime, edition.digest)).entries != archive.entries:
        archive = now
        put(archive.renditions(archive.newest(), to.forms))
    if "html" in to.forms and len(runtime.digests) > 1:
        put([shelf.digests(runtime)], replace(to, address=str(runtime.settings.out)))
    return receipts


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
