"""What a source is given to reach other people's servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """What a server said in the end: `url` after all redirects, `headers` in lower case.

    `moved` is the address that redirects for good lead to, empty if there were none or one was temporary
    before them; `content` is unpacked, and empty for anything but 200 and 226.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    moved: str = ""


class Fetcher(Protocol):
    """Asks servers, guarded and in bounded time."""

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """The answer to a GET, redirects followed. Raises FetchFailed, Refused, HostBusy."""


class Permission(Protocol):
    """Knows which pages hosts let us fetch."""

    def allow(self, url: str) -> bool:
        """Whether the page may be fetched. Raises HostBusy."""


@dataclass(frozen=True)
class Web:
    """The way out, what hosts allow, and the time it is."""

    client: Fetcher
    robots: Permission
    now: Callable[[], datetime]
