"""The one place where the parts are put together; the only clock."""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar, get_args

from tzlocal import get_localzone_name

from worker.delivery.unsubscribe import Link
from worker.edition import Digest, Rule
from worker.errors import ConfigError, DeliveryRefused, UnburyError, Unreachable, unknown_name
from worker.model import Job, Subscriber
from worker.plugins import DELIVERERS, EXPORTERS, RANKERS, SOURCES, Deliverer, Exporter, Source
from worker.settings import DigestSettings, Settings, SourceSettings, Weekday
from worker.sources.subscriptions import Subscriptions
from worker.store import secrets, subscriptions
from worker.store.database import Database, Transaction
from worker.store.hosts import SharedTurns
from worker.web.access import Later, Web
from worker.web.addresses import Gate
from worker.web.turns import OwnTurns, Turns

if TYPE_CHECKING:
    from worker.pipeline import Recipe
    from worker.web.client import Client

T = TypeVar("T")


def clock() -> datetime:
    """The time it is, in UTC."""
    return datetime.now(UTC)


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
    _deliverers: dict[str, Deliverer] = field(default_factory=dict, repr=False)

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
            return self._source("by hand", SourceSettings.model_validate(job.payload))
        return self.source(job.key)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """The feeds in the user's list."""
        return Subscriptions(self.settings.feeds)

    @property
    def sources(self) -> Mapping[str, SourceSettings]:
        """All sources as they are now: those of the configuration, and the feeds of the list. Raises ConfigError."""
        return ChainMap(self.settings.sources, self.subscriptions.sources())

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
        return self._source(name, sources[name])

    def subscribers(self, session: Transaction, digest: Digest) -> list[Subscriber]:
        """Who gets a digest's editions: the archive, the webhooks, and who subscribed by e-mail."""
        asked = self.settings.digests[digest.name]
        known = [(name, self.settings.webhooks[name]) for name in asked.webhooks if name in self.settings.webhooks]
        hooks = [Subscriber("webhook", name, (hook.shape,)) for name, hook in known]
        readers = self.readers(session, digest.name) if self.settings.smtp.host else []
        own = [Subscriber(one.kind, one.address, one.forms) for one in asked.channels]
        return [self.archive(digest), *hooks, *own, *(Subscriber("mail", address, ("mail",)) for address in readers)]

    def archive(self, digest: Digest) -> Subscriber:
        """The archive as one who gets a digest."""
        return Subscriber("archive", str(self.settings.out / self.shelf(digest.name)), digest.forms)

    def readers(self, session: Transaction, digest: str) -> list[str]:
        """The addresses of those who read a digest by e-mail now."""
        configured = self.settings.digests[digest].subscribers
        return [address for address, _ in subscriptions.readers(session, digest, configured)]

    def unsubscribing(self, digest: str, address: str) -> str:
        """Where a reader unsubscribes: with one click if the world reaches us, else by a mail to the operator.

        Raises DeliveryRefused for one who has: that may be between the making of an edition and its sending.
        """
        base = self.settings.serve.base_url
        if digest in self.settings.digests:
            with self.database.reading() as session:
                reader = subscriptions.one(session, digest, address)
            if reader and reader.state != "active":
                raise DeliveryRefused(f"{address} gets no {digest} any more: {reader.state}")
            if base:
                link = Link(digest, address, reader.round if reader else 0)
                return f"{base}/unsubscribe/{link.signed(self.unsubscribe_secret)}"
        return self.unsubscribing_by_mail(digest)

    def unsubscribing_by_mail(self, digest: str) -> str:
        """The mail to the operator by which a reader unsubscribes, as an address."""
        operator = self.settings.smtp.unsubscribe or parseaddr(self.settings.smtp.sender)[1]
        return f"mailto:{operator}?subject=unsubscribe%20{digest}"

    @cached_property
    def unsubscribe_secret(self) -> str:
        """What the links to unsubscribe are signed with; made when it is first needed, the same for all processes."""
        with self.database.writing() as session:
            return secrets.secret(session, "unsubscribe")

    def shelf(self, digest: str) -> str:
        """Where a digest's editions lie below `out`: there, or with several digests or times in a folder of its own."""
        alone = digest in self.digests and len(self.digests) == 1 and len(self.digest(digest).times) == 1
        return "" if alone else f"{digest}/"

    def exporter(self, form: str) -> Exporter:
        """The exporter of a form. Raises UnknownName."""
        exporter: Exporter = EXPORTERS.find(form)(self.settings)
        return exporter

    def deliverer(self, channel: str) -> Deliverer:
        """The deliverer of a channel. Raises UnknownName."""
        if channel not in self._deliverers:
            self._deliverers[channel] = DELIVERERS.find(channel)(self.settings, lambda: self.web)
        return self._deliverers[channel]

    def check(self) -> None:
        """Find every plug-in that the settings name, before any work is begun. Raises ConfigError."""
        for _, fault in self.faults():
            raise fault

    def faults(self) -> Iterator[tuple[str, UnburyError]]:
        """Each key that names what is not there, or what cannot be used, and what is wrong with it."""
        for key, find in self._named():
            try:
                find()
            except UnburyError as error:
                yield key, error

    def _named(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Each key that names something, and what finds it. Those raise ConfigError."""
        for name, source in self.settings.sources.items():
            yield f"sources.{name}", partial(self._source, name, source)
        yield "feeds", self.subscriptions.sources
        for name, digest in self.settings.digests.items():
            yield f"digests.{name}.ranker", partial(RANKERS.check, digest.ranker)
            for form in digest.forms:
                yield f"digests.{name}.forms", partial(EXPORTERS.check, form)
            for hook in digest.webhooks:
                yield f"digests.{name}.webhooks", partial(self._hook, hook)
            for channel in digest.channels:
                yield f"digests.{name}.channels", partial(DELIVERERS.check, channel.kind)
                for form in channel.forms:
                    yield f"digests.{name}.channels", partial(EXPORTERS.check, form)
            yield f"digests.{name}.subscribers", partial(self._reachable, name)
        yield "reading.ranker", partial(RANKERS.check, self.settings.reading.ranker)
        if self.settings.templates:
            from worker.exporters import templates  # Jinja, which whoever has no templates saves

            yield "templates", partial(templates.check, self.settings.templates)
        for name, hook_settings in self.settings.webhooks.items():
            from worker.delivery import webhook

            yield f"webhooks.{name}", partial(webhook.check, name, hook_settings)

    def _hook(self, name: str) -> None:
        if name not in self.settings.webhooks:
            raise unknown_name("webhook", name, self.settings.webhooks)

    def _reachable(self, digest: str) -> None:
        if self.settings.digests[digest].subscribers and not self.settings.smtp.host:
            raise ConfigError(f"digests.{digest} has subscribers, but no server takes their mail", "set smtp.host")

    def _source(self, name: str, settings: SourceSettings) -> Source:
        source: Source = SOURCES.find(settings.kind)(name, settings, self.web)
        return source

    def _recipe(self, ranker: str, sentences: int) -> Recipe:
        from worker.pipeline import Recipe  # all the thinking: 200 ms, which whoever only looks saves

        cues = self.settings.reading.edmundson
        return Recipe(ranker, sentences, cues.bonus, cues.stigma, self.settings.reading.words)


def _digest(name: str, settings: DigestSettings) -> Digest:
    return Digest(
        name=name,
        title=settings.title,
        zone=get_localzone_name() if settings.zone == "local" else settings.zone,
        stories=settings.stories,
        sentences=settings.sentences,
        ranker=settings.ranker,
        memory=settings.memory,
        forms=settings.forms,
        words=settings.words,
        rules=tuple(Rule(**dict(rule)) for rule in settings.rules),
        times=tuple(at.isoformat(timespec="minutes") for at in settings.at),
        days=tuple(sorted({get_args(Weekday).index(day) for day in settings.days})),
        catch_up=settings.catch_up,
        empty=settings.empty,
        sources=settings.sources,
        sections=settings.sections,
        languages=settings.languages,
        language=settings.language,
    )
