"""What `unbury digest` sends by hand, and what it shows of it before."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from worker.cli.saying import Step, note, progress, say
from worker.cli.wiring import reachable
from worker.edition import Digest, Edition
from worker.errors import ConfigError, UsageError
from worker.model import UNSUBSCRIBE, Delivery, Rendition
from worker.queue import byhand, working
from worker.runtime import Runtime, this_process
from worker.services.deliver import ENDED
from worker.services.recipients import recipients
from worker.store import backlog, editions

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
    say(shown, words or _settled(parts, edition), json_=json_)
    return int(not dry_run and any(one.status != "sent" for one in ended))


def preview(parts: Runtime, edition: Edition, *, json_: bool) -> int:
    """Write the mail's page into a file of its own, say where, and on a terminal open it."""
    page = _mail(parts, edition).parts[-1].content.replace(UNSUBSCRIBE, "#")
    file = Path(tempfile.mkdtemp(prefix="unbury-")) / "mail.html"
    file.write_text(page, encoding="utf-8")
    say({"preview": str(file)}, str(file), json_=json_)
    if sys.stdout.isatty() and not json_ and click.launch(str(file)):
        note("no browser was found: open that file in one")
    return 0


def _settled(parts: Runtime, edition: Edition) -> str:
    """Why nothing is sent once more: it reached all, or some wait for it, or nobody was to get it by mail."""
    name = _name(edition)
    with parts.database.reading() as session:
        mails = [one for one in editions.deliveries(session, edition.id) if one.subscriber.channel == "mail"]
        waiting = [(one, backlog.find(session, "deliver", one.id)) for one in mails if one.status not in ENDED]
    if not mails:
        return f"{name} was for nobody by mail: --to ADDRESS sends it"
    zone = ZoneInfo(parts.digest(edition.digest).zone)
    lines = [_waits(one, job, zone) for one, job in waiting]
    if not lines:
        return f"{name} reached all whom it was for"
    return "\n".join([f"{name} waits to be sent; there is nothing to resend", *lines])


def _waits(one: Delivery, job: backlog.Entry | None, zone: ZoneInfo) -> str:
    why = f": {job.error.partition(';')[0]}" if job and job.error else ""
    when = f"; next try at {job.not_before.astimezone(zone):%H:%M:%S}" if job else ""
    return f"mail {one.subscriber.address} waits{why}{when}"


def _name(edition: Edition) -> str:
    return f"{edition.digest}/{edition.day}/{edition.number}"


def foretold(parts: Runtime, digest: Digest, edition: Edition, *, made: bool) -> dict[str, Any]:
    """What is, or would be, in an edition, and who gets it."""
    mail = _mail(parts, edition)
    with parts.database.reading() as session:
        kept = editions.deliveries(session, edition.id)
        several = [one.subscriber for one in kept]
        known = {(one.channel, one.address.lower()) for one in several}
        now = recipients(session, parts, digest)
    several += [one for one in now if (one.channel, one.address.lower()) not in known]
    channels = sorted({one.channel for one in several})
    return {
        "edition": edition.id,
        "name": _name(edition),
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
