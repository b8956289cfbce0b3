"""unbury db."""

from __future__ import annotations

import click

from worker.cli.main import examples
from worker.cli.wiring import answer, as_json, loaded
from worker.store.database import Database


@click.group(help=examples("unbury db upgrade", "unbury db upgrade --json") + "\nLook after the database.")
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
    database = Database(loaded(context.find_root()).settings.database_url.get_secret_value())
    database.upgrade()
    if json_:
        answer({"version": database.version()})
    else:
        click.echo(f"the database is at {database.version()}")
    return 0
