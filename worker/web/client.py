"""The client: one GET with its redirects, in bounded time and bytes, only to where the gate leads."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin

import httpcore2
import httpx2

from worker.errors import FetchFailed, Refused
from worker.web.access import NO_HEADERS, Answer
from worker.web.addresses import Gate
from worker.web.bodies import unpacked
from worker.web.network import GuardedBackend, deadline
from worker.web.turns import Turns
from worker.web.urls import checked, host, without_user

_REDIRECTS = 5
_MOVED = {301: True, 308: True, 302: False, 303: False, 307: False}  # for good?


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
            answer, spent = self._hop(address, asked, left)
            left -= spent
            target = answer.headers.get("location")
            if answer.status not in _MOVED or not target:
                return Answer(answer.status, answer.url, answer.headers, answer.content, moved)
            url = _target(address, target)
            for_good = for_good and _MOVED[answer.status] and not _downgrade(address, url)
            moved = url if for_good else moved
        raise FetchFailed(f"it redirects more than {_REDIRECTS} times")

    def _hop(self, address: str, headers: Mapping[str, str], seconds: float) -> tuple[Answer, float]:
        """An answer and the seconds it took, but for the wait for the host's turn."""
        with self.turns.turn(host(address)):
            begun = time.monotonic()
            token = deadline.set(begun + seconds)
            try:
                return self._asked(address, headers), time.monotonic() - begun
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


def _target(address: str, location: str) -> str:
    try:
        # Servers send raw UTF-8, which httpx2 reads as Latin-1 or UTF-8; both are made ASCII when it is asked.
        return urljoin(address, location.strip())
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
