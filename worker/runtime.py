"""The one place where the parts are put together; the only clock."""

from __future__ import annotations

import os
import platform
import time
from collections import ChainMap
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from tzlocal import get_localzone_name

from worker.edition import Digest, Rule
from worker.errors import Unreachable, unknown_name
from worker.fetched import BY_HAND
from worker.model import Job
from worker.plugins import DELIVERERS, EXPORTERS, SOURCES, Deliverer, Exporter, Form, Source
from worker.settings import DigestSettings, Settings, SourceSettings, Weekday
from worker.sources.feedlist import FeedList
from worker.store import secrets
from worker.store.database import Database
from worker.store.hosts import SharedTurns
from worker.text import identity
from worker.web.access import Later, Web
from worker.web.addresses import Gate
from worker.web.turns import OwnTurns, Turns

if TYPE_CHECKING:
    from worker.pipeline import Recipe
    from worker.web.client import Client

T = TypeVar("T")
_FIELDS = frozenset(one.name for one in fields(Digest))
#: Editions and forms that are kept; several digests may be on their way at the same time.
_MOST_KEPT = 16


def clock() -> datetime:
    """The time it is, in UTC."""
    return datetime.now(UTC)


def this_process() -> str:
    """What a process calls itself that holds jobs beside others."""
    return f"{platform.node()}:{os.getpid()}"


@dataclass
class Runtime:
    """Everything a service needs, made from the settings.

    `extra` sources stand beside those that are configured; `pauses` are the seconds to wait, one after
    the other, for a database that is being restarted. `shared`: other workers ask the same hosts. `settles`: sources
    may move files aside once they are stored, which no dry run does.
    """

    settings: Settings
    now: Callable[[], datetime] = clock
    holder: str = "run"
    extra: dict[str, Source] = field(default_factory=dict)
    pauses: tuple[float, ...] = ()
    shared: bool = False
    settles: bool = True
    _deliverers: dict[str, Deliverer] = field(default_factory=dict, init=False, repr=False)
    _kept: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False)
    _keeping: Lock = field(default_factory=Lock, init=False, repr=False)

    @cached_property
    def database(self) -> Database:
        """The store. Raises ConfigError."""
        return Database(self.settings.database_url.get_secret_value())

    @cached_property
    def leases(self) -> Mapping[str, timedelta]:
        """For how long a claimed job is ours, by kind: longer than Celery lets it go on."""
        return {kind: limit * 1.1 for kind, limit in self.settings.limits}

    def patiently(self, do: Callable[[], T]) -> T:
        """Do a transaction, and again while the database is away; it must be safe to repeat. Raises Unreachable."""
        for pause in self.pauses:
            try:
                return do()
            except Unreachable:
                time.sleep(pause)
        return do()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under the key, else what is made now, while all others wait; the newest few are kept."""
        with self._keeping:
            if key not in self._kept:
                made = make()
                self._kept = dict([*self._kept.items()][1 - _MOST_KEPT :])
                self._kept[key] = made
            return self._kept[key]  # type: ignore[return-value]  # made under this key

    @cached_property
    def build(self) -> str:
        """The version, and after a + a hash of the configuration, secrets left out: two that differ run on others."""
        said = self.settings.model_dump_json(exclude={"alive", "log", "database_url", "broker_url"})
        return f"{version('unbury')}+{identity.identity(said.replace('*' * 10, ''))[:12]}"

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
            return self.source_from(BY_HAND, SourceSettings.model_validate(job.payload))
        return self.source(job.key)

    @cached_property
    def feedlist(self) -> FeedList:
        """The feeds in the user's list."""
        return FeedList(self.settings.feeds)

    @property
    def sources(self) -> Mapping[str, SourceSettings]:
        """All sources as they are now: those of the configuration, and the feeds of the list. Raises ConfigError."""
        return ChainMap(self.settings.sources, self.feedlist.sources())

    @cached_property
    def web(self) -> Web:
        """The way to other people's servers."""
        from worker.web.robots import Robots

        client = Later(self._client)
        return Web(client, Robots(client), self.now)

    def _client(self) -> Client:
        from worker.web.client import Client  # 100 ms, which whoever fetches nothing saves

        web = self.settings.web
        about = f"feed reader; {web.contact}" if web.contact else "feed reader"
        agent = f"Unbury/{version('unbury')} ({about})"
        return Client(Gate(web.allow), self.turns, agent, web.timeout.total_seconds(), web.megabytes * 2**20)

    @cached_property
    def turns(self) -> Turns:
        """Who may ask a host now: among this process's threads, or where `shared`, among all workers."""
        web = self.settings.web
        if not self.shared:
            return OwnTurns(web.delay)
        return SharedTurns(self.database, self.now, timedelta(seconds=web.delay), web.timeout + timedelta(seconds=5))

    def source(self, name: str) -> Source:
        """The source of a name. Raises UnknownName."""
        if name in self.extra:
            return self.extra[name]
        sources = self.sources
        if name not in sources:
            raise unknown_name("source", name, sources)
        return self.source_from(name, sources[name])

    @cached_property
    def unsubscribe_secret(self) -> str:
        """What the links to unsubscribe are signed with; made when it is first needed, the same for all processes."""
        with self.database.writing() as session:
            return secrets.secret(session, "unsubscribe")

    def source_from(self, name: str, settings: SourceSettings) -> Source:
        """The source that such settings make. Raises UnknownName for a kind nobody knows."""
        source: Source = SOURCES.make(settings.kind, name, settings, self.web)
        return source

    def exporter(self, form: str) -> Exporter:
        """The exporter of a form. Raises UnknownName."""
        return Form(form, EXPORTERS.make(form, self.settings))

    def deliverer(self, channel: str) -> Deliverer:
        """The deliverer of a channel. Raises UnknownName."""
        if channel not in self._deliverers:
            self._deliverers[channel] = DELIVERERS.make(channel, self.settings, lambda: self.web)
        return self._deliverers[channel]

    def _recipe(self, ranker: str, sentences: int) -> Recipe:
        from worker.pipeline import Recipe  # all the thinking: 200 ms, which whoever only looks saves

        cues = self.settings.reading.edmundson
        return Recipe(ranker, sentences, cues.bonus, cues.stigma, self.settings.reading.words)


def _digest(name: str, settings: DigestSettings) -> Digest:
    said: dict[str, Any] = {key: value for key, value in settings if key in _FIELDS}
    said |= {
        "name": name,
        "zone": get_localzone_name() if settings.zone == "local" else settings.zone,
        "rules": tuple(Rule(**dict(rule)) for rule in settings.rules),
        "times": tuple(at.isoformat(timespec="minutes") for at in settings.at),
        "days": tuple(sorted({get_args(Weekday).index(day) for day in settings.days})),
    }
    return Digest(**said)
