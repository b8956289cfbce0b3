"""unbury config."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from worker.cli.grammar import Group
from worker.cli.main import Asked
from worker.cli.reference import reference as written
from worker.cli.saying import as_json, note, say
from worker.cli.schema import rendered
from worker.cli.schema import schema as json_schema
from worker.cli.slips import complain
from worker.cli.wiring import loaded, passwordless
from worker.configuration import loading
from worker.configuration.loading import Examined, Loaded
from worker.configuration.mistakes import Mistake, in_order
from worker.errors import ConfigError, UnburyError
from worker.runtime import Runtime
from worker.settings import Settings
from worker.status.checks import faults


@click.group(cls=Group, examples=("unbury config check", "unbury config show", "unbury config reference smtp"))
def config() -> None:
    """Check or show the configuration."""


@config.command(examples=("unbury config check", "unbury -c other.toml config check"))
@as_json
@click.pass_context
def check(context: click.Context, json_: bool) -> int:
    """Say everything that is wrong with the configuration.

    All at once: keys, values, plug-ins, feeds, templates, webhooks. Nothing is made and nobody is asked. Ends with 3 if
    anything is wrong.
    """
    found = loading.examine(context.ensure_object(Asked).config)
    mistakes = in_order([*found.mistakes, *_faults(found)])
    where = str(found.origins.file) if found.origins.file else None
    shown = {"ok": not mistakes, "file": where, "mistakes": [_as_dict(one) for one in mistakes]}
    say(shown, "" if mistakes else f"{where or 'no file, all defaults'}: ok", json_=json_)
    if found.settings and (missing := passwordless(found.settings.smtp)):
        note(f"note: {missing}, here at least: {missing.hint}")  # a worker's environment may have it
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


@config.command(examples=("unbury config show", "unbury config show --json"))
@as_json
@click.pass_context
def show(context: click.Context, json_: bool) -> int:
    """Show every setting, its value, and who said so.

    Secrets are masked.
    """
    found = loaded(context)
    rows = [(path, value, found.origins.origin(*path)) for path, value in _leaves(_masked(found))]
    shown = {".".join(path): {"value": value, "origin": origin} for path, value, origin in rows}
    return say({"settings": shown}, "\n".join(_setting(*row) for row in rows), json_=json_)


def _setting(path: Sequence[str], value: object, origin: str) -> str:
    line = f"{'.'.join(path)} = {json.dumps(value, ensure_ascii=False, default=str)}"
    return click.style(line, dim=True) if origin == "default" else f"{line}  # {origin}"


@config.command(examples=("unbury config reference", "unbury config reference smtp"))
@click.argument("section", type=click.Choice(list(Settings.model_fields)), required=False, metavar="[SECTION]")
@as_json
def reference(section: str | None, json_: bool) -> int:
    """Print every key, its default and what it does.

    It is TOML to copy from; or only one SECTION of it.
    """
    toml = written(section or "")
    return say({"toml": toml}, toml.rstrip("\n"), json_=json_)


@config.command(examples=("unbury config schema", "unbury config schema > config/unbury.schema.json"))
@as_json
def schema(json_: bool) -> int:
    """Print the JSON Schema of unbury.toml, for editors.

    Those with Taplo ("Even Better TOML") complete and check by it, where the file begins with the line
    #:schema ./unbury.schema.json
    """
    return say({"json_schema": json_schema()}, rendered().rstrip("\n"), json_=json_)


def _masked(found: Loaded) -> dict[str, Any]:
    """The settings as plain values; of a secret address only what names the place."""
    values = found.settings.model_dump(mode="json")
    for one in (*values["sources"].values(), *(one for each in values["digests"].values() for one in each["channels"])):
        one["options"] = dict.fromkeys(one["options"], "***")
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
