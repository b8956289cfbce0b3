"""unbury status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click

from worker.cli.grammar import Command
from worker.cli.paper import fitted
from worker.cli.saying import answer, as_json, mark, several
from worker.cli.wiring import apart, runtime
from worker.status.state import standing


@click.command(cls=Command, examples=("unbury status", "unbury status --prometheus"))
@as_json
@click.option("--prometheus", is_flag=True, help="Answer in Prometheus's text format.")
@click.pass_context
def status(context: click.Context, json_: bool, prometheus: bool) -> int:
    """Say what is stored, what is due, and what is wrong.

    Ends with 1 if a job is dead.
    """
    apart(context, ("prometheus", "json_"))
    parts = runtime(context)
    found = standing(parts)
    zones = {name: ZoneInfo(digest.zone) for name, digest in parts.digests.items()}
    if prometheus:
        from worker.status.metrics import metrics

        click.echo(metrics(found), nl=False)
    elif json_:
        answer(found)
    else:
        click.echo(fitted(_as_text(found, zones)))
    return int(any(job["state"] == "dead" for job in found["troubles"]))


def _as_text(found: dict[str, Any], zones: Mapping[str, ZoneInfo]) -> str:
    zone = next(iter(zones.values()))
    lines = [
        f"database   {found['database']}",
        f"documents  {found['documents']:,} ({several(found['revisions'], 'revision')})",
    ]
    for name, edition in found["editions"].items():
        told = "none yet"
        if edition:
            told = f"{edition['day']}, edition {edition['number']}, {several(edition['stories'], 'story', 'stories')}"
        lines.append(f"edition    {name}: {told}")
    for kind, states in found["jobs"].items():
        lines.append(f"jobs       {kind}: " + ", ".join(f"{number} {state}" for state, number in states.items()))
    if found["oldest_due"]:
        oldest = found["oldest_due"]
        lines.append(f"waiting    {oldest['kind']} {oldest['key']}, for {found['lag_seconds']:.0f} s")
    counted = [f"{number} {status}" for status, number in found["deliveries"].items() if number]
    lines += [f"deliveries {', '.join(counted)}"] if counted else []
    for seen in found["workers"]:
        how = "alive" if seen["alive"] else "not seen since"
        how += "" if seen["current"] else ", with another version or configuration,"
        lines.append(f"{seen['kind']:10} {seen['name']}: {how} {seen['seen'].astimezone(zone):%Y-%m-%d %H:%M:%S %Z}")
    if found["stalled"] and any(seen["alive"] for seen in found["workers"]):
        lines.append(f"stalled    nobody takes up what is due: {', '.join(found['stalled'])}")
    for name, at in found["next"].items():
        lines += [f"next       {name}: {at.astimezone(zones.get(name, zone)):%Y-%m-%d %H:%M %Z}"] if at else []
    for run in found["runs"]:
        end = "ended" if run["ended"] else "did not end"
        counts = ", ".join(f"{run[k]} {k}" for k in ("new", "revised", "unchanged", "failed") if k in run)
        lines.append(
            f"run        {run['started'].astimezone(zone):%Y-%m-%d %H:%M:%S %Z} {end}"
            + (f": {counts}" if counts else "")
        )
    lines += _feeds(found["feeds"])
    return "\n".join([*lines, *map(_trouble, found["troubles"])])


def _trouble(job: dict[str, Any]) -> str:
    """A job that failed: if it is tried again by itself, also when."""
    state = job["state"].replace("due", "waits")
    again = f"; again at {job['again']:%Y-%m-%d %H:%M:%S} UTC" if job["again"] else ""
    return f"{mark(state, 10)} {job['kind']} {job['key']}: {job['error']}{again}"


def _feeds(feeds: list[dict[str, Any]]) -> list[str]:
    """How many feeds there are and do what, and those that are not well, a line each."""
    if not feeds:
        return []
    bad = [one for one in feeds if one["error"] or one["silent"]]
    failing = sum(bool(one["error"]) for one in feeds)
    lines = [f"feeds      {len(feeds)}: {failing} failing, {len(bad) - failing} silent"]
    return lines + [f"{'feed':10} {one['title'] or one['url']}: {one['error'] or one['silent']}" for one in bad]
