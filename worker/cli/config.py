"""unbury config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from worker.cli.main import examples
from worker.cli.wiring import answer, as_json, loaded
from worker.configuration import Loaded
from worker.errors import ConfigError
from worker.runtime import Runtime


@click.group(help=examples("unbury config check", "unbury config show") + "\nCheck or show the configuration.")
def config() -> None:
    """Check or show the configuration."""


@config.command(
    help=examples("unbury config check", "unbury -c other.toml config check")
    + "\nSay whether the configuration can be used; ends with 3 if not."
)
@as_json
@click.pass_context
def check(context: click.Context, json_: bool) -> int:
    """Say whether the configuration can be used."""
    found = loaded(context.find_root())
    parts = Runtime(found.settings)
    parts.check()
    str(parts.database)  # a wrong URL is said here
    where = str(found.file) if found.file else None
    if json_:
        answer({"ok": True, "file": where})
    else:
        click.echo(f"{where or 'no file, all defaults'}: ok")
    return 0


@config.command(
    help=examples("unbury config show", "unbury config show --json")
    + "\nShow every setting, its value, and who said so; secrets are masked."
)
@as_json
@click.pass_context
def show(context: click.Context, json_: bool) -> int:
    """Show every setting."""
    found = loaded(context.find_root())
    rows = [(path, value, found.origin(*path)) for path, value in _leaves(_masked(found))]
    if json_:
        answer({"settings": {".".join(path): {"value": value, "origin": origin} for path, value, origin in rows}})
        return 0
    width = max(len(".".join(path)) for path, _, _ in rows)
    for path, value, origin in rows:
        click.echo(f"{'.'.join(path):{width}}  {value!r}  ({origin})")
    return 0


def _masked(found: Loaded) -> dict[str, Any]:
    """The settings as plain values; of a secret address only what names the place."""
    values = found.settings.model_dump(mode="json")
    values["broker_url"] = _place(found.settings.broker_url.get_secret_value())
    try:
        values["database_url"] = str(Runtime(found.settings).database)
    except ConfigError:
        values["database_url"] = "***"
    return values


def _place(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "***" if url else ""
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _leaves(values: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value
