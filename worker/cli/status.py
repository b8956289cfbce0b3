"""unbury status."""

from __future__ import annotations

from typing import Any

import click

from worker import schedule
from worker.cli.health import health
from worker.cli.main import examples
from worker.cli.wiring import answer, as_json, runtime
from worker.runtime import Runtime
from worker.store import backlog, documents, editions, history, presence

_RUNS = 5


@click.command(
    help=examples("unbury status", "unbury status --prometheus")
    + "\nSay what is stored, what is due, and what is wrong. Ends with 1 if a job is dead."
)
@as_json
@click.option("--prometheus", is_flag=True, help="Answer in Prometheus's text format.")
@click.pass_context
def status(context: click.Context, json_: bool, prometheus: bool) -> int:
    """Say how things stand."""
    found = _found(runtime(context))
    if prometheus:
        from worker.cli.metrics import metrics

        click.echo(metrics(found), nl=False)
    elif json_:
        answer(found)
    else:
        click.echo(_as_text(found))
    return int(any(job["state"] == "dead" for job in found["troubles"]))


def _found(parts: Runtime) -> dict[str, Any]:
    now = parts.now()
    with parts.database.reading() as session:
        oldest = backlog.oldest_due(session, now)
        stored, revisions = documents.count(session)
        latest = {name: editions.latest(session, name) for name in parts.digests}
        return {
            "database": str(parts.database),
            "documents": stored,
            "revisions": revisions,
            "editions": {
                name: {"day": e.day, "number": e.number, "stories": len(e.items)} if e else None
                for name, e in latest.items()
            },
            "jobs": backlog.census(session),
            "oldest_due": {"kind": oldest.kind, "key": oldest.key, "since": oldest.not_before} if oldest else None,
            "lag_seconds": round((now - oldest.not_before).total_seconds(), 1) if oldest else 0.0,
            "deliveries": editions.on_the_way(session),
            "workers": [
                {"name": seen.name, "kind": seen.kind, "seen": seen.at, "alive": now - seen.at < presence.ALIVE}
                for seen in presence.seen(session)
            ],
            "next": {
                "ingest": backlog.next_due(session, "ingest"),
                **{name: schedule.next_slot(digest, now) for name, digest in parts.digests.items()},
            },
            "feeds": health(parts),
            "troubles": [
                {"kind": job.kind, "key": job.key, "state": job.state, "error": job.error}
                for job in backlog.troubled(session)
            ],
            "runs": [
                {"started": started, "ended": ended, **result}
                for started, ended, result in history.runs(session, _RUNS)
            ],
        }


def _as_text(found: dict[str, Any]) -> str:
    lines = [f"database   {found['database']}", f"documents  {found['documents']} ({found['revisions']} revisions)"]
    for name, edition in found["editions"].items():
        told = f"{edition['day']}, edition {edition['number']}, {edition['stories']} stories" if edition else "none yet"
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
        lines.append(f"{seen['kind']:10} {seen['name']}: {how} {seen['seen']:%Y-%m-%d %H:%M:%S}")
    for name, at in found["next"].items():
        lines += [f"next       {name}: {at:%Y-%m-%d %H:%M} UTC"] if at else []
    for run in found["runs"]:
        end = "ended" if run["ended"] else "did not end"
        counts = ", ".join(f"{run[k]} {k}" for k in ("new", "revised", "unchanged", "failed") if k in run)
        lines.append(f"run        {run['started']:%Y-%m-%d %H:%M:%S} {end}" + (f": {counts}" if counts else ""))
    lines += _feeds(found["feeds"])
    troubles = [(job["state"].replace("due", "failed"), job) for job in found["troubles"]]
    lines += [f"{state:10} {job['kind']} {job['key']}: {job['error']}" for state, job in troubles]
    return "\n".join(lines)


def _feeds(feeds: list[dict[str, Any]]) -> list[str]:
    """How many feeds there are and do what, and those that are not well, a line each."""
    if not feeds:
        return []
    bad = [one for one in feeds if one["error"] or one["silent"]]
    failing = sum(bool(one["error"]) for one in feeds)
    lines = [f"feeds      {len(feeds)}: {failing} failing, {len(bad) - failing} silent"]
    return lines + [f"{'feed':10} {one['title'] or one['url']}: {one['error'] or one['silent']}" for one in bad]
