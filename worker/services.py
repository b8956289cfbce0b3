"""The services: ingest, read, compose, deliver, prune. Each loads, thinks, and says what to save.

Nothing is fetched, parsed or thought inside the saving transaction; worker/queue.py opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import structlog

from worker import composing, due, handover, readers
from worker.digest.edition import Dateline
from worker.edition import Digest, Edition, Failure
from worker.errors import HostBusy, NotFound, UnburyError
from worker.fetched import Fetched, Problem, SourceState
from worker.model import Delivery, Document, Job
from worker.plugins import Source
from worker.retention import forget_texts
from worker.runtime import Runtime
from worker.settings import SourceSettings
from worker.store import backlog, documents, editions, history, hosts, readings, slots
from worker.store.database import Transaction
from worker.text import identity
from worker.text.clean import cleaned, plausible
from worker.web.urls import without_user

_log = structlog.get_logger()
_A_MOMENT = timedelta(seconds=5)  # until a busy host is tried again
_BATCH = 50  # documents a read job; small enough to spread, large enough that messages do not dominate


@dataclass(frozen=True)
class Ingested:
    """What an ingestion brought."""

    source: str = ""
    new: tuple[Document, ...] = ()
    revised: tuple[Document, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> int:
        """How many things could not be taken in."""
        return sum(problem.fatal for problem in self.problems)


@dataclass(frozen=True)
class Delivered:
    """Where an edition went."""

    edition: str
    receipts: tuple[str, ...]
    channel: str
    address: str


@dataclass(frozen=True)
class Saved:
    """What a saving transaction left behind: the jobs that follow, and a report for whoever watches."""

    follow: Sequence[Job] = ()
    report: Ingested | Delivered | Edition | None = None


@dataclass(frozen=True)
class Work:
    """A service's answer: what to save, and when the job is due again if it recurs.

    With an `error` the job is not done: it is put off until `again`, or given up. `after` is done once all
    is saved, and may be lost in a crash.
    """

    save: Callable[[Transaction], Saved]
    again: datetime | None = None
    error: UnburyError | None = None
    after: Callable[[], None] = lambda: None


def ingest(runtime: Runtime, job: Job) -> Work:
    """Take in what a source has; the job's key is the source's name, or the job carries what was named by hand."""
    settings = runtime.sources.get(job.key)
    if settings is None and not job.payload and job.key not in runtime.extra:
        return Work(lambda _: Saved())  # the user took it out of the list
    with runtime.database.reading() as session:
        state = history.source_state(session, job.key)
    now = runtime.now()
    source = runtime.source_of(job)
    try:
        fetched = _at_the_border(source.fetch(state), now)
    except HostBusy:
        return Work(lambda _: Saved(), again=now + _A_MOMENT)
    for problem in fetched.problems:
        _log.info("not taken in" if problem.fatal else "odd", where=problem.where, reason=problem.message)
    read_by = runtime.recipe.id

    def save(session: Transaction) -> Saved:
        added = documents.add(session, fetched.documents, now)
        history.keep_source_state(session, job.key, fetched.state, state)
        unchanged = added.unchanged + fetched.unchanged
        report = Ingested(job.key, _light(added.new), _light(added.revised), unchanged, fetched.problems)
        keys = [(document.id, document.revision) for document in (*added.new, *added.revised)]
        return Saved(read_jobs(keys, read_by), report)

    again = fetched.state.next_check or (now + settings.every if settings else None)
    return Work(save, None if fetched.state.retired else again, after=lambda: _settle(runtime, source, fetched))


def _light(taken: Sequence[Document]) -> tuple[Document, ...]:
    """The documents without their texts, which are stored: a run keeps them to its end."""
    return tuple(replace(document, paragraphs=()) for document in taken)


def _settle(runtime: Runtime, source: Source, fetched: Fetched) -> None:
    """Let the source do what has to wait until everything is stored, like moving files aside."""
    settle = getattr(source, "settle", None)
    if settle is not None and runtime.settles:
        settle(fetched)


def _at_the_border(fetched: Fetched, now: datetime) -> Fetched:
    """What was fetched, made safe to store; for an impossible date the time of ingestion stands."""
    wrong = [document for document in fetched.documents if not plausible(document.published, now)]
    problems = tuple(
        Problem(document.url, f"{document.published:%Y-%m-%d} is an impossible date", fatal=False) for document in wrong
    )
    safe = tuple(_safe(document, now) for document in fetched.documents)
    return replace(fetched, documents=safe, problems=(*fetched.problems, *problems))


def _safe(document: Document, now: datetime) -> Document:
    """The document without characters that no database takes, whatever its source let through."""
    safe = identity.document(
        source=document.source,
        url=cleaned(document.url),
        title=cleaned(document.title),
        published=document.published if plausible(document.published, now) else None,
        paragraphs=tuple(map(cleaned, document.paragraphs)),
        language=document.language,
        shuffled=document.shuffled,
    )
    return replace(
        safe,
        id=document.id if document.names else safe.id,
        names=document.names,
        author=cleaned(document.author),
        enclosures=tuple(map(cleaned, document.enclosures)),
    )


def read_jobs(keys: Sequence[tuple[str, str]], recipe: str) -> list[Job]:
    """Jobs that read these documents, some in each."""
    ordered = sorted(keys)
    return [read_job(ordered[start : start + _BATCH], recipe) for start in range(0, len(ordered), _BATCH)]


def read_job(batch: Sequence[tuple[str, str]], recipe: str) -> Job:
    """The job that reads these documents, named by what it reads, and how."""
    return Job("read", identity.identity(recipe, *sum(batch, ())), {"documents": [list(key) for key in batch]})


def read(runtime: Runtime, job: Job) -> Work:
    """Read a batch of documents; one that cannot be read says so in its reading, and stops no other."""
    if apart := parted(runtime, job):
        return apart
    texts = batch_of(runtime, job)
    return kept(texts, [readers.read(document, runtime.recipe) for document in texts])


def parted(runtime: Runtime, job: Job) -> Work | None:
    """Where a first attempt crashed, a job for each document: a poisoned one takes no other with it."""
    return each_alone(runtime, job) if job.attempt > 1 and len(batch(job)) > 1 else None


def each_alone(runtime: Runtime, job: Job) -> Work:
    """Instead of a batch a job for each of its documents."""
    alone = [read_job([key], runtime.recipe.id) for key in batch(job)]
    return Work(lambda _: Saved(alone))


def batch_of(runtime: Runtime, job: Job) -> list[Document]:
    """The documents that a job is to read."""
    with runtime.database.reading() as session:
        return documents.get(session, batch(job))


def kept(texts: Sequence[Document], read_now: Sequence[readers.Read]) -> Work:
    """What was read in documents, to be saved."""
    for document, (_, trace) in zip(texts, read_now, strict=True):
        if trace:
            _log.error("unreadable", document=document.url, exception=trace)

    def save(session: Transaction) -> Saved:
        readings.keep(session, [reading for reading, _ in read_now])
        return Saved()

    return Work(save)


def batch(job: Job) -> list[tuple[str, str]]:
    """The ids and revisions that a job is to read."""
    wanted: Iterable[Sequence[str]] = job.payload["documents"]  # type: ignore[assignment]  # we wrote it, as such
    return [(document, revision) for document, revision in wanted]


def compose(runtime: Runtime, job: Job) -> Work:
    """Make a digest's edition of a day out of all that it has not accounted for; by the clock, once for each slot."""
    digest, day = runtime.digest(str(job.payload["digest"])), date.fromisoformat(str(job.payload["day"]))
    now, slot = runtime.now(), str(job.payload.get("slot", ""))
    with runtime.database.reading() as session:
        plan = due.planned(session, digest, now) if slot else None
        if slot and (plan is None or plan.slot.name != slot):
            return Work(lambda _: Saved())  # made already, or a later slot is due now and covers it
        made, material = composing.today(session, runtime, digest, day)
        number = editions.next_number(session, digest.name, day)
        at = editions.next_moment(session, digest.name, now)
        failing = history.failing(session, now - timedelta(days=1))
    dateline = Dateline(day, number, at, plan.slot.time if plan and len(digest.times) > 1 else "")
    edition = None
    if material.arrivals or (plan and digest.empty):
        edition = composing.edition_of(made, material, dateline, _failures(runtime.sources, failing))

    def save(session: Transaction) -> Saved:
        slots.settle(session, due.settled(digest, plan, edition) if plan else ())
        if edition is None:
            return Saved()
        editions.add(session, edition)
        sent = _deliveries(session, runtime, digest, edition) if due.tells(edition) or (plan and digest.empty) else []
        editions.send(session, sent)
        return Saved([Job("deliver", delivery.id) for delivery in sent], edition)

    return Work(save)


