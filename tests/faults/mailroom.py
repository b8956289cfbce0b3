"""A warmed process that forks workers which make an edition and mail it, and kill themselves at a given step.

Started as a script. Reads an order a line (see `Order`), answers with a line: for each worker how it ended.
A step is the moment before or after an SQL statement, a commit, a connection, anything said to the mail
server and any reply of it, a service's work and its saving. A worker counts them in shared memory, and sends
itself SIGKILL at the one it was told. Forking saves the 2 s that imports cost.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import smtplib
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from worker import logs
from worker.delivery import connection, connections
from worker.queue import deliveries, working
from worker.runtime import Runtime
from worker.services import deliver
from worker.settings import DigestSettings, LogSettings, Settings, SmtpSettings
from worker.store import backlog, editions

KINDS = ("compose", "deliver")
_PATIENT = 40  # rounds of an hour: longer than any mail is tried


@dataclass(frozen=True)
class Order:
    """Workers that run at the same time, each killed at a step (0: never); `threads`: each hands out in several.

    With `patient`, hours go by until nothing is left to do, and the answer says how each delivery ended.
    """

    url: str
    out: str
    port: int
    readers: int
    at: Sequence[int]
    now: str
    patient: bool = False
    threads: bool = False
    naive: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The readers."""
        return tuple(f"reader{number}@example.net" for number in range(self.readers))


class Shared:
    """What a worker leaves behind when it is killed: how many steps, the last one, and for each reader its doubt."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 4096)

    @property
    def steps(self) -> int:
        """How many steps there were."""
        return int(struct.unpack_from("i", self._memory)[0])

    def step(self, name: str) -> int:
        """One step more."""
        struct.pack_into("i64s", self._memory, 0, self.steps + 1, name.encode()[:64])
        return self.steps

    @property
    def last(self) -> str:
        """The last step's name."""
        return bytes(self._memory[4:68]).rstrip(b"\0").decode(errors="replace")

    def window(self, reader: int, is_open: bool) -> None:
        """Whether the dot is on its way and what came of it is not saved."""
        self._memory[100 + reader] = int(is_open)

    def unheard(self, reader: int) -> None:
        """A dot that got no answer."""
        self._memory[200 + reader] += 1

    def doubtful(self, readers: int, killed: bool) -> list[int]:
        """For each reader, how often nobody can know whether the mail arrived."""
        return [self._memory[200 + n] + (self._memory[100 + n] if killed else 0) for n in range(readers)]


class Steps:
    """Counts a worker's steps, and ends it at one of them."""

    def __init__(self, shared: Shared, at: int) -> None:
        self._shared, self._at = shared, at
        self._lock, self._local = threading.Lock(), threading.local()

    def __call__(self, name: str) -> None:
        """A step is reached."""
        with self._lock:
            if self._shared.step(name) == self._at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, called: str) -> None:
        """Make a step before and one after each call of a function."""
        whole = getattr(owner, name)

        def stepped(*given: Any, **more: Any) -> Any:
            self(f"before {called}")
            answer = whole(*given, **more)
            self(f"after {called}")
            return answer

        setattr(owner, name, stepped)

    def watch(self) -> None:
        """Everything that is done from here on in this process."""
        event.listen(Engine, "before_cursor_execute", lambda c, cu, said, *_: self(f"before {said[:40]}"))
        event.listen(Engine, "after_cursor_execute", lambda c, cu, said, *_: self(f"after {said[:40]}"))
        self._watch_commits()
        self._watch_mail()
        self.around(working, "attempted", "the work")
        self.around(working, "settled", "saving")

    def _watch_commits(self) -> None:
        commit = Connection._commit_impl  # where every commit passes

        def committed(connection: Connection) -> None:
            self("before commit")
            commit(connection)
            if getattr(self._local, "dotted", False):
                self._shared.window(self._local.reader, is_open=False)
                self._local.dotted = False
            self("after commit")

        Connection._commit_impl = committed  # type: ignore[method-assign, assignment]

    def _watch_mail(self) -> None:
        self.around(smtplib.SMTP, "connect", "connecting")
        self.around(smtplib.SMTP, "getreply", "a reply")
        send, dot = smtplib.SMTP.send, connection.Connection.final_dot

        def sent(line: smtplib.SMTP, said: Any) -> None:
            if found := re.match(rb"(?i)rcpt to:<reader(\d+)@", said.encode() if isinstance(said, str) else said):
                self._local.reader = int(found[1])
            named = "the dot" if said == b".\r\n" else str(said[:10])
            self(f"before saying {named}")
            if named == "the dot":
                self._local.dotted = True
                self._shared.window(self._local.reader, is_open=True)
            send(line, said)
            self(f"after saying {named}")

        def dotted(line: connection.Connection) -> tuple[int, bytes]:
            try:
                return dot(line)
            except (OSError, smtplib.SMTPException):
                self._shared.unheard(self._local.reader)
                raise

        smtplib.SMTP.send, connection.Connection.final_dot = sent, dotted  # type: ignore[method-assign, assignment]


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: str) -> None:
        self.now = datetime.fromisoformat(now)

    def __call__(self) -> datetime:
        return self.now


