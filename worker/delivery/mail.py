"""Hands an edition over by e-mail, so that after any crash it is known what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from worker.delivery.connections import Connections
from worker.delivery.letter import letter, message_id
from worker.delivery.smtp import Conversation
from worker.errors import DeliveryFailed
from worker.model import Rendition, Subscriber
from worker.plugins import Passage
from worker.settings import Settings
from worker.web.access import Web


class Mail:
    """Sends renditions as one message, text and HTML, to one subscriber; by several threads, if they like."""

    def __init__(self, settings: Settings, web: Callable[[], Web]) -> None:
        """Through the server that [smtp] names."""
        self._smtp = settings.smtp
        self._connections = Connections(settings.smtp)

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The server's answer, and the message's id. Raises DeliveryFailed, DeliveryRefused, DeliveryDoubtful."""
        if not self._smtp.host:
            raise DeliveryFailed(f"no server takes the mail to {to.address}", "set smtp.host")
        self._connections.check()  # before anything is packed: to be put off costs little
        packed = passage.kept or letter(renditions, self._smtp.sender, to)
        passage.keep(packed)
        answer = Conversation(self._smtp, self._connections).send(packed, to.address, passage.crossing)
        domain = self._smtp.sender.rpartition("@")[2].rstrip(">")
        return [f"{answer} {message_id(renditions[0].edition, to.address, domain)}"]
