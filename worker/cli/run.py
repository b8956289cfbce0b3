"""unbury run, unbury ingest."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from worker import atomic
from worker.cli.grammar import Command
from worker.cli.known import for_digest, on_day
from worker.cli.paper import linked
from worker.cli.rehearsal import rehearsal, unsent
from worker.cli.saying import answer, as_json, note, progress, say, several
from worker.cli.slips import complain
from worker.cli.wiring import called, digests, latest_day, runtime
from worker.edition import Edition
from worker.errors import UsageError
from worker.model import Job
from worker.queue import rounds
from worker.queue.deliveries import WRITTEN
from worker.queue.working import Done
from worker.runtime import Runtime
from worker.services.work import Ingested
from worker.store import documents

_SOME_FAILED, _NOTHING_NEW = 5, 6
_MOST_PROBLEMS = 20


@click.command(cls=Command, examples=("unbury run", "unbury run --date 2026-11-20"))
@on_day
@for_digest
@click.option("--fail-if-empty", is_flag=True, help="End with 6 when nothing is new.")
@click.option("--no-mail", is_flag=True, help="Send nothing: readers, webhooks and channels never get this edition.")
@click.option("--dry-run", is_flag=True, help="Do it on a copy: show the edition, keep and send nothing.")
@as_json
@click.pass_context
def run(
    context: click.Context,
    day: date | None,
    name: str | None,
    fail_if_empty: bool,
    no_mail: bool,
    dry_run: bool,
    json_: bool,
) -> int:
    """Take in all sources, read what is new, and tell it.

    Whoever subscribes gets it by mail at once; --no-mail and --dry-run send nothing.
    """
    parts = runtime(context)
    if no_mail:
        parts.settings = unsent(parts.settings, but=WRITTEN)
    if not dry_run:
        return _run(parts, day, name, fail_if_empty=fail_if_empty, json_=json_, send=not no_mail)
    with rehearsal(parts) as copy:
        code = _run(copy, day, name, fail_if_empty=fail_if_empty, json_=json_, kept=False)
    note("a dry run: nothing of this was kept, written or sent")
    return code


def _run(
    parts: Runtime,
    day: date | None,
    name: str | None,
    *,
    fail_if_empty: bool,
    json_: bool,
    send: bool = True,
    kept: bool = True,
) -> int:
    names = digests(parts, name)
    latest_day(parts, names, day)
    result = _watched(parts, rounds.intake(parts), names, day, send=send)
    _report(result.ingested)
    if json_:
        answer(_as_dict(parts, result))
    else:
        _tell(parts, result)
    if kept:
        _written(parts, result.files)
    for channel, number in sorted(result.sent.items()):
        note(f"sent: {number:,} by {channel}")
    for error in result.errors:
        complain(str(error), error.hint)
    return _code(result, fail_if_empty)


@click.command(
    cls=Command,
    examples=("unbury ingest seeds/", "unbury ingest 'archive/**/*.md' news.jsonl.gz", "unbury ingest - --as md"),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--as", "form", default="txt", show_default=True, help="What stdin is, as the end of a file's name.")
@click.option("--trusted-order", is_flag=True, help="The paragraphs' order is not lost.")
@click.option("--language", default="", help="The language of the texts (their own word, or told from each).")
@as_json
@click.pass_context
def ingest(
    context: click.Context, paths: Sequence[str], form: str, trusted_order: bool, language: str, json_: bool
) -> int:
    """Take in files, folders or globs, once; tell nothing.

    Seed files, plain text, Markdown, HTML, JSON Lines and feeds, also as .gz; - is stdin.
    """
    parts = runtime(context)
    paths = [_kept(parts, form) if path == "-" else path for path in paths]
    result = _watched(parts, [_by_hand(path, language, not trusted_order) for path in paths], [], None)
    _report(result.ingested)
    say(_ingested(result.ingested), _counts(result.ingested), json_=json_)
    for error in result.errors:
        complain(str(error), error.hint)
    return _code(result, fail_if_empty=False)


def _written(parts: Runtime, files: Sequence[str]) -> None:
    """Where the edition lies; to a person, what to open."""
    page = parts.settings.out / "index.html"
    if files and sys.stderr.isatty() and page.is_file():
        note(f"written: {several(len(files), 'file')}; open {page}")
        return
    for path in files:
        note(f"written: {path}")


def _by_hand(path: str, language: str, shuffled: bool) -> Job:
    """The job that takes in a path. It carries all it needs: whoever finds it after a crash can do it."""
    from worker.text.identity import identity

    place = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  # resolve() would follow links, and a glob is no path
    key = identity(place, language, str(shuffled))
    payload = {"kind": _kind(place), "path": place, "language": language, "shuffled": shuffled}
    return Job("ingest", f"by hand/{key}", payload)


def _kind(path: str) -> str:
    """What reads a path: a single text is a seed file, with warnings for what is missing in its heading."""
    from worker.sources.disk import named
    from worker.sources.files import SUFFIXES

    found = [file.name.lower() for file in named(path, SUFFIXES)]
    others = any(name.endswith(SUFFIXES) and not name.endswith((".txt", ".text")) for name in found)
    return "files" if others else "seeds"


def _kept(parts: Runtime, form: str) -> str:
    """What stands on stdin as a file that stays: a sentence quoted from it has a place."""
    from worker.sources.files import SUFFIXES
    from worker.text.identity import identity

    suffix = f".{form.lstrip('.').lower()}"
    if suffix not in SUFFIXES:
        raise UsageError(f"--as {form!r} is no kind of file that is read", f"one of {', '.join(SUFFIXES)}")
    content = sys.stdin.buffer.read()
    folder = (parts.database.file.parent if parts.database.file else Path("var")) / "stdin"
    file = folder / f"{identity(content.decode('latin-1'))}{suffix}"
    try:
        atomic.put(file, content)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}", "make it writable, or name a file") from None
    return str(file)


def _watched(
    parts: Runtime, sources: Sequence[Job], digests: Sequence[str], day: date | None, *, send: bool = True
) -> rounds.Result:
    kinds = {"ingest": "taking in", "read": "reading", "compose": "composing", "deliver": "writing"}

    # Only how many sources there are is known before: what they bring, nobody knows.
    with progress("taking in", len(sources) or None) as step:

        def watch(done: Done) -> None:
            key = "" if done.job.kind in ("read", "deliver") else f" {called(parts, done.job)[:30]}"
            step(f"{kinds.get(done.job.kind, done.job.kind)}{key}", int(done.job.kind == "ingest"))

        return rounds.run(parts, sources, digests, day, watch, send=send)


def _report(ingested: Sequence[Ingested]) -> None:
    """What was wrong and what was revised, a line each, on stderr."""
    problems = sorted((p for one in ingested for p in one.problems), key=lambda p: not p.fatal)
    for problem in problems[:_MOST_PROBLEMS]:
        near = replace(problem, where=_near(problem.where))
        if problem.fatal:
            click.echo(f"{click.style('failed:', fg='red', bold=True)} {near}", err=True)
        else:
            note(f"{click.style('warning:', fg='yellow')} {near}")
    if len(problems) > _MOST_PROBLEMS:
        note(f"... and {len(problems) - _MOST_PROBLEMS} more (--json lists them all)")
    for document in (d for one in ingested for d in one.revised):
        note(f"revised: {document.url} now says something else")


def _near(place: str) -> str:
    """A path as it is seen from here."""
    return place.removeprefix(f"{Path.cwd()}{os.sep}")


def _tell(parts: Runtime, result: rounds.Result) -> None:
    note(_counts(result.ingested))
    for edition in result.editions:
        click.echo(linked(parts.exporter("text").export(edition).parts[0].content), nl=False)
    if not result.editions and not result.errors:
        click.echo("Nothing new: everything that came in is told or accounted for already.")
        with parts.database.reading() as session:
            empty = documents.count(session) == (0, 0)
        if empty:
            note("hint: nothing ever came in: `unbury feeds add ADDRESS` adds a feed, `unbury init` a folder for texts")


def _counts(ingested: Sequence[Ingested]) -> str:
    counts = _ingested(ingested)
    return ", ".join(f"{counts[kind]} {kind}" for kind in ("new", "revised", "unchanged", "failed"))


def _ingested(ingested: Sequence[Ingested]) -> dict[str, Any]:
    return {
        "new": sum(len(one.new) for one in ingested),
        "revised": sum(len(one.revised) for one in ingested),
        "unchanged": sum(one.unchanged for one in ingested),
        "failed": sum(one.failed for one in ingested),
        "revisions": [document.url for one in ingested for document in one.revised],
        "problems": [
            {"where": _near(p.where), "line": p.line, "message": p.message, "fatal": p.fatal}
            for one in ingested
            for p in one.problems
        ],
    }


def _as_dict(parts: Runtime, result: rounds.Result) -> dict[str, Any]:
    def written(edition: Edition) -> Any:
        return json.loads(parts.exporter("json").export(edition).parts[0].content)

    return {
        "ingested": _ingested(result.ingested),
        "editions": [written(edition) for edition in result.editions],
        "files": result.files,
        "sent": dict(result.sent),
        "errors": [str(error) for error in result.errors],
    }


def _code(result: rounds.Result, fail_if_empty: bool) -> int:
    if result.errors:
        return result.errors[0].exit_code
    if result.failed:
        return _SOME_FAILED
    return _NOTHING_NEW if fail_if_empty and not result.editions else 0
