"""unbury digest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from worker import handover, rounds, schedule
from worker.cli.main import examples
from worker.cli.wiring import answer, on_day, runtime
from worker.edition import Digest, Edition
from worker.errors import NotFound
from worker.model import Subscriber
from worker.runtime import Runtime
from worker.store import editions


@click.command(
    help=examples("unbury digest", "unbury digest --date 2026-11-23 --format html --out shelf/")
    + "\nPrint the day's edition as it was made. If none was made, make it from what is stored."
)
@on_day
@click.option("--digest", "name", help="Which digest (the first that is configured).")
@click.option("--edition", "number", type=click.IntRange(min=1), help="Which of the day's editions (the last).")
@click.option("--format", "form", default="text", show_default=True, help="text, markdown, html or json.")
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder to write to, instead of stdout.")
@click.pass_context
def digest(
    context: click.Context,
    day: date | None,
    name: str | None,
    number: int | None,
    form: str,
    json_: bool,
    out: Path | None,
) -> int:
    """Print or make an edition."""
    parts = runtime(context)
    asked = parts.digest(name or next(iter(parts.digests)))
    json_ = json_ or form == "json"
    form = "json" if json_ else form
    exporter = parts.exporter(form)
    edition = _edition(parts, asked, day or schedule.today(parts.now(), asked.zone), number)
    if edition is None:
        click.echo("Nothing to tell: no document waits to be told.", err=json_)
        if json_:
            answer({"edition": None})
    elif out is None:
        click.echo(exporter.export(edition).parts[0].content, nl=False)
    else:
        click.echo(
            "\n".join(handover.hand_over(parts, edition, Subscriber("files", str(out), (form,)), handover.Unmarked()))
        )
    return 0


def _edition(parts: Runtime, asked: Digest, day: date, number: int | None) -> Edition | None:
    """The edition that was made, or the one that is made now, if nothing was told that day."""
    found = _made(parts, asked, day)
    if not found and number is None:
        result = rounds.run(parts, [], [asked.name], day)
        for error in result.errors:
            raise error
        found = _made(parts, asked, day)
    if number is None:
        return found[-1] if found else None
    for edition in found:
        if edition.number == number:
            return edition
    made = ", ".join(str(edition.number) for edition in found) or "none"
    raise NotFound(f"there is no edition {number} of {day.isoformat()}", f"made that day: {made}")


def _made(parts: Runtime, asked: Digest, day: date) -> list[Edition]:
    with parts.database.reading() as session:
        return editions.of_day(session, asked.name, day)
