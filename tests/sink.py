"""A real mail server for tests, which keeps what it takes and fails as it is told.

Started as a script it is a process of its own: it reads a JSON object a line, {"once": [[AT, ANSWER], ...]},
and tells of each mail so far: [recipient, Message-ID, SHA-256], then forgets it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers import free_port

DROP, HANG = "drop", "hang"


@dataclass(frozen=True)
class Taken:
    """A mail that was taken: from whom, for whom, and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class Sink:
    """What came in, and how to answer: by EHLO, RSET, MAIL, RCPT, DATA or DOT, a reply or DROP (at RCPT also HANG).

    "DOT-LATE" drops the line after the mail was taken: nobody hears that it was. "RCPT someone@example.net"
    answers for one recipient. What stands in `once` is said at the first such point, and no more.
    """

    port: int = 0
    messages: list[Taken] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    once: list[tuple[str, str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    lines: int = 0
    open: int = 0

    def answer(self, server: SMTP, at: str, to: str = "") -> str | None:
        """What is to be said at a point; the line may be gone after it."""
        self.seen.append(at)
        told = self.told(at) or self.answers.get(f"{at} {to}")
        if told == DROP:
            _hang_up(server)
        return told

    def told(self, at: str) -> str | None:
        """What is to be said at a point, as it was ordered."""
        for order in self.once:
            if order[0] == at:
                self.once.remove(order)
                return order[1]
        return self.answers.get(at)


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class _Scripted(SMTP):
    """A server that may refuse DATA, or hang up after its go-ahead, or before anything."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.sink.lines += 1
        self.event_handler.sink.open += 1

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.sink.open -= 1

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802  # the same
        told = self.event_handler.sink.answer(self, "RSET")
        if told and told != DROP:
            await self.push(told)
        elif told is None:
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802  # the same
        self.event_handler.sink.seen.append("QUIT")
        await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd finds it by this name
        sink: Sink = self.event_handler.sink
        told = sink.answer(self, "DATA")
        if told and told != DROP:
            await self.push(told)
        elif told is None:
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_EHLO(  # noqa: N802  # the same
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        told = self.sink.answer(server, "EHLO")
        return [told] if told else responses

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  # the same
        envelope.mail_from = address
        return self.sink.answer(server, "MAIL") or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  # the same
        told = self.sink.answer(server, "RCPT", address)
        if told == HANG:
            await asyncio.Event().wait()  # until the line is cut
        if told is None:
            envelope.rcpt_tos.append(address)
        return told or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        told = self.sink.answer(server, "DOT")
        if told:
            return told
        self.sink.messages.append(Taken(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        if self.sink.told("DOT-LATE"):
            _hang_up(server)
        return "250 2.0.0 Ok: queued"


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Scripted(self.handler, **self.SMTP_kwargs)


class Postbox:
    """A sink in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port: int = self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def emptied(self, once: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str, str]]:
        """What came in since the last time: recipient, Message-ID, SHA-256; and what to say from now on, once.

        All who wrote have to be gone, or to say nothing: what a killed one sent is waited for.
        """
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"once": [*once]}) + "\n")
        self._process.stdin.flush()
        return [(to, name, content) for to, name, content in self._read()]


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A mail server that lives on when the process that talks to it is killed."""
    root = Path(__file__).parents[1]
    command = [sys.executable, __file__]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Postbox(process)
        assert process.stdin
        process.stdin.close()


@contextmanager
def smtp_sink(tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> Iterator[Sink]:
    """A mail server on a free port of this machine; with `tls` it speaks STARTTLS, with `login` it asks for it."""
    sink = Sink(free_port())

    def authenticate(_: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        told = (data.login.decode(), data.password.decode())
        return AuthResult(success=told == login, handled=login is None or told == login)

    options: dict[str, Any] = {"tls_context": tls, "auth_require_tls": tls is not None}
    if login:
        options |= {"authenticator": authenticate, "auth_required": True}
    controller = _Controller(_Handler(sink), hostname="127.0.0.1", port=sink.port, **options)
    controller.start()
    sink.lines = 0  # it has called itself
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)


class _Digests(list[Any]):
    """Keeps of each mail who gets it, its id and its sum: a hundred bytes of a hundred thousand."""

    def append(self, taken: Taken) -> None:
        found = re.search(rb"(?im)^message-id: *(\S+)", taken.content)
        name = found[1].decode() if found else ""
        super().append((taken.recipients[0], name, hashlib.sha256(taken.content).hexdigest()))


def _answer(text: Any) -> None:
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _settle(sink: Sink) -> None:
    end = time.monotonic() + 5
    while sink.open and time.monotonic() < end:
        time.sleep(0.001)


def main() -> None:
    """Answer until nobody asks."""
    with smtp_sink() as sink:
        sink.messages = _Digests()
        _answer(sink.port)
        for line in sys.stdin:
            _settle(sink)
            sink.once = [(at, told) for at, told in json.loads(line)["once"]]
            taken, sink.messages = sink.messages, _Digests()
            sink.seen.clear()
            _answer(taken)


if __name__ == "__main__":
    main()
