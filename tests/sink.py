"""A real mail server for tests, which keeps what it takes and fails as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers import free_port

DROP = "drop"


@dataclass(frozen=True)
class Taken:
    """A mail that was taken: from whom, for whom, and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class Sink:
    """What came in, and how to answer: by EHLO, MAIL, RCPT, DATA or DOT, a reply or DROP.

    "DOT-LATE" drops the line after the mail was taken: nobody hears that it was.
    """

    port: int = 0
    messages: list[Taken] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def answer(self, server: SMTP, at: str) -> str | None:
        """What is to be said at a point; the line may be gone after it."""
        self.seen.append(at)
        told = self.answers.get(at)
        if told == DROP:
            _hang_up(server)
        return told


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class _Scripted(SMTP):
    """A server that may refuse DATA, or hang up after its go-ahead."""

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
        told = self.sink.answer(server, "RCPT")
        if told is None:
            envelope.rcpt_tos.append(address)
        return told or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        told = self.sink.answer(server, "DOT")
        if told:
            return told
        self.sink.messages.append(Taken(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        if self.sink.answers.get("DOT-LATE"):
            _hang_up(server)
        return "250 2.0.0 Ok: queued"


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Scripted(self.handler, **self.SMTP_kwargs)


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
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)
