"""Open connections to the mail server: a few, each used for many mails, none of them shared with a forked process.

Where nobody answers, whoever comes next is told so at once: 10,000 mails are not 10,000 attempts.
"""

from __future__ import annotations

import os
import smtplib
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from worker.delivery.connection import Connection, explained, opened
from worker.errors import DeliveryFailed
from worker.settings import SmtpSettings

#: For so long after nobody answered, nobody is asked again.
PAUSE = 10.0
#: Servers hang up on who says nothing (Postfix after 5 minutes), and on who sends much on one connection.
_IDLE = 30.0
_MAILS = 100


@dataclass
class _Open:
    """What a process has open: a child that was forked begins with nothing of its parent's."""

    most: int
    changed: threading.Condition = field(default_factory=threading.Condition)
    count: int = 0
    idle: list[tuple[float, Connection]] = field(default_factory=list)
    error: DeliveryFailed | None = None
    until: float = 0.0
    process: int = field(default_factory=os.getpid)

    def hang_up(self) -> None:
        """Close what nobody uses; in a forked child without a word, for the connections are its parent's."""
        while self.idle:
            _, connection = self.idle.pop()
            if self.process == os.getpid():
                connection.hang_up()
            else:
                connection.close()


@dataclass
class _Held:
    open: _Open

    def hang_up(self) -> None:
        self.open.hang_up()


class Connections:
    """At most smtp.connections at a time; safe to be used by several threads."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._held = _Held(_Open(settings.connections))
        self.close = weakref.finalize(self, self._held.hang_up)  # at the latest when the process ends

    @property
    def _mine(self) -> _Open:
        if self._held.open.process != os.getpid():
            self._held.open.hang_up()
            self._held.open = _Open(self._settings.connections)
        return self._held.open

    def check(self) -> None:
        """Raises DeliveryFailed while the server is known not to answer."""
        error = self._mine.error
        if error is not None and time.monotonic() < self._mine.until:
            raise DeliveryFailed(str(error), error.hint)

    @contextmanager
    def one(self, transcript: list[str]) -> Iterator[Connection]:
        """A connection that is free, or a new one; waits for its turn. Raises DeliveryFailed."""
        connection = self._taken(transcript)
        try:
            yield connection
        finally:
            self._back(connection)

    def _taken(self, transcript: list[str]) -> Connection:
        while True:
            connection = self._waited()
            if connection is None:
                connection = self._new(transcript)
            elif not self._goes_on(connection, transcript):
                continue
            if connection is not None:
                return connection

    def _goes_on(self, connection: Connection, transcript: list[str]) -> bool:
        """Whether a connection takes another mail; one that does not is given back."""
        answers = False
        try:
            answers = _answers(connection, transcript)
        finally:
            if not answers:
                connection.hang_up()
                self._gone()
        return answers

    def _waited(self) -> Connection | None:
        """An idle connection, or None for the leave to open one."""
        mine = self._mine
        with mine.changed:
            while not mine.idle and mine.count >= mine.most:
                mine.changed.wait()
            self.check()
            if not mine.idle:
                mine.count += 1
                return None
            since, connection = mine.idle.pop()
        if time.monotonic() - since > _IDLE:
            connection.hang_up()
        return connection

    def _new(self, transcript: list[str]) -> Connection | None:
        """A new connection; None if the server gives no more than are open."""
        try:
            return opened(self._settings, transcript)
        except (smtplib.SMTPException, OSError, ValueError) as failed:
            if self._fewer(error := explained(failed, self._settings)):
                return None
            raise error from failed
        except BaseException:
            self._gone()
            raise

    def _fewer(self, error: DeliveryFailed) -> bool:
        """Whether we can do with the connections that are open; if there are none, nobody asks for a while."""
        mine = self._mine
        with mine.changed:
            self._gone()
            if mine.count:
                mine.most = mine.count
                return True
            mine.error, mine.until = error, time.monotonic() + PAUSE
            return False

    def _gone(self) -> None:
        mine = self._mine
        with mine.changed:
            mine.count -= 1
            if not mine.count:
                mine.most = self._settings.connections
            mine.changed.notify_all()

    def _back(self, connection: Connection) -> None:
        mine = self._mine
        connection.turns += 1
        if connection.over or connection.turns >= _MAILS:
            connection.hang_up()
            self._gone()
            return
        with mine.changed:
            mine.idle.append((time.monotonic(), connection))
            mine.changed.notify()


def _answers(connection: Connection, transcript: list[str]) -> bool:
    """Whether a connection that was used before takes another mail."""
    connection.transcript = transcript
    try:
        return not connection.over and connection.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False
