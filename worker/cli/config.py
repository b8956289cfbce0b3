"""unbury config."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from worker.cli.grammar import Group
from worker.cli.main import Asked, examples
from worker.cli.reference import reference as written
from worker.cli.saying import answer, as_json
from worker.cli.schema import rendered
from worker.cli.schema import schema as json_schema
from worker.cli.slips import complain
from worker.cli.wiring import loaded
from worker.configuration import loading
from worker.configuration.loading import Examined, Loaded
from worker.configuration.mistakes import Mistake, in_order
from worker.errors import ConfigError, UnburyError
from worker.runtime import Runtime
from worker.settings import Settings
from worker.status.checks import faults


@click.group(
    cls=Group,
    help=examples("unbury config check", "unbury config show", "unbury config reference smtp")
    + "\nCheck or show the configuration.",
)
def config() -> None:
    """Check or show the configuration."""


@config.command(
    help=examples("unbury config check", "unbury -c other.toml config check")
    + "\nSay everything that is wrong with the configuration, at once: keys, values, plug-ins, feeds,\n"
    "templates, webhooks. Nothing is made and nobody is asked. Ends with 3 if anything is wrong."
)
@as_json
@click.pass_context
def check(context: click.Context, json_: bool) -> int:
    """Say everything that is wrong with the configuration."""
    found = loading.examine(context.ensure_object(Asked).config)
    mistakes = in_order([*found.mistakes, *_faults(found)])
    where = str(found.origins.file) if found.origins.file else None
    if json_:
        answer({"ok": not mistakes, "file": where, "mistakes": [_as_dict(one) for one in mistakes]})
    elif not mistakes:
        click.echo(f"{where or 'no file, all defaults'}: ok")
    for mistake in [] if json_ else mistakes:
        complain(mistake.error.message, mistake.hint)
    return ConfigError.exit_code if mistakes else 0


def _faults(found: Examined) -> Iterator[Mistake]:
    """What only shows when the parts are put together."""
    if found.settings is None:
        return
    parts = Runtime(found.settings)
    for key, error in faults(parts):
        yield _placed(found, key, error)
    try:
        str(parts.database)
    except ConfigError as error:
        yield _placed(found, "database_url", error)


def _placed(found: Examined, key: str, error: UnburyError) -> Mistake:
    path = tuple(key.split("."))
    there = found.origins.origin(*path) != "default"
    return Mistake(found.origins.place(path) if there else "", key, error.message, error.hint)


def _as_dict(mistake: Mistake) -> dict[str, str]:
    return {"place": mistake.place, "key": mistake.key, "message": mistake.said, "hint": mistake.hint}


@config.command(
    help=examples("unbury config show", "unbury config show --json")
    + "\nShow every setting, its value, and who said so; secrets are masked."
)
@as_json
@click.pass_context
def show(context: click.Context, json_: bool) -> int:
    """Show every setting, and who said so."""
    found = loaded(context)
    rows = [(path, value, found.origins.origin(*path)) for path, value in _leaves(_masked(found))]
    if json_:
        answer({"settings": {".".join(path): {"value": value, "origin": origin} for path, value, origin in rows}})
        return 0
    for path, value, origin in rows:
        said = json.dumps(value, ensure_ascii=False, default=str)
        line = f"{'.'.join(path)} = {said}"
        click.echo(click.style(line, dim=True) if origin == "default" else f"{line}  # {origin}")
    return 0


@config.command(
    help=examples("unbury config reference", "unbury config reference smtp")
    + "\nPrint every key with its default and what it does, as TOML to copy from; or one SECTION."
)
@click.argument("section", type=click.Choice(list(Settings.model_fields)), required=False, metavar="[SECTION]")
@as_json
def reference(section: str | None, json_: bool) -> int:
    """Print every key, its default and what it does."""
    toml = written(section or "")
    if json_:
        answer({"toml": toml})
    else:
        click.echo(toml, nl=False)
    return 0


@config.command(
    help=examples("unbury config schema", "unbury config schema > config/unbury.schema.json")
    + '\nPrint the JSON Schema of unbury.toml. Editors with Taplo ("Even Better TOML") complete and check by it,\n'
    "where the file begins with the line #:schema ./unbury.schema.json"
)
@as_json
def schema(json_: bool) -> int:
    """Print the JSON Schema, for editors."""
    if json_:
        answer({"json_schema": json_schema()})
    else:
        click.echo(rendered(), nl=False)
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
