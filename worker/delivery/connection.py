"""A connection to a mail server: opened, secured and logged in once; every word remembered but the password."""

from __future__ import annotations

import re
import smtplib
import ssl
from typing import Any

from worker.errors import DeliveryFailed
from worker.settings import SmtpSettings
from worker.text.clean import in_a_line

_PATIENCE = 60.0  # seconds for a reply
#: RFC 5321, 4.5.3.2.6: so long a server may take to answer the final dot.
_LAST_PATIENCE = 600.0
_FAREWELL = 2.0
_WORDS = 200
_CLOSING = 421
#: The first digits of what answers the final dot: yes, later, no.
ANSWERS = (2, 4, 5)


class _Utf8(str):
    """Words that are UTF-8 in any encoding: smtplib asks for ASCII, where RFC 4616 says UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return super().encode("utf-8", errors)


class Connection(smtplib.SMTP):
    """Python's own client, which listens in on itself."""

    def __init__(self, transcript: list[str], tls: ssl.SSLContext | None) -> None:
        super().__init__(timeout=_PATIENCE)
        self.transcript, self._tls, self._hidden = transcript, tls, False
        self.turns = 0  # how many mails it was used for, taken or not
        self._midway, self._code = False, 0

    @property
    def over(self) -> bool:
        """Whether nothing more can be said: hung up, about to be, or in the middle of a mail."""
        return self.sock is None or self._code == _CLOSING or self._midway

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Call the server, and hear its greeting. Raises SMTPConnectError if it is none."""
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
        self.transcript.append("C: (login, hidden)")
        self._hidden = True
        try:
            self.login(_Utf8(user), _Utf8(password))
        finally:
            self._hidden = False

    def auth(self, mechanism: str, authobject: Any, *, initial_response_ok: bool = True) -> tuple[int, bytes]:
        """Log in by one of the ways there are; gives the answer. Raises SMTPAuthenticationError."""

        def said(*challenge: bytes) -> str | None:
            words = authobject(*challenge)
            return None if words is None else _Utf8(words)

        return super().auth(mechanism, said, initial_response_ok=initial_response_ok)  # type: ignore[arg-type]  # it may

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Say a command."""
        if not self._hidden:
            self.transcript.append(f"C: {in_a_line(f'{cmd} {args}'.strip())}")
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """The server's reply."""
        code, said = super().getreply()
        self._code = code
        self.transcript.append(
            f"S: {code} {'(hidden)' if self._hidden and code == 334 else in_a_line(said.decode(errors='replace'))}"
        )
        return code, said

    def payload(self, packed: bytes) -> None:
        """Send the message, each line's leading dot doubled, up to its last line end."""
        self._midway = True
        self.transcript.append(f"C: (the mail, {len(packed)} bytes)")
        quoted = re.sub(rb"(?m)^\.", b"..", packed)
        self.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")

    def final_dot(self) -> tuple[int, bytes]:
        """End the message; gives the answer."""
        self.transcript.append("C: .")
        if self.sock:
            self.sock.settimeout(_LAST_PATIENCE)
        self.send(b".\r\n")
        answer = self.getreply()
        if self.sock:
            self.sock.settimeout(_PATIENCE)
        self._midway = answer[0] // 100 not in ANSWERS
        return answer

    def hang_up(self) -> None:
        """Say good-bye, if anybody listens; whatever is answered, the connection is closed."""
        try:
            if self.sock and not self.over:
                self.sock.settimeout(_FAREWELL)
                self.quit()
        except (smtplib.SMTPException, OSError):
            pass
        finally:
            self.close()


def opened(asked: SmtpSettings, transcript: list[str]) -> Connection:
    """A connection on which a mail can be begun. Raises SMTPException, OSError, ValueError."""
    context = ssl.create_default_context() if asked.security != "none" else None
    connection = Connection(transcript, context if asked.security == "tls" else None)
    try:
        connection.connect(asked.host, asked.port)
        connection.ehlo_or_helo_if_needed()
        if asked.security == "starttls":
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
        if asked.user:
            connection.log_in(asked.user, asked.password.get_secret_value())
    except BaseException:
        connection.close()
        raise
    return connection


def explained(error: Exception, asked: SmtpSettings) -> DeliveryFailed:
    """What went wrong on a connection, and what to do about it."""
    host = f"{asked.host}:{asked.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryFailed(f"{host} refuses the login: {_answer(error)}", "check smtp.user and smtp.password")
    if isinstance(error, ssl.SSLError):
        return DeliveryFailed(f"{host} cannot be talked to safely: {reason(error)}", "check smtp.security")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryFailed(f"{host} cannot do what is set: {reason(error)}", "check smtp.security and smtp.user")
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryFailed(f"{host} does not take mail now: {_answer(error)}", "")
    if isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error):
        hint = "it was reached: check smtp.security, smtp.user and smtp.password"
        return DeliveryFailed(f"{host} gave no answer for {_PATIENCE:.0f} s", hint)
    return DeliveryFailed(f"{host} cannot be reached: {reason(error)}", "check smtp.host, smtp.port and the network")


def _answer(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {words(said if isinstance(said, bytes) else str(said).encode())}"


def reason(error: Exception) -> str:
    """An error in its own words, or in its name."""
    return in_a_line(str(error) or type(error).__name__)[:_WORDS]


def words(said: bytes) -> str:
    """The beginning of what a server said."""
    return in_a_line(said.decode(errors="replace"))[:_WORDS]
