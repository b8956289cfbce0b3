"""The client: one GET with its redirects, or one POST, in bounded time and bytes, only to where the gate leads."""

from __future__ import annotations

import logging
import re
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore2
import httpx2

from worker.errors import FetchFailed, Refused
from worker.web.access import NO_HEADERS, Answer, at_once
from worker.web.addresses import Gate
from worker.web.bodies import unpacked
from worker.web.network import GuardedBackend, deadline
from worker.web.turns import Turns
from worker.web.urls import checked, host, origin, without_user

_REDIRECTS = 5
_REASON = 4096  # bytes of what a server says that does not take a POST
_MOVED = {301: True, 308: True, 302: False, 303: False, 307: False}  # for good?

# They log addresses whole, and what servers send; some addresses are as good as a password.
for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)


@dataclass
class Client:
    """Asks servers; safe to share among threads. `seconds` bounds a whole request with its redirects."""

    gate: Gate
    turns: Turns
    agent: str
    seconds: float = 30.0
    most: int = 10 * 2**20
    _http: httpx2.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._http = httpx2.Client(transport=_Transport(self.gate), trust_env=False, follow_redirects=False)
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for name in ("accept", "user-agent", "accept-encoding", "connection"):
            self._http.headers.pop(name, None)
        self.close = weakref.finalize(self, self._http.close)  # gives all connections back

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """The answer to a GET. Raises FetchFailed, Refused, HostBusy; their words name no password."""
        asked = {"User-Agent": self.agent, "Accept-Encoding": "gzip", **headers}
        moved, for_good, left = "", True, self.seconds
        seen: list[str] = []
        while len(seen) <= _REDIRECTS:
            address = checked(url)
            if address in seen:
                raise FetchFailed("it redirects in a circle")
            seen.append(address)
            answer, spent = self._hop(address, partial(self._asked, address, asked), left)
            left -= spent
            target = answer.headers.get("location")
            if answer.status not in _MOVED or not target:
                return Answer(answer.status, answer.url, answer.headers, answer.content, moved)
            url = _target(address, target)
            for_good = for_good and _MOVED[answer.status] and not _downgrade(address, url)
            moved = url if for_good else moved
        raise FetchFailed(f"it redirects more than {_REDIRECTS} times")

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS, sending: Callable[[], None] = at_once
    ) -> Answer:
        """The answer to a POST, as the protocol in access.py has it; its words name no password either."""
        address = checked(url)
        length = str(len(body))
        said = {"User-Agent": self.agent, "Accept-Encoding": "identity", "Content-Length": length, **headers}
        answer, _ = self._hop(address, partial(self._posted, address, said, _body(body, sending)), self.seconds)
        return answer

    def _hop(self, address: str, ask: Callable[[], Answer], seconds: float) -> tuple[Answer, float]:
        """An answer and the seconds it took, but for the wait for the host's turn."""
        with self.turns.turn(host(address)):
            begun = time.monotonic()
            token = deadline.set(begun + seconds)
            try:
                return ask(), time.monotonic() - begun
            except Refused:
                raise
            except (httpx2.TimeoutException, httpcore2.TimeoutException):
                raise FetchFailed(f"it did not answer within {self.seconds:g} s") from None
            except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                raise FetchFailed(f"it cannot be reached: {_said(error)}") from None
            except (UnicodeError, ValueError) as error:
                raise FetchFailed(f"the address is impossible: {_said(error)}") from None
            finally:
                deadline.reset(token)

    def _asked(self, address: str, headers: Mapping[str, str]) -> Answer:
        with self._http.stream("GET", address, headers=dict(headers)) as response:
            lower = {name.lower(): value for name, value in response.headers.items()}
            if response.status_code not in (200, 226):
                return Answer(response.status_code, without_user(address), lower)
            if _declared(lower) > self.most:
                raise FetchFailed(f"it is larger than {self.most / 2**20:.0f} MB", "see web.megabytes")
            content = unpacked(response.iter_raw(), lower.get("content-encoding", ""), self.most)
            return Answer(response.status_code, without_user(address), lower, content)

    def _posted(self, address: str, headers: Mapping[str, str], body: Iterator[bytes]) -> Answer:
        with self._http.stream("POST", address, headers=dict(headers), content=body) as response:
            lower = {name.lower(): value for name, value in response.headers.items()}
            reason = b"" if response.is_success else _beginning(response.iter_raw())
            return Answer(response.status_code, without_user(address), lower, reason)


class _Transport(httpx2.HTTPTransport):
    """httpx2's own, on guarded connections; few are kept, for each feed is asked once."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=None,
            max_keepalive_connections=8,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(gate),
        )


def _body(body: bytes, sending: Callable[[], None]) -> Iterator[bytes]:
    """The body, and just before it the word that it goes out."""
    sending()
    yield body


def _beginning(chunks: Iterable[bytes]) -> bytes:
    """The first bytes of an answer; its status is known, so a line that breaks now does no harm."""
    found = b""
    try:
        for chunk in chunks:
            found += chunk
            if len(found) >= _REASON:
                break
    except (httpx2.HTTPError, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
        pass
    return found[:_REASON]


def _target(address: str, location: str) -> str:
    """Where a redirect leads; a name and a password go along within one origin, and nowhere else."""
    try:
        # Servers send raw UTF-8, which httpx2 reads as Latin-1 or UTF-8; both are made ASCII when it is asked.
        url = urljoin(address, location.strip())
        before, after = urlsplit(address), urlsplit(url)
        stays = "@" not in after.netloc and origin(address) == origin(url)
        return urlunsplit(after._replace(netloc=before.netloc)) if stays else url
    except ValueError:
        raise Refused(f"it redirects to {location[:200]!r}, an impossible address") from None


def _downgrade(address: str, url: str) -> bool:
    return address.startswith("https:") and not url.startswith("https:")


def _declared(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def _said(error: Exception) -> str:
    said = re.sub(r"^\[Errno -?\d+\] ", "", str(error))
    return without_user(said or type(error).__name__)[:200]
