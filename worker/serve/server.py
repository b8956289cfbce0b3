"""The server itself: a socket, and uvicorn on it until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.errors import ConfigError
from worker.runtime import Runtime
from worker.serve.app import app

_GRACE = 10
_CONNECTIONS = 500
_SILENCE = 20.0  # seconds for a request


class _Impatient(H11Protocol):
    """Hangs up on whoever does not bring a request to its end in time: uvicorn waits for the first one for ever."""

    _silence: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's says so too
        """Begin to wait."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take some of a request."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        if self._silence:
            self._silence.cancel()

    def _watch(self) -> None:
        waits = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if waits and self._silence is None:
            self._silence = self.loop.call_later(_SILENCE, self.transport.close)
        elif not waits and self._silence is not None:
            self._silence.cancel()
            self._silence = None


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"nobody can listen on {host}:{port}: {reason}", "choose others: --host, --port") from None


def server(parts: Runtime) -> uvicorn.Server:
    """The server, to be run on a socket."""
    config = uvicorn.Config(
        app(parts),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        http=_Impatient,
        loop="asyncio",
        lifespan="on",
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
    )
    return uvicorn.Server(config)


def serve(parts: Runtime, at: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT; requests under way are answered first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again once it has ended
    server(parts).run(sockets=[at])
