"""What `unbury digest` sends by hand, and what it shows of it before."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from worker.cli.saying import Step, progress, say
from worker.cli.wiring import reachable
from worker.edition import Digest, Edition
from worker.errors import ConfigError, UsageError
from worker.model import UNSUBSCRIBE, Delivery, Rendition
from worker.queue import byhand, working
from worker.runtime import Runtime, this_process
from worker.services.recipients import recipients
from worker.store import editions

_SHOWN = 5


def send(parts: Runtime, name: str, to: str | None, *, again: bool, dry_run: bool, json_: bool) -> int:
    """Send an edition to an address, or `again` to those it did not reach; gives the exit code.

    Raises ConfigError where no server takes mail, UsageError for an address that has it already.
    """
    parts.holder = this_process()  # a run that starts meanwhile takes nothing from us
    address = reachable(to) if to else ""
    if address and not parts.settings.smtp.host:
        raise ConfigError("no server takes mail: smtp.host is not set", "set it, and port, user and password with it")
    with parts.database.writing() as session:
        edition = byhand.edition(session, parts, name)
        several = byhand.deliveries(session, edition, address)
        for one in several:
            if one.status == "sent" and not again:
                raise UsageError(f"{address} has it already: {one.receipt}", f"--resend {edition.id} sends it again")
        if not dry_run:
            byhand.send(session, parts, several)
    with progress("sending", len(several)) as step:
        ended = several if dry_run else [_delivered(parts, one, step) for one in several]
    shown = {"edition": edition.id, "dry_run": dry_run, "deliveries": [_as_dict(one) for one in ended]}
    words = "\n".join(_line(one, dry_run) for one in ended)
    say(shown, words or f"{edition.id} reached all whom it was for", json_=json_)
    return int(not dry_run and any(one.status != "sent" for one in ended))


def preview(parts: Runtime, edition: Edition) -> None:
    """Write the mail's page into a file of its own, say where, and on a terminal open it."""
    page = _mail(parts, edition).parts[-1].content.replace(UNSUBSCRIBE, "#")
    file = Path(tempfile.mkdtemp(prefix="unbury-")) / "mail.html"
    file.write_text(page, encoding="utf-8")
    click.echo(file)
    if sys.stdout.isatty():
        click.launch(str(file))


def foretold(parts: Runtime, digest: Digest, edition: Edition, *, made: bool) -> dict[str, Any]:
    """What is, or would be, in an edition, and who gets it."""
    mail = _mail(parts, edition)
    with parts.database.reading() as session:
        kept = editions.deliveries(session, edition.id)
        several = [one.subscriber for one in kept] or recipients(session, parts, digest)
    channels = sorted({one.channel for one in several})
    return {
        "edition": edition.id,
        "name": f"{edition.digest}/{edition.day}/{edition.number}",
        "made": made,
        "subject": mail.subject,
        "documents": dict(sorted(Counter(answer.verdict.value for answer in edition.account).items())),
        "bytes": sum(len(part.content.encode()) for part in mail.parts),
        "to": {name: [one.address for one in several if one.channel == name] for name in channels},
    }


def in_words(told: Mapping[str, Any]) -> str:
    """What was foretold, in lines."""
    documents = ", ".join(f"{number} {verdict}" for verdict, number in told["documents"].items())
    lines = [
        f"{'made' if told['made'] else 'not made yet'}: {told['name']} ({told['edition']})",
        f"subject: {told['subject']}",
        f"documents: {documents or 'none'}",
        f"mail: {told['bytes']:,} bytes",
    ]
    return "\n".join([*lines, *(f"{channel}: {_several(to)}" for channel, to in told["to"].items())])


def _mail(parts: Runtime, edition: Edition) -> Rendition:
    return parts.exporter("mail").export(edition)


def _several(addresses: Sequence[str]) -> str:
    more = f" and {len(addresses) - _SHOWN:,} more" if len(addresses) > _SHOWN else ""
    return ", ".join(addresses[:_SHOWN]) + more


def _delivered(parts: Runtime, before: Delivery, step: Step) -> Delivery:
    """The delivery after it was tried now, here or by a worker that was quicker."""
    working.work(parts, ["deliver"], before.id)
    step("", 1)
    with parts.database.reading() as session:
        return editions.delivery(session, before.id) or before


def _line(one: Delivery, dry_run: bool) -> str:
    said = f"would be sent; {one.status} so far" if dry_run else f"{one.status} {one.receipt}".rstrip()
    return f"{one.subscriber.channel} {one.subscriber.address}: {said}"


def _as_dict(one: Delivery) -> dict[str, str]:
    return {
        "id": one.id,
        "channel": one.subscriber.channel,
        "address": one.subscriber.address,
        "status": one.status,
        "receipt": one.receipt,
    }
