"""What is asked for by hand: have something done now, see an edition before it is made, send one once more."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from worker import schedule
from worker.digest.edition import Dateline
from worker.edition import Digest, Edition
from worker.errors import AlreadyRunning, NotFound
from worker.fetched import SourceState
from worker.model import Delivery, Document, Job, Subscriber
from worker.queue.rounds import further
from worker.runtime import Runtime
from worker.services import compose, recipients
from worker.services.deliver import ENDED
from worker.services.read import read_job
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles
from worker.store import documents, editions, jobs, subscriptions
from worker.store.database import Transaction
from worker.text.clean import cleaned
from worker.text.identity import canonical, formerly


def asked(runtime: Runtime, kind: str, key: str, *, by_message: bool = False) -> list[Job]:
    """Make due now what somebody asks for; gives the jobs, none if there is nothing to do.

    A message may be forged or doubled: what comes by one makes no edition of another day than today, and sends
    nothing that was sent, or that is held until somebody decides.

    The key is a source, a document (its address, its id or the id's beginning), a digest or "digest/day",
    a delivery or an edition; to "resend", an edition, or an edition, a space and a reader's address.
    Raises UnknownName, NotFound.
    """
    key = cleaned(key)
    with runtime.database.writing() as session:
        if by_message:
            _harmless(runtime, kind, key)
        found = (_missed if by_message and kind == "resend" else _ASKED[kind])(session, runtime, key)
        jobs.wake(session, found, runtime.now())
    return found


def _harmless(runtime: Runtime, kind: str, key: str) -> None:
    """Raises NotFound for what no message may ask for, UnknownName."""
    name, _, written = key.partition("/")
    if kind == "compose" and written and _day(written) != schedule.today(runtime.now(), runtime.digest(name).zone):
        raise NotFound(f"by message only today's edition is made, not {written}", "`unbury trigger compose` makes any")


def would_be(runtime: Runtime, digest: Digest, day: date) -> Edition | None:
    """The edition that would be made now of what is stored; None if there is nothing. Nothing of it is kept."""
    with runtime.database.reading() as session:
        made, material = compose.today(session, runtime, digest, day)
        number = editions.next_number(session, digest.name, day)
    if not material.arrivals:
        return None
    return compose.edition_of(made, material, Dateline(day, number, runtime.now()), ())


def remade(runtime: Runtime, digest: Digest, made: Edition) -> Edition:
    """An edition as the settings of now would make it of the same documents. Nothing of it is kept."""
    with runtime.database.reading() as session:
        return compose.again(session, made, asdict(digest))[0]


def edition(session: Transaction, runtime: Runtime, name: str) -> Edition:
    """The edition of an id, or of "digest/day" (the day's last) or "digest/day/number". Raises NotFound."""
    found = editions.get(session, name)
    digest, _, rest = name.partition("/")
    day, _, number = rest.partition("/")
    if found is None and digest in runtime.digests:
        several = editions.of_day(session, digest, _day(day))
        found = next((one for one in reversed(several) if number in ("", str(one.number))), None)
    if found is None:
        raise NotFound(f"there is no edition {name!r}", "name one like daily/2026-11-23, or by its id")
    return found


def document(session: Transaction, name: str) -> Document:
    """The newest revision of the document of an address, a file's path, or an id or its beginning. Raises NotFound."""
    found = next(filter(None, (documents.find(session, asked) for asked in _meant(name))), [])
    if len(found) == 1:
        return documents.newest(session, found[0])
    if found:
        raise NotFound(f"{name!r} begins the ids of several documents", "say more of the id: " + ", ".join(found))
    raise NotFound(f"no document is known as {name!r}", "name its address, a file, or at least four letters of its id")


def _meant(name: str) -> Iterator[str]:
    """What a document's name may stand for, the likeliest first: itself, what lies in a file, a kept address."""
    yield name
    with contextlib.suppress(ValueError, OSError):
        if Path(name).is_file():
            yield from (one.url for one in SeedFiles("show", SourceSettings(path=name)).fetch(SourceState()).documents)
        elif not name.startswith("file:"):
            urls = [name] if "://" in name else [f"https://{name}", f"http://{name}"]
            yield from (known(url) for known in (canonical, formerly) for url in urls)


def deliveries(session: Transaction, made: Edition, address: str = "") -> list[Delivery]:
    """What `resend` would send: to an address, whatever came of it before, or to all whom the edition did not reach.

    Who unsubscribed since is none of them.
    """
    known = editions.deliveries(session, made.id)
    if not address:
        gone = {one.address.lower() for one in subscriptions.known(session, made.digest) if one.state != "active"}
        missed = [one for one in known if one.status in ("failed", "unknown")]
        return [one for one in missed if one.subscriber.channel != "mail" or one.subscriber.address.lower() not in gone]
    mails = [one for one in known if one.subscriber.channel == "mail"]
    to = next((one for one in mails if one.subscriber.address.lower() == address.lower()), None)
    if to is None:
        to = editions.addressed(made.id, Subscriber("mail", address, ("mail",)))
    return [to]


def send(session: Transaction, runtime: Runtime, several: list[Delivery]) -> list[Job]:
    """Put deliveries into the queue, those that ended before afresh; gives their jobs. Raises AlreadyRunning."""
    for one in several:
        if jobs.held(session, "deliver", one.id, runtime.now()):
            said = f"the edition for {one.subscriber.address} is being sent at this moment"
            raise AlreadyRunning(said, "wait until that has ended; `unbury status` says what is on its way")
        if editions.delivery(session, one.id):
            editions.begin_anew(session, one.id)
        else:
            editions.send(session, [one])
    found = [Job("deliver", one.id) for one in several]
    jobs.wake(session, found, runtime.now())
    return found


def _source(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    runtime.source(key)
    return [Job("ingest", key)]


def _document(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    newest = document(session, key)
    return [read_job([(newest.id, newest.revision)], runtime.recipe.id)]


def _further(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    name, _, written = key.partition("/")
    digest = runtime.digest(name)
    today = schedule.today(runtime.now(), digest.zone)
    day = _day(written) if written else today
    if day > today:
        raise NotFound(f"{day} is still to come", "an edition is made of what came in")
    return further(session, runtime, digest, day)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotFound(f"{written!r} is no day", "write it like 2026-11-23") from None


def _delivery(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    one = editions.delivery(session, key)
    several = [one] if one else editions.deliveries(session, key)
    if not several:
        raise NotFound(f"there is no delivery or edition {key!r}", "`unbury status --json` lists them")
    return [Job("deliver", each.id) for each in several if each.status not in ENDED]


def _resend(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    """To a reader, whatever came of it before, or to all whom the edition did not reach."""
    name, _, address = key.partition(" ")
    made = edition(session, runtime, name)
    readers = {one.lower() for one in recipients.readers(session, runtime, made.digest)}
    if address and address.lower() not in readers:
        raise NotFound(f"{address} does not read {made.digest}", "`unbury subscribers add` makes it a reader")
    return send(session, runtime, deliveries(session, made, address))


def _missed(session: Transaction, runtime: Runtime, key: str) -> list[Job]:
    """To those of whom it is known that the edition did not reach them; of these one, or all."""
    name, _, address = key.partition(" ")
    missed = [one for one in deliveries(session, edition(session, runtime, name)) if one.status == "failed"]
    mine = [one for one in missed if not address or one.subscriber.address.lower() == address.lower()]
    return send(session, runtime, mine)


_ASKED: dict[str, Callable[[Transaction, Runtime, str], list[Job]]] = {
    "ingest": _source,
    "read": _document,
    "compose": _further,
    "deliver": _delivery,
    "resend": _resend,
    "prune": lambda *_: [Job("prune", "jobs")],
}
