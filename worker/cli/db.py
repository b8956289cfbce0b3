"""unbury db."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from worker.cli.grammar import Group
from worker.cli.main import examples
from worker.cli.saying import answer, as_json, progress, several
from worker.cli.wiring import loaded, runtime
from worker.runtime import Runtime
from worker.services.prune import forget
from worker.store.backup import backup as back_up
from worker.store.backup import restore as put_back

#: Up to a hundred years.
_DAYS = click.IntRange(1, 36_500)


@click.group(cls=Group, help=examples("unbury db upgrade", "unbury db backup monday.db") + "\nLook after the database.")
def db() -> None:
    """Look after the database."""


@db.command(
    help=examples("unbury db upgrade", "unbury -c other.toml db upgrade")
    + "\nBring the database to this version; safe to run at any time, by several at once."
)
@as_json
@click.pass_context
def upgrade(context: click.Context, json_: bool) -> int:
    """Bring the database to this version."""
    database = Runtime(loaded(context).settings).database
    with progress("upgrading"):
        database.upgrade()
    if json_:
        answer({"version": database.version()})
    else:
        click.echo(f"the database is at {database.version()}")
    return 0


@db.command(
    help=examples("unbury db backup monday.db", "unbury db backup /backups/unbury.dump --force")
    + "\nWrite the whole database into FILE, while it is being used or not."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@as_json
@click.pass_context
def backup(context: click.Context, file: Path, force: bool, json_: bool) -> int:
    """Write the whole database into a file."""
    with progress("copying"):
        back_up(Runtime(loaded(context).settings).database, file, force=force)
    if json_:
        answer({"file": str(file), "bytes": file.stat().st_size})
    else:
        click.echo(f"written: {file} ({file.stat().st_size:,} bytes)")
    return 0


@db.command(
    help=examples("unbury db restore monday.db", "unbury db restore monday.db --replace")
    + "\nPut a backup in the database's place. Stop the workers first. Deliveries that were under way are held."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@as_json
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, json_: bool) -> int:
    """Put a backup in the database's place."""
    parts = Runtime(loaded(context).settings)
    with progress("putting back"):
        held = put_back(parts.database, file, parts.now(), replace=replace)
    if json_:
        answer({"file": str(file), "version": parts.database.version(), "held": held})
    else:
        click.echo(
            f"restored: {file}, at {parts.database.version()}; held back: {several(held, 'delivery', 'deliveries')}"
        )
    return 0


@db.command(
    help=examples("unbury db prune", "unbury db prune --older-than 90")
    + "\nForget old texts and jobs; what was told and accounted for is kept for ever. Workers do it daily."
)
@click.option("--older-than", "days", type=_DAYS, metavar="DAYS", help="Days ([retention] says them).")
@as_json
@click.pass_context
def prune(context: click.Context, days: int | None, json_: bool) -> int:
    """Forget old texts and jobs."""
    parts = runtime(context)
    kept = parts.settings.retention
    with progress("forgetting"), parts.database.writing() as session:
        now, asked = parts.now(), timedelta(days=days or 0)
        jobs, texts = forget(session, parts, now - (asked or kept.jobs), now - (asked or kept.texts))
    if json_:
        answer({"jobs": jobs, "texts": texts})
    else:
        click.echo(f"forgotten: {several(jobs, 'job')} done, {several(texts, 'text')}")
    return 0
