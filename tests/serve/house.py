"""A house: `unbury serve` on a free port of this machine, and somebody who asks it, byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

from tests.newsroom import NOW, newsroom
from worker.edition import Counts, Edition, Item, Link, Standing
from worker.model import Sentence, Span, Story, Subscription, Summary
from worker.runtime import Runtime
from worker.serve.server import listening, server
from worker.services.recipients import unsubscribing
from worker.settings import DigestSettings, ServeSettings, SmtpSettings
from worker.store import editions, subscriptions
from worker.text.identity import identity

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ADA, BOB = "ada@example.org", "bob@example.org"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(frozen=True)
class House:
    """The server, and what it is made of."""

    parts: Runtime
    port: int

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """An answer; `headers` are written with _ for -."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body or None, {name.replace("_", "-"): one for name, one in headers.items()})
            answer = line.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            line.close()

    def say(self, raw: bytes) -> bytes:
        """What comes back to these bytes, until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as line:
            line.sendall(raw)
            return b"".join(iter(lambda: line.recv(65536), b""))

    def click(self, path: str) -> Answer:
        """The one click of a mail program."""
        return self.ask(path, "POST", ONE_CLICK, Content_Type=FORM["Content-Type"])

    def path(self, address: str, digest: str = "daily") -> str:
        """The path of a reader's link, as it stands in a mail now."""
        return unsubscribing(self.parts, digest, address).removeprefix("https://news.example.org")

    def readers(self, digest: str = "daily") -> list[str]:
        """Who gets a digest."""
        with self.parts.database.reading() as session:
            configured = self.parts.settings.digests[digest].subscribers
            return [address for address, _ in subscriptions.readers(session, digest, configured)]

    def stored(self, address: str, digest: str = "daily") -> Subscription | None:
        """What is stored of a reader."""
        with self.parts.database.reading() as session:
            return subscriptions.one(session, digest, address)

    def add(self, edition: Edition) -> Edition:
        """An edition more."""
        with self.parts.database.writing() as session:
            editions.add(session, edition)
        return edition


def runtime(folder: Path, url: str, smtp: int = 0, **digests: str) -> Runtime:
    """Two digests that Ada and Bob get, and a source that a test fills."""
    mail = {"host": "127.0.0.1" if smtp else "", "port": smtp or 587, "security": "none"}
    return newsroom(
        folder,
        url,
        ready=False,
        feeds=folder / "feeds.opml",
        digests={
            name: DigestSettings(title=title, zone="UTC", subscribers=(ADA, BOB), sources=("desk",))
            for name, title in (digests or {"daily": "The Daily <b>", "weekly": "The Weekly"}).items()
        },
        smtp=SmtpSettings.model_validate(mail),
        serve=ServeSettings(base_url="https://news.example.org"),
    )


@contextmanager
def serving(parts: Runtime) -> Iterator[House]:
    """The server while it runs."""
    at = listening("127.0.0.1", 0)
    running = server(parts)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [at]})
    thread.start()
    try:
        yield House(parts, at.getsockname()[1])
    finally:
        running.should_exit = True
        thread.join()
        at.close()
        parts.database.close()


def edition(day: date, number: int = 1, digest: str = "daily", headline: str = "Ferry halted") -> Edition:
    """An edition of one story."""
    said = Sentence("The ferry was taken out of service.", Span("d1", 0, 0, 35))
    way = Link("d1", "paper.example", "https://paper.example/a", headline, NOW)
    story = Item(Story("a1b2c3d4e5f6", ("d1",)), headline, Summary((said,), "lexrank"), (way,), Standing.new)
    name = identity(digest, day.isoformat(), str(number))
    return Edition(name, digest, "The Daily", day, number, NOW, "UTC", (story,), (), Counts(1, 1, 0))
