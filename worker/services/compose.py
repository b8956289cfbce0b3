"""Composing: what an edition is made of is loaded, and thought; the same for a new edition and an old one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter

from worker import pipeline, schedule
from worker.digest.edition import Dateline
from worker.edition import Digest, Edition, Failure, Past
from worker.errors import NotFound
from worker.fetched import SourceState
from worker.model import Arrival, Job, Settled
from worker.runtime import Runtime
from worker.services.recipients import recipients
from worker.services.work import Saved, Work
from worker.settings import SourceSettings
from worker.store import editions, history, readings, slots, window
from worker.store.database import Transaction
from worker.web.urls import without_user

#: For so many days a document is held against what comes in.
_WINDOW = timedelta(days=7)
_DIGEST = TypeAdapter(Digest)
_RECIPE = TypeAdapter(pipeline.Recipe)


def this_version() -> str:
    """What an edition says that made it: the version of the package, and of its thinking."""
    return f"{version('unbury')}/{pipeline.VERSION}"


def compose(runtime: Runtime, job: Job) -> Work:
    """Make a digest's edition of a day out of all that it has not accounted for; by the clock, once for each slot."""
    digest, day = runtime.digest(str(job.payload["digest"])), date.fromisoformat(str(job.payload["day"]))
    now, slot = runtime.now(), str(job.payload.get("slot", ""))
    with runtime.database.reading() as session:
        plan = planned(session, digest, now) if slot else None
        if slot and (plan is None or plan.slot.name != slot):
            return Work()  # made already, or a later slot is due now and covers it
        made, material = today(session, runtime, digest, day)
        number = editions.next_number(session, digest.name, day)
        at = editions.next_moment(session, digest.name, now)
        failing = history.failing(session, now - timedelta(days=1))
    dateline = Dateline(day, number, at, plan.slot.time if plan and len(digest.times) > 1 else "")
    edition = None
    if material.arrivals or (plan and digest.empty):
        edition = edition_of(made, material, dateline, _failures(runtime.sources, failing))

    def save(session: Transaction) -> Saved:
        slots.settle(session, _settled(digest, plan, edition) if plan else ())
        if edition is None:
            return Saved()
        editions.add(session, edition)
        readers = recipients(session, runtime, digest) if edition.tells or (plan and digest.empty) else ()
        sent = [editions.addressed(edition.id, reader) for reader in readers]
        editions.send(session, sent)
        return Saved([Job("deliver", delivery.id) for delivery in sent], edition)

    return Work(save)


def planned(session: Transaction, digest: Digest, now: datetime) -> schedule.Plan | None:
    """The slot of a digest whose edition is to be made now; None before anybody waited for its first one."""
    seen = slots.seen(session, digest.name)
    last = slots.last(session, digest.name, now) or seen.get(slots.FIRST)
    if last is None:
        return None
    return schedule.plan(digest, last, slots.names(session, digest.name, last), now, seen)


def _settled(digest: Digest, plan: schedule.Plan, edition: Edition | None) -> list[Settled]:
    """What came of a slot, and of those that were missed before it."""
    made = edition.id if edition else ""
    outcome = "edition" if edition and (edition.tells or digest.empty) else "empty"
    merged = [Settled(digest.name, slot.name, slot.due, "merged", made) for slot in plan.merged]
    return [*merged, Settled(digest.name, plan.slot.name, plan.slot.due, outcome, made)]


def compose_job(digest: str, day: date, nth: int) -> Job:
    """The job that makes a digest's edition of a day, the nth time that day."""
    key = f"{digest}/{day.isoformat()}" + (f"/{nth}" if nth > 1 else "")
    return Job("compose", key, {"digest": digest, "day": day.isoformat()})


def slot_job(digest: str, slot: schedule.Slot) -> Job:
    """The job that makes the edition of a slot."""
    return Job("compose", f"{digest}/{slot.name}", {"digest": digest, "day": slot.day.isoformat(), "slot": slot.name})


def _failures(sources: Mapping[str, SourceSettings], failing: Mapping[str, SourceState]) -> tuple[Failure, ...]:
    """The sources that are failing, those that failed most often first."""
    names = sorted(failing.keys() & sources.keys(), key=lambda name: (-failing[name].failures, name))
    return tuple(
        Failure(_called(sources[name], failing[name]), failing[name].error.partition(";")[0]) for name in names
    )


def _called(source: SourceSettings, state: SourceState) -> str:
    """A feed as its reader knows it: by its title, else its address."""
    return source.title or state.title or without_user(source.url)


@dataclass(frozen=True)
class Made:
    """What makes an edition but for its documents: the digest's settings, the recipe, what is known of the sources."""

    digest: Digest
    recipe: pipeline.Recipe
    sources: Mapping[str, Mapping[str, Any]]

    def as_dict(self) -> dict[str, object]:
        """As it stands in the edition, so that it can be made again."""
        return {
            "version": this_version(),
            "digest": _DIGEST.dump_python(self.digest, mode="json"),
            "recipe": _RECIPE.dump_python(self.recipe, mode="json"),
            "sources": dict(sorted(self.sources.items())),
        }


