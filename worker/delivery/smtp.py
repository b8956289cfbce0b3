"""A conversation with a mail server: one mail, one recipient, on a connection that may have carried others before."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email.utils import parseaddr

from worker.delivery.connection import ANSWERS, Connection, explained, opened, reason, words
from worker.delivery.connections import Connections
from worker.errors import DeliveryDoubtful, DeliveryFailed, DeliveryRefused
from worker.settings import SmtpSettings


class Conversation:
    """Both sides' lines, as "C: ..." and "S: ..."."""

    def __init__(self, settings: SmtpSettings, connections: Connections | None = None) -> None:
        self._settings, self._connections = settings, connections
        self.transcript: list[str] = []
        self._crossed = False

    def send(self, packed: bytes, to: str, crossing: Callable[[], None]) -> str:
        """Hand one message over; gives the server's answer.

        `crossing` is called when all but the final dot is sent: without it no server keeps a message.
        Raises DeliveryFailed (try again), DeliveryRefused (never), DeliveryDoubtful (the dot was sent
        and neither yes nor no came), and what `crossing` raises.
        """
        connections = self._connections or Connections(self._settings)
        try:
            while (answer := self._sent(connections, packed, to, crossing)) is None:
                pass
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._explained(error, to) from error
        finally:
            if connections is not self._connections:
                connections.close()
        return answer

    def reach(self) -> str:
        """Connect, greet and log in, and send nothing; gives the server's greeting. Raises DeliveryFailed."""
        try:
            opened(self._settings, self.transcript).hang_up()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise explained(error, self._settings) from error
        return next((line[3:] for line in self.transcript if line.startswith("S: ")), "")

    def _sent(self, connections: Connections, packed: bytes, to: str, crossing: Callable[[], None]) -> str | None:
        """The server's answer; None if it had hung up on a connection used before, so that nothing is lost yet."""
        with connections.one(self.transcript) as connection:
            try:
                self._announce(connection, packed, to)
            except (smtplib.SMTPException, OSError, DeliveryFailed):
                if connection.over and connection.turns:
                    return None
                raise
            return self._handed_over(connection, packed, to, crossing)

    def _announce(self, connection: Connection, packed: bytes, to: str) -> None:
        """Say from whom and to whom, until the server waits for the mail."""
        _, sender = parseaddr(self._settings.sender)
        international = not to.isascii() or not sender.isascii()
        if international and not connection.has_extn("smtputf8"):
            raise DeliveryRefused(f"{self._settings.host} takes no mail for {to}: the address has letters it cannot")
        options = [f"size={len(packed)}"] if connection.has_extn("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if international else []
        _expect(connection.mail(sender, options), 2, to, final=False)  # about the sender: "daily limit exceeded"
        _expect(connection.rcpt(to), 2, to)
        _expect(connection.docmd("data"), 3, to)

    def _handed_over(self, connection: Connection, packed: bytes, to: str, crossing: Callable[[], None]) -> str:
        connection.payload(packed)
        crossing()
        self._crossed = True
        code, said = connection.final_dot()
        self._crossed = False
        if code // 100 not in ANSWERS:
            raise self._doubt(to, f"answered neither yes nor no: {code} {words(said)}")
        _expect((code, said), 2, to)
        return f"{code} {words(said)}"

    def _explained(self, error: Exception, to: str) -> DeliveryFailed:
        if self._crossed:
            return self._doubt(to, f"gave no answer: {reason(error)}")
        return explained(error, self._settings)

    def _doubt(self, to: str, what: str) -> DeliveryDoubtful:
        return DeliveryDoubtful(f"{self._settings.host}:{self._settings.port} took the mail to {to} and {what}")


def _expect(reply: tuple[int, bytes], digit: int, to: str, *, final: bool = True) -> None:
    """Raises DeliveryRefused for a 5xx that is about this mail (`final`), DeliveryFailed for all else.

    The first digit decides (RFC 5321, 4.3.2).
    """
    found, said = reply
    if found // 100 == digit:
        return
    refused = DeliveryRefused if final and 500 <= found < 600 else DeliveryFailed
    raise refused(
        f"the mail to {to} was {'refused' if refused is DeliveryRefused else 'put off'}: {found} {words(said)}"
    )
