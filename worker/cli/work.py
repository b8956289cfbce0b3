"""unbury work."""

from __future__ import annotations

import json
import signal
import threading
from functools import partial
from zoneinfo import ZoneInfo

import click

from worker.cli.grammar import Command
from worker.cli.saying import as_json, note, several
from worker.cli.slips import complain
from worker.cli.wiring import called, runtime
from worker.edition import Edition
from worker.queue import rounds
from worker.queue.working import Done
from worker.runtime import Runtime, this_process
from worker.services.recipients import recipients
from worker.services.work import Delivered, Ingested
from worker.store import editions

#: Seconds between two looks at what is due; beat ticks as often.
_REST = 30.0


@click.command(cls=Command, examples=("unbury work", "unbury -v work"))
@as_json
@click.pass_context
def work(context: click.Context, json_: bool) -> int:
    """Do what is due, by the clock.

    Take in, read, and tell at each digest's time, without a broker: leave it running. Ctrl-C ends it after the work in
    hand; a second one at once. Nothing is lost either way. --json says each job in a line of its own.
    """
    parts = runtime(context)
    parts.holder = this_process()
    stop = threading.Event()

    def ended(number: int, _: object) -> None:
        signal.signal(number, signal.default_int_handler)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ended)
    times = ", ".join(
        f"{digest.name} at {' and '.join(digest.times)} ({digest.zone})" for digest in parts.digests.values()
    )
    note(f"at work: {times}; Ctrl-C ends it")
    _announce_first(parts)
    rounds.attend(parts, lambda: stop.wait(_REST), _say_in_json if json_ else partial(_say, parts))
    note("stopped; nothing is lost")
    return 0


def _announce_first(parts: Runtime) -> None:
    """Say of each digest without an edition when its first one comes: only the archive gets it before its time."""
    with parts.database.reading() as session:
        for name, digest in parts.digests.items():
            if not editions.exist(session, name):
                read = len(recipients(session, parts, digest)) > 1
                when = "at its time" if read else "as soon as there is something to tell"
                note(f"{name} has no edition yet: the first is made {when}")


def _say(parts: Runtime, done: Done) -> None:
    """A line for what somebody may want to know, with the time of day."""
    zone = ZoneInfo(next(iter(parts.digests.values())).zone)
    at = f"{parts.now().astimezone(zone):%H:%M}"
    if done.error is not None:
        complain(f"{called(parts, done.job)}: {done.error}", done.error.hint)
    if isinstance(done.report, Ingested) and (new := len(done.report.new)):
        note(f"{at} {called(parts, done.job)}: {new} new")
    if isinstance(done.report, Edition):
        note(f"{at} {called(parts, done.job)}: {several(len(done.report.items), 'story', 'stories')}")
    if isinstance(done.report, Delivered):
        mail = done.report.channel == "mail"
        said = [f"sent to {done.report.address}"] if mail else [f"written: {one}" for one in done.report.receipts]
        click.echo("\n".join(f"{at} {line}" for line in said))


def _say_in_json(done: Done) -> None:
    said: dict[str, object] = {
        "schema": 1,
        "kind": done.job.kind,
        "key": done.job.key,
        "error": str(done.error) if done.error else None,
    }
    if isinstance(done.report, Ingested):
        said |= {"new": len(done.report.new), "revised": len(done.report.revised), "failed": done.report.failed}
    if isinstance(done.report, Delivered):
        said |= {"edition": done.report.edition, "receipts": list(done.report.receipts)}
    click.echo(json.dumps(said))
