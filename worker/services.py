"""The services: ingest, read, compose, deliver, prune. Each loads, thinks, and says what to save.

What is saved, the job's end and the jobs that follow go into one transaction, so an effect happens
once however often the work is started. Nothing is fetched, parsed or thought inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import structlog

from worker import pipeline, schedule
from worker.digest.edition import Slot
from worker.errors import JobLost, NotFound, UnburyError
from worker.logs import bound
from worker.model import Delivery, Document, Edition, Fetched, Job, Problem, Reading, Subscriber, Summary
from worker.runtime import Runtime
from worker.store import documents, editions, history, jobs
from worker.store.database import Transaction
from worker.text import identity
from worker.text.clean import cleaned, plausible

_log = structlog.get_logger()
_BATCH = 50  # documents a read job; small enough to spread, large enough that messages do not dominate
_KEPT = timedelta(days=30)


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


@dataclass(frozen=True)
class Saved:
    """What a saving transaction left behind: the jobs that follow, and a report for whoever watches."""

    follow: Sequence[Job] = ()
    report: Ingested | Delivered | Edition | None = None


@dataclass(frozen=True)
class Work:
    """A service's answer: what to save, and when the job is due again if it recurs."""

    save: Callable[[Transaction], Saved]
    again: datetime | None = None


@dataclass(frozen=True)
class Done:
    """How a job went: the jobs that follow, its report, or why it failed and whether it is tried again."""

    job: Job
    follow: tuple[Job, ...] = ()
    report: Ingested | Delivered | Edition | None = None
    error: UnburyError | None = None
    again: bool = field(default=False)


