"""Signs of life: a file for health checks, a row for `unbury status`, and a tick as soon as beat is up."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from celery.signals import (
    after_task_publish,
    beat_init,
    heartbeat_sent,
    worker_init,
    worker_process_init,
    worker_shutdown,
)
from kombu.exceptions import OperationalError

from worker import tasks
from worker.celery import app, settings
from worker.errors import UnburyError, Unreachable
from worker.runtime import Runtime, clock
from worker.status.checks import check
from worker.store import presence
from worker.store.database import Transaction

_log = structlog.get_logger()
_EVERY = 30.0  # seconds between two rows; a heartbeat comes every 2 s


def _touch() -> None:
    if settings.alive:
        Path(settings.alive).touch()


class _Pulse:
    """The main process of a worker: it says that it is alive, and does no work."""

    name = ""
    last = 0.0

    def beat(self) -> None:
        """Touch the file, and now and then write the row; a database that is away costs nothing but the row."""
        _touch()
        if time.monotonic() - self.last < _EVERY:
            return
        self.last = time.monotonic()
        seen = presence.Seen(self.name, "worker", Runtime(settings).build, clock())
        self._write(lambda session: presence.see(session, seen))

    def end(self) -> None:
        """Say goodbye."""
        if self.name:
            self._write(lambda session: presence.leave(session, self.name))

    def _write(self, do: Callable[[Transaction], None]) -> None:
        # A database of its own, closed at once: children are forked from this process at any time.
        database = Runtime(settings).database
        try:
            with database.writing() as session:
                do(session)
        except UnburyError as error:
            _log.warning("no sign of life", worker=self.name, reason=str(error))
        finally:
            database.close()


_pulse = _Pulse()


@worker_init.connect
def _started(sender: Any = None, **_: object) -> None:
    """Refuse to start on what cannot work: a wrong configuration, a database of another version."""
    _pulse.name = f"{getattr(sender, 'hostname', None) or platform.node()}/{os.getpid()}"
    parts = Runtime(settings)
    try:
        check(parts)
        parts.database.ready()
    except UnburyError as error:
        _log.error("cannot start", reason=str(error), hint=error.hint)  # a sentence
        if not isinstance(error, Unreachable):  # that one may be starting, and is waited for
            sys.exit(error.exit_code)
    finally:
        parts.database.close()


@worker_process_init.connect
def _forked(**_: object) -> None:
    """A child never uses a connection of its parent."""
    tasks.runtime.cache_clear()


@heartbeat_sent.connect
def _beating(**_: object) -> None:
    _pulse.beat()


@worker_shutdown.connect
def _ended(**_: object) -> None:
    _pulse.end()


@beat_init.connect
def _beat_started(**_: object) -> None:
    """Tick at once: otherwise the first one comes after 30 s."""
    after_task_publish.connect(_rung)
    try:
        app.send_task("unbury.tick")
    except OperationalError as error:
        _log.warning("not rung", reason=str(error))


def _rung(**_: object) -> None:
    _touch()
