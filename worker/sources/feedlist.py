"""The feeds that the user reads: an OPML file, which is the truth and is read again when it changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from worker import atomic
from worker.errors import ConfigError, NotFound, ParsingFailed, Unparsable
from worker.parsers import opml
from worker.parsers.opml import ListedFeed
from worker.parsing import parsed
from worker.settings import SourceSettings
from worker.text.identity import identity, outlet

_log = structlog.get_logger()


@dataclass
class FeedList:
    """The list in a file. One that is broken while a worker runs is complained of, and the last good one holds."""

    file: Path
    _known: dict[str, SourceSettings] = field(default_factory=dict, init=False, repr=False)
    _stamp: tuple[int, ...] | None = field(default=None, init=False, repr=False)

    def sources(self) -> dict[str, SourceSettings]:
        """The feeds by the names of their sources, as the file has them now. Raises ConfigError the first time."""
        stamp = self._stamped()
        if stamp == self._stamp:
            return self._known
        try:
            self._known = {name: _settings(one) for name, one in self.named().items()}
        except ConfigError as error:
            if self._stamp is None:
                raise
            _log.error("the list of feeds cannot be read, the last one holds", file=str(self.file), reason=str(error))
        self._stamp = stamp
        return self._known

    def listed(self) -> list[ListedFeed]:
        """The feeds in the order of the file; none where there is no file. Raises ConfigError."""
        content = self._content()
        return read(content, str(self.file)) if content else []

    def named(self) -> dict[str, ListedFeed]:
        """The feeds in the order of the file, by the names of their sources. Raises ConfigError."""
        return named(self.listed())

    def add(self, feed: ListedFeed) -> bool:
        """Put a feed into the file; gives whether it was not in it. Raises ConfigError."""
        return self.add_all([feed]) == 1

    def add_all(self, feeds: Iterable[ListedFeed]) -> int:
        """Put feeds into the file; gives how many were not in it. Raises ConfigError."""
        with self._alone() as folder:
            known = {one.url for one in self.listed()}
            new = {feed.url: feed for feed in feeds if feed.url not in known}
            if new:
                self._write(folder, opml.with_feeds(self._content() or opml.written([]), new.values()))
        return len(new)

    def move(self, feed: ListedFeed, section: str) -> None:
        """Put a feed of the file into another of its folders. Raises ConfigError."""
        with self._alone() as folder:
            self._write(folder, opml.moved(self._content(), feed.url, section))

    def remove(self, wanted: str) -> ListedFeed:
        """Take a feed out of the file, by its address or the name of its source. Raises NotFound, ConfigError."""
        with self._alone() as folder:
            listed = self.named().items()
            found = next((one for name, one in listed if wanted in (one.url, name, one.title)), None)
            if found is None:
                raise NotFound(f"{self.file} has no feed {wanted!r}", "`unbury feeds list` shows them")
            self._write(folder, opml.without_feed(self._content(), found.url))
        return found

    def _content(self) -> bytes:
        try:
            return self.file.read_bytes() if self.file.exists() else b""
        except OSError as error:
            raise ConfigError(
                f"{self.file} cannot be read: {error.strerror}", "see `feeds` in the configuration"
            ) from None

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Within it, nobody else changes the file: of two that add at a time, none is lost. Raises ConfigError."""
        try:
            with atomic.alone(self.file.parent) as folder:
                yield folder
        except OSError as error:
            raise ConfigError(
                f"{self.file} cannot be written: {error.strerror}", "see `feeds` in the configuration"
            ) from None

    def _write(self, folder: int, content: bytes) -> None:
        """Put the file in place as a whole, so that a worker never reads half of it; its permissions stay."""
        mode = self.file.stat().st_mode & 0o777 if self.file.exists() else None
        atomic.replace(self.file, content, folder, mode)

    def _stamped(self) -> tuple[int, ...]:
        try:
            about = self.file.stat()
        except OSError:
            return ()
        return about.st_mtime_ns, about.st_size, about.st_ino


def read(content: bytes, where: str) -> list[ListedFeed]:
    """The feeds of an OPML file. Raises ConfigError."""
    try:
        found = parsed("opml", content)
    except (Unparsable, ParsingFailed) as error:
        raise ConfigError(f"{where}: {error}", "write it as OPML, or let `unbury feeds add` write a new one") from None
    return [ListedFeed(**feed) for feed in found["feeds"]]


def named(feeds: Iterable[ListedFeed]) -> dict[str, ListedFeed]:
    """Feeds by the names of their sources; of two of a host that would have the same, the later one's is longer."""
    found: dict[str, ListedFeed] = {}
    for feed in feeds:
        names = (name(feed.url, digits) for digits in (6, 12, 18))
        found[next(free for free in names if free not in found)] = feed
    return found


def name(url: str, digits: int = 6) -> str:
    """The name of the source that a feed of this address is, with so many digits of the address's id."""
    host = re.sub(r"[^a-z0-9]+", "-", outlet(url).lower()).strip("-")[:40] or "feed"
    return f"{host}-{identity(url)[:digits]}"


def _settings(feed: ListedFeed) -> SourceSettings:
    return SourceSettings(kind="feed", url=feed.url, title=feed.title, section=feed.section)
