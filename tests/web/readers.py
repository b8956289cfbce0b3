"""Two that read feeds in the same world: ours, and a loop around feedparser as its manual shows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import feedparser

from worker.fetched import SourceState
from worker.settings import SourceSettings
from worker.sources.feeds import Feed
from worker.web.access import Web
from worker.web.addresses import Gate
from worker.web.client import Client
from worker.web.robots import Robots
from worker.web.turns import OwnTurns

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday


class Reader(Protocol):
    """Reads one feed, in a time that tests make pass."""

    titles: list[str]
    """What it took, in order."""

    def look(self) -> list[str]:
        """Look now; gives the titles that are new."""

    def spend(self, time: timedelta) -> None:
        """Let time pass, looking whenever it finds it is time to."""


def web(
    now: datetime = START, *, seconds: float = 5.0, delay: float = 0.0, most: int = 10 * 2**20, **gate: object
) -> Web:
    """A way out that may reach loopback."""
    client = Client(
        Gate(("127.0.0.0/8",), **gate),  # type: ignore[arg-type]  # a fake resolver
        OwnTurns(delay),
        "Unbury/test (feed reader; reader@example.org)",
        seconds,
        most,
    )
    return Web(client, Robots(client), lambda: now)


@dataclass
class Ours:
    """Unbury's source of kind "feed", kept by its state between looks, as the queue does it."""

    url: str
    name: str = "feed"
    full_text: str = "never"
    every: timedelta = timedelta(hours=1)
    now: datetime = START
    state: SourceState = field(default_factory=SourceState)
    titles: list[str] = field(default_factory=list)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 5.0
    delay: float = 0.0
    web: Web | None = None

    def look(self) -> list[str]:
        self.web = replace(self.web or web(seconds=self.seconds, delay=self.delay), now=lambda: self.now)
        settings = SourceSettings(kind="feed", url=self.url, full_text=self.full_text, every=self.every)  # type: ignore[arg-type]
        fetched = Feed(self.name, settings, self.web).fetch(self.state)
        self.state = fetched.state
        new = [document.title for document in fetched.documents]
        self.texts |= {document.title: document.paragraphs for document in fetched.documents}
        self.titles += new
        return new

    def spend(self, time: timedelta) -> None:
        end = self.now + time
        while self.state.next_check and self.state.next_check <= end and not self.state.retired:
            self.now = self.state.next_check
            self.look()
        self.now = end


@dataclass
class Plain:
    """feedparser alone, asked once an hour, with its own etag and modified handed back."""

    url: str
    etag: str | None = None
    modified: str | None = None
    now: datetime = START
    titles: list[str] = field(default_factory=list)
    _next: datetime = START
    _seen: set[str] = field(default_factory=set)

    def look(self) -> list[str]:
        found = feedparser.parse(self.url, etag=self.etag, modified=self.modified)
        self.etag = found.get("etag", self.etag)
        self.modified = found.get("modified", self.modified)
        new = [entry for entry in found.entries if entry.get("id", entry.get("title")) not in self._seen]
        self._seen |= {entry.get("id", entry.get("title")) for entry in new}
        self.titles += [entry.get("title", "") for entry in new]
        self._next = self.now + timedelta(hours=1)
        return [entry.get("title", "") for entry in new]

    def spend(self, time: timedelta) -> None:
        end = self.now + time
        while self._next <= end:
            self.now = self._next
            self.look()
        self.now = end
