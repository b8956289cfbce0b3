"""unbury db."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from worker.cli.grammar import Group
from worker.cli.saying import as_json, progress, say, several
from worker.cli.wiring import here, loaded, runtime, unready
from worker.services.prune import forget
from worker.store.backup import backup as back_up
from worker.store.backup import restore as put_back

#: Up to a hundred years.
_DAYS = click.IntRange(1, 36_500)


@click.group(cls=Group, examples=("unbury db upgrade", "unbury db backup monday.db"))
def db() -> None:
    """Look after the database."""


@db.command(examples=("unbury db upgrade", "unbury -c other.toml db upgrade"))
@as_json
@click.pass_context
def upgrade(context: click.Context, json_: bool) -> int:
    """Bring the database to this version.

    Safe to run at any time, by several at once.
    """
    database = here(loaded(context)).database
    with progress("upgrading"):
        database.upgrade()
    return say({"version": database.version()}, f"the database is at {database.version()}", json_=json_)


@db.command(examples=("unbury db backup monday.db", "unbury db backup /backups/unbury.dump --force"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@as_json
@click.pass_context
def backup(context: click.Context, file: Path, force: bool, json_: bool) -> int:
    """Write the whole database into FILE.

    While it is being used or not.
    """
    with progress("copying"):
        back_up(unready(context).database, file, force=force)
    size = file.stat().st_size
    return say({"file": str(file), "bytes": size}, f"written: {file} ({size:,} bytes)", json_=json_)


@db.command(examples=("unbury db restore monday.db", "unbury db restore monday.db --replace"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@as_json
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, json_: bool) -> int:
    """Put a backup in the database's place.

    Stop the workers first. Deliveries that were under way are held.
    """
    parts = unready(context)
    with progress("putting back"):
        held = put_back(parts.database, file, parts.now(), replace=replace)
    version = parts.database.version()
    words = f"restored: {file}, at {version}; held back: {several(held, 'delivery', 'deliveries')}"
    return say({"file": str(file), "version": version, "held": held}, words, json_=json_)


@db.command(examples=("unbury db prune", "unbury db prune --older-than 90"))
@click.option("--older-than", "days", type=_DAYS, metavar="DAYS", help="Days ([retention] says them).")
@as_json
@click.pass_context
def prune(context: click.Context, days: int | None, json_: bool) -> int:
    """Forget old texts and jobs.

    What was told and accounted for is kept for ever. Workers do it daily.
    """
    parts = runtime(context)
    kept = parts.settings.retention
    with progress("forgetting"), parts.database.writing() as session:
        now, asked = parts.now(), timedelta(days=days or 0)
        jobs, texts = forget(session, parts, now - (asked or kept.jobs), now - (asked or kept.texts))
    words = f"forgotten: {several(jobs, 'job')} done, {several(texts, 'text')}"
    return say({"jobs": jobs, "texts": texts}, words, json_=json_)