def _deliveries(session: Transaction, runtime: Runtime, digest: Digest, edition: Edition) -> list[Delivery]:
    return [
        Delivery(identity.identity(edition.id, to.channel, to.address), edition.id, to, "pending")
        for to in runtime.subscribers(session, digest)
    ]


def _failures(sources: Mapping[str, SourceSettings], failing: Mapping[str, SourceState]) -> tuple[Failure, ...]:
    """The sources that are failing, those that failed most often first."""
    names = sorted(failing.keys() & sources.keys(), key=lambda name: (-failing[name].failures, name))
    return tuple(
        Failure(_called(sources[name], failing[name]), failing[name].error.partition(";")[0]) for name in names
    )


def _called(source: SourceSettings, state: SourceState) -> str:
    """A feed as its reader knows it: by its title, else its address."""
    return source.title or state.title or without_user(source.url)


def deliver(runtime: Runtime, job: Job) -> Work:
    """Hand an edition over in all its forms; the job's key is the delivery's id."""
    with runtime.database.reading() as session:
        delivery = editions.delivery(session, job.key)
        edition = handover.edition_of(runtime, session, delivery) if delivery else None
    if delivery is None or edition is None:
        raise NotFound(f"there is no delivery {job.key}")
    if delivery.status in handover.ENDED:
        return Work(lambda _: Saved())
    outcome = handover.handed_over(runtime, job, edition, delivery)
    to = delivery.subscriber

    def save(session: Transaction) -> Saved:
        editions.mark(session, delivery.id, **outcome.marks)
        return Saved(report=None if outcome.error else Delivered(edition.id, outcome.receipts, to.channel, to.address))

    return Work(save, outcome.again, outcome.error)


def prune(runtime: Runtime, job: Job) -> Work:
    """Forget what was done with long ago, once a day; never what was told or accounted for."""
    now, kept = runtime.now(), runtime.settings.retention

    def save(session: Transaction) -> Saved:
        backlog.forget(session, now - kept.jobs)
        history.forget(session, now - kept.jobs)
        hosts.forget(session, now - kept.jobs)
        forget_texts(session, runtime, (now - kept.texts).date())
        return Saved()

    return Work(save, again=now + timedelta(days=1))


#: By kind of job.
SERVICES: dict[str, Callable[[Runtime, Job], Work]] = {
    "ingest": ingest,
    "read": read,
    "compose": compose,
    "deliver": deliver,
    "prune": prune,
}