def work(runtime: Runtime, kinds: Sequence[str], key: str | None = None) -> Done | None:
    """Claim a due job of these kinds, do it, save it; None if none is due."""
    with runtime.database.writing() as session:
        job = jobs.claim(session, kinds, runtime.now(), runtime.holder, key)
    if job is None:
        return None
    with bound(job=f"{job.kind} {job.key}"):
        try:
            return _do(runtime, job)
        except JobLost as error:
            _log.warning("lost", reason=str(error))
            return Done(job, error=error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the job is told of it
            return _failed(runtime, job, error)
        except BaseException:  # Ctrl-C: nobody's fault, so no attempt is counted
            with runtime.database.writing() as session:
                jobs.release(session, job)
            raise


def _do(runtime: Runtime, job: Job) -> Done:
    answer = _SERVICES[job.kind](runtime, job)
    with runtime.database.writing() as session:
        saved = answer.save(session)
        jobs.finish(session, job, runtime.now(), answer.again)
        follow = jobs.insert(session, saved.follow, runtime.now())
    return Done(job, tuple(follow), saved.report)


def _failed(runtime: Runtime, job: Job, error: Exception) -> Done:
    known = error if isinstance(error, UnburyError) else UnburyError(f"{type(error).__name__}: {error}")
    _log.error("failed", reason=str(known), attempt=job.attempt, exc_info=None if known is error else error)
    now = runtime.now()
    with runtime.database.writing() as session:
        again = jobs.fail(session, job, now, str(known), now + schedule.backoff(job.attempt))
    return Done(job, error=known, again=again)


def ingest(runtime: Runtime, job: Job) -> Work:
    """Take in what a source has; the job's key is the source's name, or the job carries what was named by hand."""
    with runtime.database.reading() as session:
        state = history.source_state(session, job.key)
    now = runtime.now()
    fetched = _at_the_border(runtime.source_of(job).fetch(state), now)

    def save(session: Transaction) -> Saved:
        added = documents.add(session, fetched.documents, now)
        history.keep_source_state(session, job.key, fetched.state)
        report = Ingested(job.key, added.new, added.revised, added.unchanged, fetched.problems)
        keys = [(document.id, document.revision) for document in (*added.new, *added.revised)]
        return Saved(read_jobs(keys, runtime.recipe.id), report)

    every = runtime.settings.sources[job.key].every if job.key in runtime.settings.sources else None
    return Work(save, again=now + every if every else None)


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
    return identity.document(
        source=document.source,
        url=cleaned(document.url),
        title=cleaned(document.title),
        published=document.published if plausible(document.published, now) else None,
        paragraphs=tuple(map(cleaned, document.paragraphs)),
        language=document.language,
        shuffled=document.shuffled,
    )


def read_jobs(keys: Sequence[tuple[str, str]], recipe: str) -> list[Job]:
    """Jobs that read these documents; each is named by what it reads, and how."""
    ordered = sorted(keys)
    batches = [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]
    return [Job("read", identity.identity(recipe, *sum(batch, ())), {"documents": batch}) for batch in batches]


def read(runtime: Runtime, job: Job) -> Work:
    """Read a batch of documents; one that cannot be read says so in its reading, and stops no other."""
    wanted: Iterable[Sequence[str]] = job.payload["documents"]  # type: ignore[assignment]  # we wrote it, as such
    with runtime.database.reading() as session:
        texts = documents.get(session, [(document, revision) for document, revision in wanted])
    readings = [_read(document, runtime.recipe) for document in texts]

    def save(session: Transaction) -> Saved:
        documents.keep_readings(session, readings)
        return Saved()

    return Work(save)


def _read(document: Document, recipe: pipeline.Recipe) -> Reading:
    try:
        return pipeline.read(document, recipe)
    except Exception as error:  # noqa: BLE001  # a poisoned document is accounted for as unreadable
        _log.error("unreadable", document=document.url, exc_info=error)
        failure = f"reading it failed: {type(error).__name__}: {error}"
        return Reading(document.id, document.revision, recipe.id, (), (), Summary((), recipe.ranker), failure)


def compose(runtime: Runtime, job: Job) -> Work:
    """Make a digest's edition of a day out of all that it has not accounted for."""
    digest, day = runtime.digest(str(job.payload["digest"])), date.fromisoformat(str(job.payload["day"]))
    now = runtime.now()
    with runtime.database.reading() as session:
        arrivals = documents.unaccounted(session, digest.name, runtime.recipe.id, horizon(runtime, digest.name, day))
        told = editions.told(session, digest.name, digest.memory)
        number = editions.next_number(session, digest.name, day)
    if not arrivals:
        return Work(lambda _: Saved())
    edition = pipeline.compose(digest, Slot(day, number, now), arrivals, told, runtime.recipe_of(digest))
    to = runtime.subscribers(digest, day) if edition.items else ()
    sent = [Delivery(identity.identity(edition.id, who.channel, who.address), edition.id, who, "pending") for who in to]

    def save(session: Transaction) -> Saved:
        editions.add(session, edition)
        editions.send(session, sent)
        return Saved([Job("deliver", delivery.id) for delivery in sent], edition)

    return Work(save)


def horizon(runtime: Runtime, digest: str, day: date) -> datetime | None:
    """The end of a day that is over: what is dated later has not come in yet. None for today."""
    zone = runtime.digest(digest).zone
    return schedule.end_of(day, zone) if day < schedule.today(runtime.now(), zone) else None


def compose_job(digest: str, day: date, nth: int) -> Job:
    """The job that makes a digest's edition of a day, the nth time that day."""
    key = f"{digest}/{day.isoformat()}" + (f"/{nth}" if nth > 1 else "")
    return Job("compose", key, {"digest": digest, "day": day.isoformat()})


def deliver(runtime: Runtime, job: Job) -> Work:
    """Hand an edition over in all its forms; the job's key is the delivery's id."""
    with runtime.database.reading() as session:
        delivery = editions.delivery(session, job.key)
        edition = editions.get(session, delivery.edition) if delivery else None
    if delivery is None or edition is None:
        raise NotFound(f"there is no delivery {job.key}")
    receipts = hand_over(runtime, edition, delivery.subscriber)

    def save(session: Transaction) -> Saved:
        editions.delivered(session, delivery.id, "\n".join(receipts))
        return Saved(report=Delivered(edition.id, receipts))

    return Work(save)


def hand_over(runtime: Runtime, edition: Edition, to: Subscriber) -> tuple[str, ...]:
    """An edition handed to a subscriber in each form wanted; gives the receipts."""
    deliverer = runtime.deliverer(to.channel)
    return tuple(deliverer.deliver(runtime.exporter(form).export(edition), to.address) for form in to.forms)


def prune(runtime: Runtime, job: Job) -> Work:
    """Forget jobs that were done long ago; once a day."""
    now = runtime.now()

    def save(session: Transaction) -> Saved:
        jobs.prune(session, now - _KEPT)
        return Saved()

    return Work(save, again=now + timedelta(days=1))


_SERVICES: dict[str, Callable[[Runtime, Job], Work]] = {
    "ingest": ingest,
    "read": read,
    "compose": compose,
    "deliver": deliver,
    "prune": prune,
}
