"""The one place where the parts are put together; the only clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from tzlocal import get_localzone_name

from worker.errors import unknown_name
from worker.model import Digest, Job, Subscriber
from worker.pipeline import Recipe
from worker.plugins import DELIVERERS, EXPORTERS, RANKERS, SOURCES, Deliverer, Exporter, Source
from worker.settings import DigestSettings, Settings, SourceSettings
from worker.store.database import Database


def clock() -> datetime:
    """The time it is, in UTC."""
    return datetime.now(UTC)


@dataclass
class Runtime:
    """Everything a service needs, made from the settings; `extra` sources stand beside those that are configured."""

    settings: Settings
    now: Callable[[], datetime] = clock
    holder: str = "run"
    extra: dict[str, Source] = field(default_factory=dict)

    @cached_property
    def database(self) -> Database:
        """The store. Raises ConfigError."""
        return Database(self.settings.database_url.get_secret_value())

    @cached_property
    def digests(self) -> Mapping[str, Digest]:
        """The digests that are configured, by name. Raises UnknownName for a form or ranker nobody knows."""
        return {name: _digest(name, digest) for name, digest in self.settings.digests.items()}

    @cached_property
    def recipe(self) -> Recipe:
        """How documents are read."""
        reading = self.settings.reading
        return self._recipe(reading.ranker, reading.sentences)

    def recipe_of(self, digest: Digest) -> Recipe:
        """How a digest's stories are summarised."""
        return self._recipe(digest.ranker, digest.sentences)

    def digest(self, name: str) -> Digest:
        """The digest of a name. Raises UnknownName."""
        if name not in self.digests:
            raise unknown_name("digest", name, self.digests)
        return self.digests[name]

    def source_of(self, job: Job) -> Source:
        """The source that a job takes in: one by name, or what was named by hand, which the job carries."""
        if job.payload:
            by_hand: Source = SOURCES.find("seeds")(name="by hand", **job.payload)
            return by_hand
        return self.source(job.key)

    def source(self, name: str) -> Source:
        """The source of a name. Raises UnknownName."""
        if name in self.extra:
            return self.extra[name]
        if name not in self.settings.sources:
            raise unknown_name("source", name, self.settings.sources)
        return _source(name, self.settings.sources[name])

    def subscribers(self, digest: Digest, day: date) -> tuple[Subscriber, ...]:
        """Who gets a digest's edition of a day: for now the folder of the day."""
        folder = self.settings.out if len(self.digests) == 1 else self.settings.out / digest.name
        return (Subscriber("files", str(Path(folder) / day.isoformat()), digest.forms),)

    def exporter(self, form: str) -> Exporter:
        """The exporter of a form. Raises UnknownName."""
        exporter: Exporter = EXPORTERS.find(form)()
        return exporter

    def deliverer(self, channel: str) -> Deliverer:
        """The deliverer of a channel. Raises UnknownName."""
        deliverer: Deliverer = DELIVERERS.find(channel)()
        return deliverer

    def check(self) -> None:
        """Find every plug-in that the settings name, before any work is begun. Raises ConfigError."""
        for name in self.settings.sources:
            self.source(name)
        for digest in self.digests.values():
            RANKERS.check(digest.ranker)
            for form in digest.forms:
                EXPORTERS.check(form)
        RANKERS.check(self.settings.reading.ranker)

    def _recipe(self, ranker: str, sentences: int) -> Recipe:
        cues = self.settings.reading.edmundson
        return Recipe(ranker, sentences, cues.bonus, cues.stigma)


def _digest(name: str, settings: DigestSettings) -> Digest:
    return Digest(
        name=name,
        title=settings.title,
        at=settings.at.isoformat(timespec="minutes"),
        zone=get_localzone_name() if settings.zone == "local" else settings.zone,
        stories=settings.stories,
        sentences=settings.sentences,
        ranker=settings.ranker,
        memory=settings.memory,
        forms=settings.forms,
    )


def _source(name: str, settings: SourceSettings) -> Source:
    source: Source = SOURCES.find(settings.kind)(
        name=name, path=settings.path, language=settings.language, shuffled=settings.shuffled
    )
    return source