def runtime(order: Order, holder: str) -> Runtime:
    """The parts, as the order wants them."""
    smtp = {"host": "127.0.0.1", "port": order.port, "security": "none"}
    settings = Settings(
        database_url=SecretStr(order.url),
        out=Path(order.out),
        sources={},
        digests={"daily": DigestSettings(zone="UTC", subscribers=order.addresses)},
        smtp=SmtpSettings.model_validate(smtp),
    )
    return Runtime(settings, now=Clock(order.now), holder=holder)


def work_off(parts: Runtime, *, threads: bool) -> None:
    """All that is due, as `unbury run` does it in threads, or as a worker of Celery's does."""
    while working.work(parts, KINDS[:1] if threads else KINDS):
        pass
    if threads:
        deliveries.hand_out(parts, lambda _: None)


def patiently(parts: Runtime) -> dict[str, Any]:
    """Let hours go by until nothing is left; how it all ended."""
    assert isinstance(parts.now, Clock)
    left: dict[str, dict[str, int]] = {}
    for _ in range(_PATIENT):
        work_off(parts, threads=False)
        with parts.database.reading() as session:
            left = backlog.census(session)
        if not any(left.get(kind, {}).get(state) for kind in KINDS for state in ("due", "running")):
            break
        parts.now.now += timedelta(hours=1)
    with parts.database.reading() as session:
        edition = editions.latest(session, "daily")
        found = editions.deliveries(session, edition.id) if edition else []
    mails = {one.subscriber.address: [one.status, one.doubts] for one in found if one.subscriber.channel == "mail"}
    return {"mails": mails, "dead": sum(left.get(kind, {}).get("dead", 0) for kind in KINDS)}


def naively(how: str) -> None:
    """A variant without the marks: "late" is send, then commit; "early" is commit, then send."""
    marked = deliver._Marked
    if how == "late":
        marked._mark = lambda *_, **__: None  # type: ignore[method-assign]
    if how == "early":
        mark: Callable[..., None] = marked._mark
        marked.crossing = lambda self: mark(self, status="sent")  # type: ignore[method-assign]


def _child(order: Order, number: int, shared: Shared, answer: int) -> NoReturn:
    code = 1
    try:
        connections.PAUSE = 0.0  # the clock of this test stands still
        naively(order.naive)
        Steps(shared, order.at[number]).watch()
        parts = runtime(order, f"w{number}")
        if order.patient:
            os.write(answer, json.dumps(patiently(parts)).encode())
        else:
            work_off(parts, threads=order.threads)
        code = 0
    except BaseException:  # noqa: BLE001  # whatever it is, it is told, and the process ends here
        traceback.print_exc()
    finally:
        os._exit(code)


def done(order: Order) -> list[dict[str, Any]]:
    """The order carried out; how each worker ended."""
    reading, writing = os.pipe()
    shared = [Shared() for _ in order.at]
    children = []
    for number in range(len(order.at)):
        child = os.fork()
        if child == 0:
            _child(order, number, shared[number], writing)
        children.append(child)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    ends = [os.waitpid(child, 0)[1] for child in children]
    return [_ended(order, *one, told) for one in zip(ends, shared, strict=True)]


def _ended(order: Order, status: int, shared: Shared, told: str) -> dict[str, Any]:
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {
        "killed": killed,
        "failed": not killed and status != 0,
        "steps": shared.steps,
        "last": shared.last,
        "doubtful": shared.doubtful(order.readers, killed),
        **(json.loads(told) if told else {}),
    }


def _warm(order: Order) -> None:
    parts = runtime(order, "warm")
    work_off(parts, threads=False)
    parts.database.close()  # and its line to the mail server goes with it


def main() -> None:
    """Do the first order in this process, to be warm, then fork for each."""
    logs.configure(LogSettings(level="error"))
    for number, line in enumerate(sys.stdin):
        order = Order(**json.loads(line))
        if number == 0:
            _warm(order)
        sys.stdout.write(json.dumps([] if number == 0 else done(order)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
