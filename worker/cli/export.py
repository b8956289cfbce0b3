"""unbury export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from worker import archive, handover
from worker.cli.main import examples
from worker.cli.wiring import answer, as_json, day, runtime
from worker.edition import Edition
from worker.errors import NotFound
from worker.exporters import places
from worker.model import Rendition, Subscriber
from worker.runtime import Runtime
from worker.store import editions


@click.command(
    help=examples(
        "unbury export --format epub --from 2026-11-01 --to 2026-11-30 --out shelf/",
        "unbury export --format archive",
    )
    + "\nWrite past editions in any form, each into a folder of its day; or the archive anew, with its evidence,\n"
    "index and search, as after an upgrade or when `out` was lost."
)
@click.option("--from", "first", metavar="YYYY-MM-DD", callback=day, help="The first day (the first there is).")
@click.option("--to", "last", metavar="YYYY-MM-DD", callback=day, help="The last day (the last there is).")
@click.option("--format", "form", default="html", show_default=True, help="A form, or archive.")
@click.option("--digest", "name", help="Which digest (all that are configured).")
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
    """Write past editions."""
    parts = runtime(context)
    found = _editions(parts, name, first or date.min, last or date.max)
    if form == "archive":
        folder = out or parts.settings.out
        written = sum(_archive(parts, edition, folder) for edition in found)
    else:
        folder = out or Path("export")
        written = sum(_written(parts, edition, form, folder) for edition in found)
    if json_:
        answer({"editions": len(found), "files": written, "folder": str(folder)})
    else:
        click.echo(f"{len(found)} editions written into {folder}")
    return 0


def _editions(parts: Runtime, name: str | None, first: date, last: date) -> list[Edition]:
    """The editions of these days that told something. Raises NotFound if there are none, UnknownName."""
    digests = [parts.digest(name).name] if name else list(parts.digests)
    with parts.database.reading() as session:
        found = [one for digest in digests for one in editions.between(session, digest, first, last)]
    told = [one for one in found if one.items or one.corrections]
    if not told:
        raise NotFound("there is no edition of these days", "`unbury status` says which is the last")
    return told


def _archive(parts: Runtime, edition: Edition, folder: Path) -> int:
    """Write an edition's part of the archive; gives how many files that is."""
    forms = tuple(dict.fromkeys((*parts.digest(edition.digest).forms, "html")))
    return _put(parts, archive.renditions(parts, edition, forms), folder)


def _written(parts: Runtime, edition: Edition, form: str, folder: Path) -> int:
    made = parts.exporter(form).export(edition)
    place = f"{parts.shelf(edition.digest)}{places.folder(edition)}/{made.filename}"
    return _put(parts, [replace(made, filename=place)], folder)


def _put(parts: Runtime, made: list[Rendition], folder: Path) -> int:
    parts.deliverer("archive").deliver(made, Subscriber("archive", str(folder), ()), handover.Unmarked())
    return len(made)
