"""unbury jobs."""

from __future__ import annotations

from dataclasses import asdict

import click

from worker.cli.grammar import Group
from worker.cli.saying import as_json, note, say
from worker.cli.wiring import runtime
from worker.errors import NotFound, UsageError
from worker.model import Delivery
from worker.queue import working
from worker.runtime import Runtime
from worker.store import backlog, editions
from worker.store import jobs as queue
from worker.store.database import Transaction

#: So many keys are named where several are meant.
_SHOWN = 5
_STATES = ("due", "running", "done", "dead")


@click.group(cls=Group, examples=("unbury jobs list --state dead", "unbury jobs retry deliver 3f9a"))
def jobs() -> None:
    """Look into the queue."""


@jobs.command("list", examples=("unbury jobs list", "unbury jobs list --kind deliver --state dead --json"))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(queue.KINDS), help="Only of this kind.")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1), metavar="N", default=100, show_default=True, help="At most so many.")
@as_json
@click.pass_context
def list_(context: click.Context, kinds: tuple[str, ...], states: tuple[str, ...], limit: int, json_: bool) -> int:
    """List jobs.

    Kind, key, state, attempts, and why one failed.
    """
    with runtime(context).database.reading() as session:
        found = backlog.listed(session, kinds, states, limit)
    if not found:
        note("There is no such job.")
    return say({"jobs": [asdict(entry) for entry in found]}, "\n".join(map(_line, found)), json_=json_)


def _line(entry: backlog.Entry) -> str:
    why = f"  {entry.error}" if entry.error else ""
    return f"{entry.state:8}{entry.kind:8}{entry.key}  attempt {entry.attempt}{why}"


@jobs.command(examples=("unbury jobs retry deliver 3f9a2c", "unbury jobs retry ingest seeds"))
@click.argument("kind", type=click.Choice(queue.KINDS), metavar="KIND")
@click.argument("key")
@as_json
@click.pass_context
def retry(context: click.Context, kind: str, key: str, json_: bool) -> int:
    """Make a job due now, with all its attempts.

    A held or failed delivery goes out once more.
    """
    parts = runtime(context)
    with parts.database.writing() as session:
        key = _key(session, kind, key)
        delivery = editions.delivery(session, key) if kind == "deliver" else None
        if delivery and delivery.status == "sent":
            receipt, *others = delivery.receipt.splitlines() or [""]
            more = f" and {len(others)} more" if others else ""
            raise NotFound(f"the delivery {key} was sent: {receipt}{more}", "there is nothing to try again")
        if delivery:
            _pending_again(session, delivery)
        backlog.retry(session, kind, key, parts.now())
    return _said(kind, key, "due", json_=json_)


def _pending_again(session: Transaction, delivery: Delivery) -> None:
    doubtful = delivery.status in ("unknown", "committing")
    editions.mark(
        session, delivery.id, status="pending", first_tried=None, attempt=0, doubts=delivery.doubts + doubtful
    )


@jobs.command(examples=("unbury jobs drop deliver 3f9a2c", "unbury jobs drop ingest seeds"))
@click.argument("kind", type=click.Choice(queue.KINDS), metavar="KIND")
@click.argument("key")
@as_json
@click.pass_context
def drop(context: click.Context, kind: str, key: str, json_: bool) -> int:
    """Call a job done without doing it.

    A delivery counts as failed, and what was to be read as unreadable.
    """
    parts: Runtime = runtime(context)
    with parts.database.writing() as session:
        key = _key(session, kind, key)
        working.drop(session, parts, kind, key)
    return _said(kind, key, "dropped", json_=json_)


def _said(kind: str, key: str, state: str, *, json_: bool) -> int:
    return say({"kind": kind, "key": key, "state": state}, f"{kind} {key} is {state}", json_=json_)


def _key(session: Transaction, kind: str, name: str) -> str:
    """The key of a job that is not running, by itself or its first letters. Raises NotFound, UsageError."""
    found = backlog.beginning(session, kind, name)
    if not found:
        raise NotFound(f"there is no job {kind} {name}", f"`unbury jobs list --kind {kind}` shows them")
    if len(found) > 1:
        several = ", ".join(entry.key for entry in found[:_SHOWN])
        raise UsageError(f"the keys of several jobs begin with {name}: {several}", "say more of the key")
    if found[0].state == "running":
        raise NotFound(f"the job {kind} {found[0].key} is running", "wait until it has ended")
    return found[0].key
