"""unbury trigger."""

from __future__ import annotations

import time

import click

from worker.cli.grammar import Command
from worker.cli.known import KEY
from worker.cli.saying import as_json, progress, say
from worker.cli.wiring import runtime
from worker.errors import ConfigError
from worker.model import Job
from worker.queue import byhand
from worker.runtime import Runtime
from worker.store import backlog

_KINDS = ("ingest", "read", "compose", "deliver", "resend")


@click.command(cls=Command, examples=("unbury trigger ingest seeds", "unbury trigger compose daily --detach"))
@click.argument("kind", type=click.Choice(_KINDS), metavar="KIND")
@click.argument("key", type=KEY)
@click.option("--detach", is_flag=True, help="Do not wait.")
@click.option(
    "--timeout", type=click.IntRange(1), metavar="SECONDS", default=900, show_default=True, help="Seconds to wait."
)
@as_json
@click.pass_context
def trigger(context: click.Context, kind: str, key: str, detach: bool, timeout: int, json_: bool) -> int:
    """Have running workers do something now, and wait for it.

    By its KIND, KEY is:

      ingest   a source
      read     a document's address, or its id
      compose  a digest, or DIGEST/DAY
      deliver  a delivery or an edition
      resend   an edition for those it did not reach, or 'EDITION ADDRESS'
    """
    parts = runtime(context)
    if not parts.settings.broker_url.get_secret_value():
        raise ConfigError("there are no workers to do it: broker_url is not set", "`unbury run` does it all here")
    jobs = byhand.asked(parts, kind, key)
    from worker.celery import ring  # it reads the settings on import, and Celery takes a while

    ring(jobs)
    states = {job.key: "due" for job in jobs} if detach else _waited(parts, jobs, timeout)
    found = [{"kind": job.kind, "key": job.key, "state": states[job.key]} for job in jobs]
    words = "\n".join(f"{job.kind} {job.key}: {states[job.key]}" for job in jobs)
    say({"jobs": found}, words or "there is nothing to do", json_=json_)
    return int(any(state.startswith(("dead", "failed", "still")) for state in states.values()))


def _waited(parts: Runtime, jobs: list[Job], timeout: int) -> dict[str, str]:
    """How each job ended: done, dead or failed with the reason, or still on its way."""
    states: dict[str, str] = {}
    end = time.monotonic() + timeout
    with progress("waiting for a worker", len(jobs)) as step:
        while len(states) < len(jobs) and time.monotonic() < end:
            time.sleep(0.2)
            with parts.database.reading() as session:
                found = {job.key: backlog.find(session, job.kind, job.key) for job in jobs}
            before = len(states)
            states = {key: ended for key, entry in found.items() if (ended := _ended(entry, parts))}
            step("", len(states) - before)
    return {job.key: states.get(job.key, "still on its way") for job in jobs}


def _ended(entry: backlog.Entry | None, parts: Runtime) -> str:
    if entry is None or entry.state == "done":
        return "done"
    if entry.state == "dead":
        return f"dead: {entry.error}"
    if entry.state == "due" and entry.error:
        return f"failed, and is tried again: {entry.error}"
    # A recurring job that is done is due again, later.
    return "done" if entry.state == "due" and entry.not_before > parts.now() else ""
