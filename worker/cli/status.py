"""unbury status."""

from __future__ import annotations

from typing import Any

import click

from worker.cli.main import examples
from worker.cli.wiring import answer, as_json, runtime
from worker.runtime import Runtime
from worker.store import backlog, documents, editions, history

_RUNS = 5


@click.command(
    help=examples("unbury status", "unbury status --json")
    + "\nSay what is stored, what is due, and what is wrong. Ends with 1 if a job is dead."
)
@as_json
@click.pass_context
def status(context: click.Context, json_: bool) -> int:
    """Say how things stand."""
    found = _found(runtime(context))
    if json_:
        answer(found)
    else:
        click.echo(_as_text(found))
    return int(any(job["state"] == "dead" for job in found["troubles"]))


def _found(parts: Runtime) -> dict[str, Any]:
    with parts.database.reading() as session:
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
    for run in found["runs"]:
        end = "ended" if run["ended"] else "did not end"
        counts = ", ".join(f"{run[k]} {k}" for k in ("new", "revised", "unchanged", "failed") if k in run)
        lines.append(f"run        {run['started']:%Y-%m-%d %H:%M:%S} {end}" + (f": {counts}" if counts else ""))
    troubles = [(job["state"].replace("due", "failed"), job) for job in found["troubles"]]
    lines += [f"{state:10} {job['kind']} {job['key']}: {job['error']}" for state, job in troubles]
    return "\n".join(lines)
