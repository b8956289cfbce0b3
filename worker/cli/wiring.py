"""What the commands share: settings and parts, put together for the one that was called."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import click

from worker import configuration, logs
from worker.cli.main import Asked
from worker.errors import UsageError
from worker.runtime import Runtime
from worker.settings import LogSettings, one_address

as_json = click.option("--json", "json_", is_flag=True, help="Answer in JSON.")
for_digest = click.option("--digest", "name", help="Which digest (all that are configured).")


def loaded(context: click.Context) -> configuration.Loaded:
    """The settings, and where they come from. Raises ConfigError."""
    asked: Asked = context.ensure_object(Asked)
    found = configuration.load(asked.config)
    level = {0: found.settings.log.level, 1: "info"}.get(asked.verbose, "debug")
    logs.configure(LogSettings(format=found.settings.log.format, level=level))
    return found


def runtime(context: click.Context) -> Runtime:
    """The parts, checked, and the database ready. Raises ConfigError, StoreError, Unreachable."""
    parts = Runtime(loaded(context).settings)
    parts.check()
    parts.database.ready()
    return parts


def answer(value: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout; `schema` says which shape it has."""
    click.echo(json.dumps({"schema": 1, **value}, indent=2, default=_written))


def reachable(address: str) -> str:
    """An e-mail address. Raises UsageError for anything else."""
    try:
        return one_address(address)
    except ValueError as error:
        raise UsageError(f"{address!r} cannot be written to", f"it {error}") from None


def day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    """A click callback: a day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day; write it like 2026-11-23.") from None


on_day = click.option("--date", "day", metavar="YYYY-MM-DD", callback=day, help="The day (today).")


def progress(words: str) -> tuple[Callable[[str], None], Callable[[], None]]:
    """Show what is going on, on stderr and only on a terminal; gives a way to say it, and one to end."""
    if not sys.stderr.isatty():
        return (lambda _: None), (lambda: None)
    from rich.console import Console

    status = Console(stderr=True).status(words)
    status.start()
    return status.update, status.stop


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
