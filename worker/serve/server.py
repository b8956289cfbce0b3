"""The server itself: a socket, and uvicorn on it until it is told to end."""

from __future__ import annotations

import signal
import socket
import sys

import uvicorn

from worker.errors import ConfigError
from worker.runtime import Runtime
from worker.serve.app import app

_GRACE = 10
_CONNECTIONS = 500


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
        http="h11",
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
