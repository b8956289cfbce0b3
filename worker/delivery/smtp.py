"""A conversation with a mail server: one mail, one recipient, every word remembered but the password."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from worker.errors import DeliveryDoubtful, DeliveryFailed, DeliveryRefused
from worker.settings import SmtpSettings

_PATIENCE = 60.0  # seconds for a reply
#: RFC 5321, 4.5.3.2.6: so long a server may take to answer the final dot.
_LAST_PATIENCE = 600.0
_WORDS = 200


class Conversation:
    """Both sides' lines, as "C: ..." and "S: ..."."""

    def __init__(self, settings: SmtpSettings, transcript: list[str] | None = None) -> None:
        self._settings = settings
        self.transcript = [] if transcript is None else transcript
        self._crossed = False

    def send(self, packed: bytes, to: str, crossing: Callable[[], None]) -> str:
        """Hand one message over; gives the server's answer.

        `crossing` is called when all but the final dot is sent: without it no server keeps a message.
        Raises DeliveryFailed (try again), DeliveryRefused (never), DeliveryDoubtful (the dot was sent
        and no answer came), and what `crossing` raises.
        """
        server: _Server | None = None
        try:
            server = self._opened()
            return self._transaction(server, packed, to, crossing)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._explained(error, to) from error
        finally:
            if server is not None:
                server.close()

    def reach(self) -> str:
        """Connect, greet and log in, and send nothing; gives the server's greeting. Raises DeliveryFailed."""
        server: _Server | None = None
        try:
            server = self._opened()
            server.quit()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._explained(error, "") from error
        finally:
            if server is not None:
                server.close()
        return next((line[3:] for line in self.transcript if line.startswith("S: ")), "")

    def _opened(self) -> _Server:
        asked = self._settings
        context = ssl.create_default_context()
        server = _Server(self.transcript, context if asked.security == "tls" else None)
        try:
            server.connect(asked.host, asked.port)
            server.ehlo_or_helo_if_needed()
            if asked.security == "starttls":
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
            if asked.user:
                server.log_in(asked.user, asked.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _transaction(self, server: _Server, packed: bytes, to: str, crossing: Callable[[], None]) -> str:
        _, sender = parseaddr(self._settings.sender)
        international = not to.isascii() or not sender.isascii()
        if international and not server.has_extn("smtputf8"):
            raise DeliveryRefused(f"{self._settings.host} takes no mail for {to}: the address has letters it cannot")
        options = [f"size={len(packed)}"] if server.has_extn("size") else []
        _expect(server.mail(sender, [*options, *(["SMTPUTF8", "BODY=8BITMIME"] if international else [])]), 250, to)
        _expect(server.rcpt(to), 250, to)
        _expect(server.docmd("data"), 354, to)
        server.payload(packed)
        crossing()
        self._crossed = True
        code, said = server.final_dot()
        self._crossed = False  # whatever it says, it has answered
        _expect((code, said), 250, to)
        return f"{code} {_words(said)}"

    def _explained(self, error: Exception, to: str) -> DeliveryFailed:
        host = f"{self._settings.host}:{self._settings.port}"
        if self._crossed:
            return DeliveryDoubtful(f"{host} took the mail to {to} and gave no answer: {_reason(error)}")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return DeliveryFailed(f"{host} refuses the login: {_answer(error)}", "check smtp.user and smtp.password")
        if isinstance(error, ssl.SSLError):
            return DeliveryFailed(f"{host} cannot be talked to safely: {_reason(error)}", "check smtp.security")
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return DeliveryFailed(
                f"{host} cannot do what is set: {_reason(error)}", "check smtp.security and smtp.user"
            )
        if isinstance(error, smtplib.SMTPResponseException):
            return DeliveryFailed(f"{host} does not take mail now: {_answer(error)}", "")
        return DeliveryFailed(
            f"{host} cannot be reached: {_reason(error)}", "check smtp.host, smtp.port and the network"
        )


class _Server(smtplib.SMTP):
    """Python's own client, which listens in on itself."""

    def __init__(self, transcript: list[str], tls: ssl.SSLContext | None) -> None:
        super().__init__(timeout=_PATIENCE)
        self._transcript, self._tls, self._hidden = transcript, tls, False

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self._host = host  # starttls checks the certificate against it
        code, said = super().connect(host, port)
        if code != 220:  # smtplib takes any greeting
            raise smtplib.SMTPConnectError(code, said)
        return code, said

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the way smtplib.SMTP_SSL does it
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain

    def log_in(self, user: str, password: str) -> None:
        """Log in; nothing of it is remembered but that it was tried."""
        self._transcript.append("C: (login, hidden)")
        self._hidden = True
        try:
            self.login(user, password)
        finally:
            self._hidden = False

    def putcmd(self, cmd: str, args: str = "") -> None:
        if not self._hidden:
            self._transcript.append(f"C: {_clean(f'{cmd} {args}'.strip())}")
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()
        self._transcript.append(
            f"S: {code} {'(hidden)' if self._hidden and code == 334 else _clean(said.decode(errors='replace'))}"
        )
        return code, said

    def payload(self, packed: bytes) -> None:
        """Send the message, each line's leading dot doubled, up to its last line end."""
        self._transcript.append(f"C: (the mail, {len(packed)} bytes)")
        quoted = re.sub(rb"(?m)^\.", b"..", packed)
        self.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")

    def final_dot(self) -> tuple[int, bytes]:
        """End the message; gives the answer."""
        self._transcript.append("C: .")
        if self.sock:
            self.sock.settimeout(_LAST_PATIENCE)
        self.send(b".\r\n")
        return self.getreply()


def _expect(reply: tuple[int, bytes], code: int, to: str) -> None:
    found, said = reply
    if found == code or (code == 250 and found in (250, 251, 252)):
        return
    refused = DeliveryRefused if 500 <= found < 600 else DeliveryFailed
    raise refused(
        f"the mail to {to} was {'refused' if refused is DeliveryRefused else 'put off'}: {found} {_words(said)}"
    )


def _answer(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {_words(said if isinstance(said, bytes) else str(said).encode())}"


def _reason(error: Exception) -> str:
    return _clean(str(error) or type(error).__name__)[:_WORDS]


def _words(said: bytes) -> str:
    return _clean(said.decode(errors="replace"))[:_WORDS]


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", text).strip()
