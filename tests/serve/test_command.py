"""`unbury serve` as a process: it begins, says where, ends when it is told to, and logs nobody's secrets."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from tests.cli.desk import COMMAND, environment
from tests.postgres import PostgresServer
from tests.serve.house import ADA
from tests.servers import free_port
from worker.configuration.loading import load
from worker.delivery.unsubscribe import Unsubscription
from worker.runtime import Runtime
from worker.serve import server
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
_CONFIG = f'[sources]\n[smtp]\nhost = "127.0.0.1"\n[digests.daily]\nzone = "UTC"\nsubscribers = ["{ADA}"]\n'


@contextmanager
def _started(folder: Path, *arguments: str, **environ: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command, and the port that it says it listens on."""
    _configured(folder)
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(environ),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        found = next(filter(None, (re.fullmatch(r"serving on http://\S+:(\d+)\n", line) for line in lines)), None)
        assert found, "it ended"
        yield process, int(found[1])
    finally:
        process.kill()
        process.communicate()


def _configured(folder: Path) -> None:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "unbury.toml").write_text(_CONFIG)


def _ask(port: int, path: str, method: str = "GET", body: str = "") -> int:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request(method, path, body or None)
    status = line.getresponse().status
    line.close()
    return status


def test_it_ends_well_when_told_to_and_answers_what_it_began(tmp_path: Path) -> None:
    """SIGTERM in the middle of a request: the rest of it is read, it is answered, and the exit code is 0."""
    with _started(tmp_path, "serve", "--port", "0") as (process, port):
        assert _ask(port, "/healthz") == 200
        with socket.create_connection(("127.0.0.1", port), 30) as line:
            line.sendall(b"POST /unsubscribe/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 26\r\n\r\nList-")
            _until_read(port)
            process.terminate()
            _until_closed(port)
            line.sendall(b"Unsubscribe=One-Click")
            assert line.recv(100).startswith(b"HTTP/1.1 403 ")
        assert process.wait(30) == 0


def _until_read(port: int) -> None:
    """One loop serves all: once a later request is answered, the earlier one's bytes were read."""
    for _ in range(3):
        assert _ask(port, "/healthz") == 200


def _until_closed(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.02)
    pytest.fail("it still listens")


def test_its_log_names_pages_and_nobody(tmp_path: Path) -> None:
    """Neither a token, nor an address, nor who asked."""
    with _started(tmp_path, "-v", "serve", "--port", "0") as (process, port):
        settings = load(tmp_path / "config" / "unbury.toml", {}).settings
        database = f"sqlite:///{tmp_path / 'var' / 'unbury.db'}"
        parts = Runtime(settings.model_copy(update={"database_url": SecretStr(database)}))
        token = Unsubscription("daily", ADA).signed(parts.unsubscribe_secret)
        parts.database.close()
        assert _ask(port, f"/unsubscribe/{token}", "POST", "List-Unsubscribe=One-Click") == 200
        assert _ask(port, f"/editions/{ADA}?x={token}") == 404
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert '"page": "unsubscribe", "status": 200' in said
    for secret in (token, token[:12], ADA, "127.0.0.1", parts.unsubscribe_secret):
        assert secret not in said


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """With what to do, and exit code 3."""
    _configured(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = _run(tmp_path, [*COMMAND, "serve", "--port", port])
    assert found.returncode == 3
    assert f"nobody can listen on 127.0.0.1:{port}: Address already in use" in found.stderr
    assert "--port" in found.stderr


@pytest.mark.parametrize("library", ["uvicorn", "starlette"])
def test_without_the_extra_it_says_what_to_install(tmp_path: Path, library: str) -> None:
    """And nothing else needs it."""
    _configured(tmp_path)
    program = f"import sys; sys.modules[{library!r}] = None; from worker.cli.main import main; main()"
    found = _run(tmp_path, [sys.executable, "-c", program, "serve"])
    assert (found.returncode, found.stdout) == (3, "")
    assert f"needs {library}, which is not installed" in found.stderr
    assert "pip install 'unbury[serve]'" in found.stderr
    assert _run(tmp_path, [sys.executable, "-c", program, "status"]).returncode == 0


def _run(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment({}), capture_output=True, text=True, check=False)


def test_the_service_of_the_compose_file_serves_and_is_healthy(tmp_path: Path, postgres: PostgresServer) -> None:
    """Command, environment and health check as they stand; unhealthy, once it is gone."""
    service: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["serve"]
    told = {name: re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value) for name, value in service["environment"].items()}
    database = postgres.fresh()
    port = str(free_port())
    program, *arguments = [port if word == "8080" else word for word in service["command"]]
    assert program == "unbury"
    assert service["profiles"] == ["serve"]
    with _started(tmp_path, *arguments, **told | {"UNBURY_DATABASE_URL": database}) as (process, listens):
        assert listens == int(port)
        assert _healthy(service, port)
        process.terminate()
        assert process.wait(30) == 0
        assert not _healthy(service, port)


def _healthy(service: dict[str, Any], port: str) -> bool:
    shell, test = service["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    asked = ["sh", "-c", test.replace("8080", port)]
    return subprocess.run(asked, env={"PATH": path}, capture_output=True, check=False).returncode == 0


def test_who_says_nothing_does_not_keep_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line on which no request comes is hung up, whether it is its first or half of one."""
    monkeypatch.setattr(server, "_SILENCE", 0.5)
    parts = Runtime(Settings(database_url=SecretStr(f"sqlite:///{tmp_path / 'u.db'}")))
    parts.database.ready()
    at = server.listening("127.0.0.1", 0)
    made = server.server(parts)
    thread = threading.Thread(target=made.run, kwargs={"sockets": [at]})
    thread.start()
    try:
        port = at.getsockname()[1]
        for half in (
            b"",
            b"GET /healthz HT",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
                line.sendall(half)
                assert line.recv(1000) == b""
        assert _ask(port, "/healthz") == 200
    finally:
        made.should_exit = True
        thread.join()
