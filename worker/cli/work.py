"""unbury work."""

from __future__ import annotations

import json
import signal
import threading

import click

from worker.cli.grammar import Command
from worker.cli.saying import as_json, note
from worker.cli.slips import complain
from worker.cli.wiring import runtime
from worker.queue import rounds
from worker.queue.working import Done
from worker.runtime import this_process
from worker.services.work import Delivered, Ingested

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
    rounds.attend(parts, lambda: stop.wait(_REST), _say_in_json if json_ else _say)
    return 0


def _say(done: Done) -> None:
    """A line for what somebody may want to know."""
    if done.error is not None:
        complain(f"{done.job.kind} {done.job.key}: {done.error}", done.error.hint)
    if isinstance(done.report, Ingested) and (new := len(done.report.new)):
        note(f"{done.report.source}: {new} new")
    if isinstance(done.report, Delivered):
        to = f"{done.report.channel} {done.report.address}"
        click.echo("\n".join(f"{to}: {receipt}" for receipt in done.report.receipts))


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
