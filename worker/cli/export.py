"""unbury export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import click

from worker.cli.grammar import Command
from worker.cli.known import DAY, FORM, for_digest, said_of_forms
from worker.cli.saying import Step, as_json, progress, say, several
from worker.cli.wiring import digests, runtime
from worker.edition import Edition
from worker.errors import NotFound, UnburyError, UsageError
from worker.exporters import places
from worker.model import Rendition, Subscriber
from worker.runtime import Runtime
from worker.services import deliver, recipients, shelf
from worker.store import editions


@click.command(
    cls=Command,
    examples=(
        "unbury export --format epub --from 2026-11-01 --to 2026-11-30 --out shelf/",
        "unbury export --format archive",
    ),
)
@click.option("--from", "first", type=DAY, metavar="YYYY-MM-DD", help="The first day (the first there is).")
@click.option("--to", "last", type=DAY, metavar="YYYY-MM-DD", help="The last day (the last there is).")
@click.option(
    "--format",
    "form",
    type=FORM,
    metavar="FORM",
    default="html",
    help=said_of_forms("html", "archive"),
)
@for_digest
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write to (export/; for archive: out).")
@as_json
@click.pass_context
def export(
    context: click.Context,
    first: date | None,
    last: date | None,
    form: str,
    name: str | None,
    out: Path | None,
    json_: bool,
) -> int:
    """Write past editions in any form.

    Each into a folder of its day; or the archive anew, with its evidence, index and search, as after an upgrade or when
    `out` was lost.
    """
    if first and last and first > last:
        raise UsageError("--from is after --to", "name the earlier day first")
    parts = runtime(context)
    found = _editions(parts, name, first or date.min, last or date.max)
    failed: list[UnburyError] = []
    if form == "archive":
        folder = out or parts.settings.out
        write = partial(_archive, parts, folder=folder, failed=failed)
    else:
        folder = out or Path("export")
        write = partial(_written, parts, form=form, folder=folder)
    with progress("writing", len(found)) as step:
        written = sum(_stepped(write, edition, step) for edition in found)
    words = f"{several(len(found), 'edition')} written into {folder}"
    code = say({"editions": len(found), "files": written, "folder": str(folder)}, words, json_=json_)
    for error in failed:
        raise error
    return code


def _editions(parts: Runtime, name: str | None, first: date, last: date) -> list[Edition]:
    """The editions of these days that told something. Raises NotFound if there are none, UnknownName."""
    with parts.database.reading() as session:
        found = [one for digest in digests(parts, name) for one in editions.between(session, digest, first, last)]
    told = [one for one in found if one.tells]
    if not told:
        raise NotFound("there is no edition of these days", "`unbury status` says which is the last")
    return told


def _stepped(write: Callable[[Edition], int], edition: Edition, step: Step) -> int:
    step(f"writing {edition.day}", 1)
    return write(edition)


def _archive(parts: Runtime, edition: Edition, folder: Path, failed: list[UnburyError]) -> int:
    """Write an edition's part of the archive; gives how many files that is, and notes what could not be made."""
    forms = tuple(dict.fromkeys((*parts.digest(edition.digest).forms, "html")))
    archive = shelf.Shelf(parts, edition.digest)
    made = archive.renditions(edition, forms)
    failed += archive.failed
    return _put(parts, made, folder / recipients.folder(parts, edition.digest)) + (
        _put(parts, [shelf.digests(parts)], folder) if len(parts.digests) > 1 else 0
    )


def _written(parts: Runtime, edition: Edition, form: str, folder: Path) -> int:
    made = parts.exporter(form).export(edition)
    place = f"{recipients.folder(parts, edition.digest)}{places.folder(edition)}/{made.filename}"
    return _put(parts, [replace(made, filename=place)], folder)


def _put(parts: Runtime, made: list[Rendition], folder: Path) -> int:
    parts.deliverer("archive").deliver(made, Subscriber("archive", str(folder), ()), deliver.Unmarked())
    return len(made)