@dataclass(frozen=True)
class Material:
    """What an edition is made of."""

    arrivals: tuple[Arrival, ...]
    past: Past


def today(session: Transaction, runtime: Runtime, digest: Digest, day: date) -> tuple[Made, Material]:
    """What a digest's next edition of a day is made of: all that it has not accounted for."""
    arrivals = readings.unaccounted(session, digest.name, runtime.recipe.id, horizon(runtime, digest.name, day))
    sources = _sources(runtime, arrivals)
    made = Made(digest, runtime.recipe_of(digest), sources)
    known = _attributed(session, digest, arrivals, sources)
    return made, Material(known, _past(session, digest, day, known))


def edition_of(made: Made, material: Material, dateline: Dateline, failures: tuple[Failure, ...]) -> Edition:
    """The edition that is made of it."""
    composed = pipeline.compose(made.digest, dateline, material.arrivals, material.past, made.recipe)
    return replace(composed, failures=failures, made_by=made.as_dict())


def again(session: Transaction, edition: Edition, settings: Mapping[str, object]) -> tuple[Edition, list[str]]:
    """An edition made again out of what is stored, with some of the digest's settings changed.

    Gives also what is missing: addresses of documents whose texts were forgotten. Raises NotFound for an edition
    made before editions said how they were made.
    """
    if not edition.made_by:
        raise NotFound(f"the edition {edition.id} does not say how it was made", "it is from an older version")
    kept = _made(edition)
    digest = _DIGEST.validate_python({**asdict(kept.digest), **settings})
    recipe = replace(kept.recipe, ranker=digest.ranker, sentences=digest.sentences)
    arrivals, forgotten = window.arrivals_of(session, edition)
    read = [one if one.reading.failure else _read(one, recipe) for one in arrivals]
    known = _attributed(session, digest, read, kept.sources, edition)
    material = Material(known, _past(session, digest, edition.day, known, edition))
    dateline = Dateline(edition.day, edition.number, edition.at, edition.time)
    made = edition_of(Made(digest, recipe, kept.sources), material, dateline, edition.failures)
    gone = window.forgotten(session, digest.name, edition.day - _WINDOW, edition)
    return made, sorted({*gone, *(document.url for document in forgotten)})


def _made(edition: Edition) -> Made:
    """How an edition was made, by its own word."""
    said: Mapping[str, Any] = edition.made_by
    return Made(_DIGEST.validate_python(said["digest"]), _RECIPE.validate_python(said["recipe"]), said["sources"])


def horizon(runtime: Runtime, digest: str, day: date) -> datetime | None:
    """The end of a day that is over: what is dated later has not come in yet. None for today."""
    zone = runtime.digest(digest).zone
    return schedule.end_of(day, zone) if day < schedule.today(runtime.now(), zone) else None


def _read(arrival: Arrival, recipe: pipeline.Recipe) -> Arrival:
    return replace(arrival, reading=pipeline.read(arrival.document, recipe))


def _sources(runtime: Runtime, arrivals: Sequence[Arrival]) -> dict[str, dict[str, Any]]:
    """Of each source that something came from its section, and whether it is a feed."""
    known = runtime.sources
    names = sorted({arrival.document.source for arrival in arrivals} & known.keys())
    return {name: {"section": known[name].section, "feed": known[name].kind == "feed"} for name in names}


def _attributed(
    session: Transaction,
    digest: Digest,
    arrivals: Sequence[Arrival],
    sources: Mapping[str, Mapping[str, Any]],
    before: Edition | None = None,
) -> tuple[Arrival, ...]:
    """The documents with what is known of their sources, and of later revisions of them."""
    first = window.first_fetches(session, [name for name, source in sources.items() if source["feed"]])
    latest = window.latest(session, digest.name, [one.document.id for one in arrivals], before)

    def attributed(one: Arrival) -> Arrival:
        section = sources.get(one.document.source, {}).get("section", "")
        age = (one.arrived, one.document.published or one.arrived)
        superseded = age < latest.get(one.document.id, age)
        return replace(one, first_fetch=first.get(one.document.source), section=section, superseded=superseded)

    return tuple(map(attributed, arrivals))


def _past(
    session: Transaction, digest: Digest, day: date, arrivals: Sequence[Arrival], before: Edition | None = None
) -> Past:
    since = day - _WINDOW
    remembered = editions.newest(session, digest.name, digest.memory, before)
    told_on = window.told_on(remembered, since)
    return Past(
        told=window.told(remembered),
        members=window.members(session, digest.name, since, before),
        told_on=told_on,
        stood=window.stood(session, digest.name, told_on, before),
        originals=window.originals(session, digest.name, [one.copy_of for one in arrivals if one.copy_of], before),
        corrections=tuple(correction for edition in remembered for correction in edition.corrections),
    )
