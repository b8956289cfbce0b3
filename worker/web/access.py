"""What a source is given to reach other people's servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def at_once() -> None:
    """Send without telling anybody."""


@dataclass(frozen=True)
class Answer:
    """What a server said in the end: `url` after all redirects, `headers` in lower case.

    `moved` is the address that redirects for good lead to, empty if there were none or one was temporary
    before them. `content` is unpacked: of a GET what was asked for, and empty for anything but 200 and 226;
    of a POST the beginning of what a server says that did not take it.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    moved: str = ""


class Client(Protocol):
    """Asks servers, and sends to them, guarded and in bounded time."""

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """The answer to a GET, redirects followed. Raises FetchFailed, Refused, HostBusy."""

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS, sending: Callable[[], None] = at_once
    ) -> Answer:
        """The answer to a POST, whatever its status; no redirect is followed.

        `sending` is called when all but the body is sent: without it no server takes a request. Raises
        FetchFailed (before `sending`: it got nothing; after: nobody knows), Refused, HostBusy, and what
        `sending` raises.
        """


class Later:
    """A client that is made when it is first asked: most commands name sources, and fetch nothing."""

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make

    @cached_property
    def _client(self) -> Client:
        return self._make()

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """As the client's."""
        return self._client.get(url, headers)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS, sending: Callable[[], None] = at_once
    ) -> Answer:
        """As the client's."""
        return self._client.post(url, body, headers, sending)


class Permission(Protocol):
    """Knows which pages hosts let us fetch."""

    def allow(self, url: str) -> bool:
        """Whether the page may be fetched. Raises HostBusy."""


@dataclass(frozen=True)
class Web:
    """The way out, what hosts allow, and the time it is."""

    client: Client
    robots: Permission
    now: Callable[[], datetime]
