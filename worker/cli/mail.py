"""unbury mail."""

from __future__ import annotations

import click

from worker.cli.grammar import Group
from worker.cli.saying import as_json, progress, say
from worker.cli.wiring import reachable, unready
from worker.delivery.letter import letter
from worker.delivery.smtp import Conversation
from worker.errors import ConfigError, DeliveryFailed, DeliveryRefused, Unreachable
from worker.model import Part, Rendition, Subscriber
from worker.runtime import Runtime
from worker.services.recipients import unsubscribing_by_mail

_WORDS = "This is a test from Unbury: the way to this address works."


@click.group(cls=Group, examples=("unbury mail test reader@example.org", "unbury mail test reader@example.org --json"))
def mail() -> None:
    """Try the way of the mail."""


@mail.command(examples=("unbury mail test reader@example.org", "unbury mail test reader@example.org --json"))
@click.argument("address")
@as_json
@click.pass_context
def test(context: click.Context, address: str, json_: bool) -> int:
    """Send one small mail to ADDRESS.

    If it fails, it shows what was said on the line, passwords hidden.
    """
    parts = unready(context)
    smtp = parts.settings.smtp
    if not smtp.host:
        raise ConfigError("no server takes mail: smtp.host is not set", "set it, and port, user and password with it")
    conversation = Conversation(smtp)
    try:
        to = Subscriber("mail", reachable(address), (), unsubscribing_by_mail(parts, "test"))
        packed = letter(_renditions(parts), smtp.sender, to)
        with progress(f"talking to {smtp.host}"):
            said = conversation.send(packed, address, lambda: None)
    except DeliveryFailed as error:
        if not json_:
            click.echo("\n".join(conversation.transcript), err=True)
        reached = any(line.startswith("S: ") for line in conversation.transcript)
        if isinstance(error, DeliveryRefused) or reached:
            raise
        raise Unreachable(str(error), error.hint) from error
    found = {"sent": address, "answer": said, "conversation": conversation.transcript}
    return say(found, f"sent to {address}: {said}", json_=json_)


def _renditions(parts: Runtime) -> list[Rendition]:
    now = parts.now()
    name = f"test {now.isoformat()}"
    text = Rendition(name, "A test from Unbury", "test.txt", (Part("text/plain", f"{_WORDS}\n"),), now)
    html = Rendition(name, "A test from Unbury", "test.html", (Part("text/html", f"<p>{_WORDS}</p>\n"),), now)
    return [text, html]
