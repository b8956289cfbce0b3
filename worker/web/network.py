"""Connections that go only where the gate lets them, and end at a deadline."""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import httpcore2

from worker.web.addresses import Gate

#: The moment (time.monotonic) at which all that a request still waits for is cut off.
deadline: ContextVar[float] = ContextVar("deadline")
_CONNECTING = 10.0  # seconds for one of a host's addresses; the next may answer


def left() -> float:
    """Seconds until the deadline. Raises ReadTimeout when there are none."""
    seconds = deadline.get() - time.monotonic()
    if seconds <= 0:
        raise httpcore2.ReadTimeout("the time is over")
    return seconds


class GuardedBackend(httpcore2.NetworkBackend):
    """Resolves a name, has every address checked, and connects to one that was.

    The name stays what TLS verifies; no proxy of the environment is asked, for it would resolve anew.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate, self._sockets = gate, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to a checked address, tried in the resolver's order. Raises Refused, ConnectError."""
        problem: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            try:
                seconds = min(left(), _CONNECTING)
                return Bounded(self._sockets.connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
        raise problem

    def _addresses(self, host: str, port: int) -> list[str]:
        """The host's checked addresses; a resolver that does not answer is left behind at the deadline."""
        answer: list[list[str] | Exception] = []

        def look_up() -> None:
            try:
                answer.append(self._gate.addresses(host, port))
            except Exception as error:  # noqa: BLE001  # handed on to who asked
                answer.append(error)

        if _is_address(host):
            look_up()
        else:
            thread = threading.Thread(target=look_up, daemon=True)
            thread.start()
            thread.join(left())
        found = answer[0] if answer else httpcore2.ConnectTimeout(f"nobody says where {host} is")
        if isinstance(found, OSError):
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved")
        if isinstance(found, Exception):
            raise found
        return found


class Bounded(httpcore2.NetworkStream):
    """A stream of bytes on which nothing waits beyond the deadline, however slowly they drip."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, or none at the end. Raises ReadTimeout."""
        return self._stream.read(max_bytes, min(left(), timeout or _CONNECTING))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes. Raises WriteTimeout, ReadTimeout."""
        self._stream.write(buffer, left())

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same stream, encrypted. Raises ConnectError."""
        return Bounded(self._stream.start_tls(ssl_context, server_hostname, left()))

    def get_extra_info(self, info: str) -> Any:
        """What the pool wants to know of the socket below."""
        return self._stream.get_extra_info(info)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
