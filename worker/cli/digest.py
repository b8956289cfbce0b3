"""unbury digest."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from worker.cli import sending
from worker.cli.grammar import Command
from worker.cli.known import FORM, for_one_digest, on_day, said_of_forms
from worker.cli.paper import linked
from worker.cli.saying import answer, note, progress, say
from worker.cli.wiring import apart, latest_day, runtime
from worker.edition import Digest, Edition
from worker.errors import NotFound, UsageError
from worker.model import Rendition, Subscriber
from worker.queue import byhand, rounds
from worker.runtime import Runtime
from worker.services import deliver
from worker.store import documents, editions

#: Of two of these one would silently win.
_APART = (
    *(("resend", other) for other in ("day", "name", "number")),
    *((one, other) for one in ("to", "resend") for other in ("again", "preview", "form", "out")),
    *(("preview", other) for other in ("form", "out", "dry_run")),
    ("dry_run", "form"),
    ("dry_run", "out"),
)


@click.command(
    cls=Command,
    examples=(
        "unbury digest",
        "unbury digest --date 2026-11-23 --format html --out shelf/",
        "unbury digest --preview --again",
        "unbury digest --date 2026-11-23 --to reader@example.org",
        "unbury digest --resend daily/2026-11-23 --dry-run",
    ),
)
@on_day
@for_one_digest
@click.option(
    "--edition", "number", type=click.IntRange(min=1), metavar="N", help="Which of the day's editions (the last)."
)
@click.option("--format", "form", type=FORM, metavar="FORM", default="text", help=said_of_forms("text"))
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder to write to, instead of stdout.")
@click.option("--again", is_flag=True, help="As the settings of now would make it; nothing is kept or sent.")
@click.option("--preview", is_flag=True, help="Show the mail in the browser; nothing is made or sent.")
@click.option("--to", metavar="ADDRESS", help="Send the edition to one address.")
@click.option("--resend", metavar="EDITION", help="Send it again to those it did not reach: DIGEST/DAY[/NUMBER] or id.")
@click.option("--dry-run", is_flag=True, help="Say what would be made or sent, and do nothing.")
@click.pass_context
def digest(
    context: click.Context,
    day: date | None,
    name: str | None,
    number: int | None,
    form: str,
    json_: bool,
    out: Path | None,
    again: bool,
    preview: bool,
    to: str | None,
    resend: str | None,
    dry_run: bool,
) -> int:
    """Print the day's edition as it was made.

    If none was made, make it, and hand it over to its readers. Or look at the mail before it is made (--preview), send
    it to somebody (--to), or once more to those it did not reach (--resend).
    """
    apart(context, *_APART, *([("form", "json_")] if form != "json" else []))
    parts = runtime(context)
    asked = parts.digest(name or next(iter(parts.digests)))
    when = latest_day(parts, [asked.name], day)
    if to or resend:
        named = resend or f"{asked.name}/{when}" + (f"/{number}" if number else "")
        return sending.send(parts, named, to, again=bool(resend), dry_run=dry_run, json_=json_)
    form = "json" if json_ else {"md": "markdown"}.get(form, form)
    exporter = parts.exporter(form)
    found = _made(parts, asked, when, number)
    with progress("composing"):
        edition = _shown(parts, asked, when, found, imagined=preview or dry_run, again=again)
    if edition is None:
        return _nothing(parts, asked, when, json_=form == "json")
    if dry_run:
        told = sending.foretold(parts, asked, edition, made=bool(found))
        return say(told, sending.in_words(told), json_=json_)
    if preview:
        return sending.preview(parts, edition, json_=json_)
    if out is None:
        _printed(exporter.export(edition), form)
    else:
        folder = Subscriber("files", str(out), (form,))
        click.echo("\n".join(deliver.hand_over(parts, edition, folder, deliver.Unmarked())))
    return 0


def _shown(
    parts: Runtime, asked: Digest, day: date, found: Edition | None, *, imagined: bool, again: bool
) -> Edition | None:
    """The edition that was made, made again, or would be made; if it is not to be imagined, it is made now."""
    if found:
        return byhand.remade(parts, asked, found) if again else found
    return byhand.would_be(parts, asked, day) if imagined or again else _now(parts, asked, day)


def _nothing(parts: Runtime, asked: Digest, day: date, *, json_: bool) -> int:
    """Say that there is no edition, and why. Raises NotFound for a day that others came after."""
    with parts.database.reading() as session:
        newest = editions.latest(session, asked.name)
        empty = documents.count(session) == (0, 0)
    if newest and newest.day > day:
        raise NotFound(f"there is no edition of {day}", f"the newest is of {newest.day}")
    click.echo("Nothing to tell: no document waits to be told.", err=json_)
    if empty:
        note("hint: nothing ever came in: `unbury run` takes in all sources")
    if json_:
        answer({"edition": None})
    return 0


def _printed(rendition: Rendition, form: str) -> None:
    """Print a form. Raises UsageError for one that would only upset a terminal."""
    part = rendition.parts[0]
    content = linked(part.content) if form == "text" else part.content
    if part.packed and sys.stdout.isatty():
        raise UsageError(f"the form {form!r} is no text for a terminal", f"--out FOLDER writes {rendition.filename}")
    click.echo(part.packed or content, nl=False)


def _made(parts: Runtime, asked: Digest, day: date, number: int | None) -> Edition | None:
    """The edition of a day that was made, by its number or the last one. Raises NotFound for another number."""
    with parts.database.reading() as session:
        found = editions.of_day(session, asked.name, day)
    if number is None:
        return found[-1] if found else None
    for edition in found:
        if edition.number == number:
            return edition
    made = ", ".join(str(edition.number) for edition in found) or "none"
    raise NotFound(f"there is no edition {number} of {day.isoformat()}", f"made that day: {made}")


def _now(parts: Runtime, asked: Digest, day: date) -> Edition | None:
    """The edition that is made now."""
    for error in rounds.run(parts, [], [asked.name], day).errors:
        raise error
    return _made(parts, asked, day, None)
