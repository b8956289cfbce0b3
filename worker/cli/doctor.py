"""unbury doctor."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

import click

from worker.cli.grammar import Command
from worker.cli.paper import fitted
from worker.cli.saying import answer, as_json, mark, progress, several
from worker.cli.wiring import here, loaded, passwordless
from worker.configuration.loading import Loaded
from worker.delivery.smtp import Conversation
from worker.errors import UnburyError
from worker.fetched import SourceState
from worker.model import Job
from worker.runtime import Runtime
from worker.services.recipients import archive
from worker.status import checks
from worker.status.feeds import health
from worker.store import backlog, editions, presence

_CLOCKS_APART = timedelta(seconds=5)


class Finding(NamedTuple):
    """What was looked at, how it is (OK, WARN, FAIL), and what to do."""

    what: str
    state: str
    said: str
    remedy: str = ""


@click.command(cls=Command, examples=("unbury doctor", "unbury doctor --json"))
@as_json
@click.pass_context
def doctor(context: click.Context, json_: bool) -> int:
    """Look at everything that is needed.

    It says what to do about what is wrong. Ends with 1 if something fails.
    """
    found = loaded(context)
    parts = here(found)
    findings = [Finding("configuration", "OK", str(found.origins.file or "all defaults")), *_stray(found)]
    with progress("looking", len(_CHECKS)) as step:
        for name, check in _CHECKS.items():
            step(f"looking at {name}", 1)
            said = {finding.said for finding in findings if finding.state == "FAIL"}  # the database's absence, once
            findings += [finding for finding in _tried(name, check, parts) if finding.said not in said]
    if json_:
        answer({"findings": [finding._asdict() for finding in findings]})
    for finding in [] if json_ else findings:
        click.echo(fitted(f"{mark(finding.state, 5)}{finding.what:14}{finding.said}"))
        if finding.remedy and finding.state != "OK":
            click.echo(fitted(f"{'':19}{finding.remedy}"))
    return int(any(finding.state == "FAIL" for finding in findings))


def _tried(name: str, check: Callable[[Runtime], list[Finding]], parts: Runtime) -> list[Finding]:
    try:
        return check(parts)
    except UnburyError as error:
        return [Finding(name, "FAIL", str(error), error.hint)]


def _stray(found: Loaded) -> list[Finding]:
    """Digests that a variable made, while the file has others."""
    written = found.origins.table.get("digests", {})
    names = [name for name in found.settings.digests if written and name not in written]
    remedy = f"the file has {', '.join(written)}: name one of them in the variable"
    return [Finding("configuration", "WARN", f"only the environment has the digest {name!r}", remedy) for name in names]


def _plugins(parts: Runtime) -> list[Finding]:
    checks.check(parts)
    return [Finding("plug-ins", "OK", "all that are named are there")]


def _database(parts: Runtime) -> list[Finding]:
    parts.database.ready()
    return [Finding("database", "OK", f"{parts.database}, at {parts.database.version()}")]


def _broker(parts: Runtime) -> list[Finding]:
    if not parts.settings.broker_url.get_secret_value():
        return [Finding("broker", "OK", "none is set: `unbury run` needs none")]
    from worker.celery import unrung

    unrung([Job("tick", "")])
    return [Finding("broker", "OK", "it answers")]


def _workers(parts: Runtime) -> list[Finding]:
    now = parts.now()
    with parts.database.reading() as session:
        alive = [seen for seen in presence.seen(session) if seen.alive(now)]
        stalled = backlog.stalled(session, now)
    if not parts.settings.broker_url.get_secret_value() and not alive:
        return []  # `unbury run` needs none
    return [*_seen(alive, parts), *_stalled(stalled), *_outdated(alive, parts.build)]


def _seen(alive: Sequence[presence.Seen], parts: Runtime) -> list[Finding]:
    if not parts.settings.broker_url.get_secret_value():
        return []
    workers = [seen.name for seen in alive if seen.kind == "worker"]
    ticked = any(seen.kind == "tick" for seen in alive)
    return [
        Finding("workers", "OK", ", ".join(workers))
        if workers
        else Finding("workers", "FAIL", "none was seen for two minutes", "start one: celery -A worker worker"),
        Finding("tick", "OK", "it ticks")
        if ticked
        else Finding("tick", "FAIL", "there was none for two minutes", "start beat, and a worker for the queue tick"),
    ]


def _stalled(kinds: Sequence[str]) -> list[Finding]:
    remedy = f"start a worker for it: celery -A worker worker -Q {','.join(kinds)}"
    return [Finding("workers", "FAIL", f"nobody takes up what is due: {', '.join(kinds)}", remedy)] if kinds else []


def _outdated(alive: Sequence[presence.Seen], build: str) -> list[Finding]:
    names = [seen.name for seen in alive if seen.version != build]
    said = f"started with another version or configuration than this: {', '.join(names)}"
    return [Finding("workers", "WARN", said, "restart them: docker compose restart")] if names else []


def _clock(parts: Runtime) -> list[Finding]:
    theirs = parts.database.clock()
    apart = abs(parts.now() - theirs) if theirs else timedelta()
    if apart > _CLOCKS_APART:
        said = f"it is {apart.total_seconds():.0f} s off the database's"
        return [Finding("clock", "WARN", said, "leases count on it: set it by NTP")]
    return [Finding("clock", "OK", "it agrees with the database's" if theirs else "there is only this one")]


def _zones(parts: Runtime) -> list[Finding]:
    named = os.environ.get("TZ", "")
    if "/" in named.strip("/:") and named.lstrip(":") not in available_timezones() and not Path(named).exists():
        remedy = "until it does, what is local is UTC: write it like Europe/Berlin"
        return [Finding("zones", "WARN", f"TZ names no time zone: {named!r}", remedy)]
    zones = sorted({digest.zone for digest in parts.digests.values()})
    return [Finding("zones", "OK", ", ".join(zones))]


def _output(parts: Runtime) -> list[Finding]:
    out = Path(parts.settings.out)
    for place in _places(out, {Path(archive(parts, one).address) for one in parts.digests.values()}):
        try:
            with tempfile.NamedTemporaryFile(dir=place, prefix=".unbury-"):
                pass
        except OSError as error:
            remedy = f"give it away: chown -R {os.geteuid()} {out}"
            return [Finding("output", "FAIL", f"{place} cannot be written: {error.strerror}", remedy)]
    return [Finding("output", "OK", f"{out} can be written")]


def _places(out: Path, shelves: set[Path]) -> Iterator[Path]:
    """The folder of the output, or the one it will be made in; each digest's, and of each the newest edition's."""
    yield next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    for shelf in filter(Path.is_dir, sorted(shelves)):
        yield shelf
        yield from sorted((path for path in shelf.glob("2*") if path.is_dir()), key=lambda path: path.name)[-1:]


def _smtp(parts: Runtime) -> list[Finding]:
    if not parts.settings.smtp.host:
        return [Finding("mail", "OK", "none is set, none is sent")]
    if error := passwordless(parts.settings.smtp):
        raise error
    greeting = Conversation(parts.settings.smtp).reach()
    return [Finding("mail", "OK", f"{parts.settings.smtp.host}: {greeting}")]


def _deliveries(parts: Runtime) -> list[Finding]:
    with parts.database.reading() as session:
        counted = editions.on_the_way(session)
        late = [job for job in backlog.troubled(session) if job.kind == "deliver" and job.state == "due"]
    held = counted.get("unknown", 0)
    if held:
        remedy = "`unbury jobs list --kind deliver --state dead`, then retry or drop each"
        return [Finding("deliveries", "WARN", f"{held} may have arrived and wait for a decision", remedy)]
    if late:
        said = f"{len(late)} {'waits' if len(late) == 1 else 'wait'} after an error: {late[0].error}"
        again = f"tried again at {late[0].not_before:%H:%M} UTC, and so on for a day"
        return [Finding("deliveries", "WARN", said, again)]
    return [Finding("deliveries", "OK", f"{counted.get('sent', 0)} sent, {counted['doubts']} sent twice in doubt")]


def _sources(parts: Runtime) -> list[Finding]:
    found = [_looked_at(parts, name) for name, one in parts.sources.items() if one.kind != "feed"]
    for one in health(parts):  # feeds are asked when it is their turn, not by a doctor
        wrong = one["error"] or one["silent"]
        said = f"{one['title'] or one['url']}: {wrong or 'well' if one['last_success'] or wrong else 'not read yet'}"
        found.append(
            Finding("feed", "WARN" if wrong else "OK", said, "`unbury feeds test URL` says more" if wrong else "")
        )
    return found


def _looked_at(parts: Runtime, name: str) -> Finding:
    fetched = parts.source(name).fetch(SourceState())
    bad = [problem for problem in fetched.problems if problem.fatal]
    state = "OK" if not bad and (fetched.documents or not fetched.problems) else "WARN"
    said = f"{name}: {several(len(fetched.documents), 'document')}, {several(len(bad), 'problem')}"
    return Finding("source", state, said, str(fetched.problems[0]) if fetched.problems else "")


def _contact(parts: Runtime) -> list[Finding]:
    if parts.settings.web.contact or not any(one.kind == "feed" for one in parts.sources.values()):
        return []
    said = "requests name nobody whom a server's owner could write to"
    return [Finding("manners", "WARN", said, 'set web.contact = "you@example.org"')]


_CHECKS: dict[str, Callable[[Runtime], list[Finding]]] = {
    "plug-ins": _plugins,
    "database": _database,
    "broker": _broker,
    "workers": _workers,
    "clock": _clock,
    "zones": _zones,
    "output": _output,
    "mail": _smtp,
    "deliveries": _deliveries,
    "sources": _sources,
    "manners": _contact,
}
