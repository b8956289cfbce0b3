"""A newsroom: all that Unbury is made of, with a desk that a test fills and a clock that it sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tests.builders import document
from worker.fetched import Fetched, SourceState
from worker.model import Delivery, Document, Job
from worker.queue import byhand, working
from worker.runtime import Runtime
from worker.settings import DigestSettings, Settings
from worker.store import editions, jobs

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


class Desk:
    """A source that a test fills."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def fetch(self, state: SourceState) -> Fetched:
        """All there is."""
        return Fetched(tuple(self.documents), (), state)

    def put(self, url: str, *paragraphs: str, published: datetime | None = NOW) -> Document:
        """One document more."""
        made = document(*paragraphs, title="A title", url=url, published=published, source="desk")
        self.documents.append(made)
        return made


def newsroom(folder: Path, url: str = "", *, ready: bool = True, **settings: Any) -> Runtime:
    """A runtime in a folder, on SQLite where nothing else is said, with an empty desk and one daily digest."""
    given: dict[str, Any] = {"out": folder / "out", "sources": {}, "digests": {"daily": DigestSettings(zone="UTC")}}
    database = SecretStr(url or f"sqlite:///{folder / 'unbury.db'}")
    made = Runtime(Settings(database_url=database, **given | settings), extra={"desk": Desk()}, now=Clock())
    if ready:
        made.database.ready()
    return made


def desk(runtime: Runtime) -> Desk:
    """The newsroom's desk."""
    found = runtime.extra["desk"]
    assert isinstance(found, Desk)
    return found


def told(runtime: Runtime) -> Runtime:
    """The newsroom, with something to tell on its desk."""
    desk(runtime).put("https://a.example/1", "A ship came in at noon with apples for the town.")
    return runtime


def later(runtime: Runtime, by: timedelta) -> None:
    """Let time go by."""
    assert isinstance(runtime.now, Clock)
    runtime.now.time += by


def drain(runtime: Runtime) -> None:
    """Work until nothing is due."""
    while working.work(runtime, ["ingest", "read", "compose", "deliver"]):
        pass


def delivery(runtime: Runtime, channel: str) -> Delivery:
    """The newest edition's one delivery on a channel."""
    with runtime.database.reading() as session:
        edition = editions.latest(session, "daily")
        assert edition
        [found] = [one for one in editions.deliveries(session, edition.id) if one.subscriber.channel == channel]
    return found


def composed(runtime: Runtime) -> None:
    """An edition made, and nothing of it delivered."""
    with runtime.database.writing() as session:
        jobs.wake(session, [Job("ingest", "desk")], runtime.now())
    while working.work(runtime, ["ingest", "read"]):
        pass
    byhand.asked(runtime, "compose", "daily")
    while working.work(runtime, ["compose"]):
        pass
