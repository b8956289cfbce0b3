"""unbury replay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from worker.cli.grammar import Command
from worker.cli.known import DAY, for_one_digest
from worker.cli.saying import Step, as_json, progress, say
from worker.cli.wiring import runtime
from worker.edition import Edition
from worker.errors import NotFound, UsageError
from worker.runtime import Runtime
from worker.services import compose
from worker.store import editions
from worker.store.database import Transaction

_SETTABLE = {"stories": int, "sentences": int, "words": int, "memory": int, "ranker": str}
_MAY_BE_0 = ("words", "memory")


@click.command(
    cls=Command,
    examples=("unbury replay --from 2026-11-18 --to 2026-11-20", "unbury replay --from 2026-11-18 --set memory=0"),
)
@click.option("--from", "first", type=DAY, metavar="YYYY-MM-DD", required=True, help="The first day.")
@click.option("--to", "last", type=DAY, metavar="YYYY-MM-DD", help="The last day (the first).")
@for_one_digest
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help=f"One of {', '.join(_SETTABLE)}.")
@as_json
@click.pass_context
def replay(
    context: click.Context, first: date, last: date | None, name: str | None, changes: Sequence[str], json_: bool
) -> int:
    """Make past editions again, and compare.

    They are made from what is stored: it says whether they come out byte for byte the same, or with --set what another
    setting would have told. Nothing is written. Ends with 1 if one differs.
    """
    if last and first > last:
        raise UsageError("--from is after --to", "name the earlier day first")
    settings = _settings(changes)
    parts = runtime(context)
    digest = parts.digest(name or next(iter(parts.digests)))
    with parts.database.reading() as session:
        made = editions.between(session, digest.name, first, last or first)
        if not made:
            raise NotFound(f"{digest.name} has no edition of these days", "`unbury status` says which it has")
        with progress("making again", len(made)) as step:
            found = [_compared(parts, session, edition, settings, step) for edition in made]
    say({"digest": digest.name, "editions": found}, "\n".join(map(_line, found)), json_=json_)
    return int(not settings and any(not one["same"] for one in found))


def _settings(changes: Sequence[str]) -> dict[str, object]:
    """The settings that are to be others. Raises UsageError."""
    found: dict[str, object] = {}
    for change in changes:
        key, _, value = change.partition("=")
        if key not in _SETTABLE or not value:
            raise UsageError(f"--set {change!r} sets nothing", f"KEY=VALUE, KEY one of {', '.join(_SETTABLE)}")
        if _SETTABLE[key] is int and not re.fullmatch(r"\d+" if key in _MAY_BE_0 else r"0*[1-9]\d*", value):
            raise UsageError(f"--set {change!r}: {value!r} is no such number", f"write it like {key}=3")
        found[key] = _SETTABLE[key](value)
    return found


def _compared(
    parts: Runtime, session: Transaction, edition: Edition, settings: Mapping[str, object], step: Step
) -> dict[str, Any]:
    """An edition beside the same one made again."""
    step(f"making again {edition.day}", 1)
    about = {"date": edition.day, "edition": edition.number, "id": edition.id}
    try:
        again, missing = compose.again(session, edition, settings)
    except NotFound as error:
        return {**about, "same": False, "why": str(error), "missing": []}
    was, now = (parts.exporter("json").export(one).parts[0].content for one in (edition, again))
    before, after = _headlines(edition), _headlines(again)
    return {
        **about,
        "same": was == now,
        "why": "" if was == now else _difference(edition, again, missing),
        "missing": missing,
        "stories": [len(edition.items), len(again.items)],
        "added": [headline for headline in after if headline not in before],
        "dropped": [headline for headline in before if headline not in after],
    }


def _difference(edition: Edition, again: Edition, missing: Sequence[str]) -> str:
    if missing:
        return f"{len(missing)} of its texts were forgotten"
    if edition.made_by.get("version") != again.made_by.get("version"):
        return f"it was made by version {edition.made_by.get('version')}, this is {again.made_by.get('version')}"
    return "it comes out otherwise"


def _headlines(edition: Edition) -> list[str]:
    return [item.headline for item in edition.items]


def _line(one: Mapping[str, Any]) -> str:
    head = f"{one['date']} edition {one['edition']}: "
    if one["same"]:
        return f"{head}the same, byte for byte"
    lines = [f"{head}{one['why']}"]
    if "stories" in one:
        lines = [f"{head}{one['why']}: {one['stories'][1]} stories instead of {one['stories'][0]}"]
    lines += [f"  + {headline}" for headline in one.get("added", ())]
    lines += [f"  - {headline}" for headline in one.get("dropped", ())]
    return "\n".join(lines + [f"  missing: {url}" for url in one["missing"]])
