"""What is written by the commands and settings themselves: `python -m tests.cli.written` writes it anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from worker.cli.grammar import described
from worker.cli.main import GROUPS, unbury
from worker.cli.reference import reference
from worker.cli.schema import rendered, schema

ROOT = Path(__file__).parents[2]
_WIDTH = 80


def files() -> dict[str, str]:
    """Each file that is written, by its place, with what it should say."""
    start = ROOT / "worker" / "cli" / "start" / "unbury.toml"
    return {
        "config/reference.toml": reference(),
        "config/unbury.schema.json": rendered(),
        "config/unbury.toml": start.read_text(encoding="utf-8"),
        "docs/commands.md": _commands(),
        "docs/configuration.md": _configuration(),
        "worker/cli/grammar.json": json.dumps(described(unbury), indent=1, ensure_ascii=False) + "\n",
    }


_ABOUT_COMMANDS = """\
# Commands

Written by `python -m tests.cli.written` from the commands themselves. `unbury COMMAND -h` says the same.

- Data goes to stdout, all else to stderr. `--json` is everywhere; its shapes: [json.md](json.md).
- What goes on shows as a bar, on a terminal and where it takes longer than half a second.
- Colours are only on a terminal; `NO_COLOR=1` and `--no-color` forbid them.
- `-c`, `-v`, `-q` and `--no-color` stand before the command: `unbury -q run`.
- A mistake is a line that begins with `error:`, and what to do about it one that begins with `hint:`.
- Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong configuration, 4 a service does not answer, 5 done but some sources
  failed, 6 nothing new (with `--fail-if-empty`), 7 another run is at work, 130 stopped by Ctrl-C.
- `eval "$(unbury completion bash)"` in `~/.bashrc` (zsh and fish as well) completes commands, options, names and days.
"""
_ABOUT_SETTINGS = """\
# Configuration

Written by `python -m tests.cli.written` from the settings themselves (worker/settings.py).

- Defaults, then `config/unbury.toml` (`-c FILE` or `UNBURY_CONFIG` names another), then the environment. It works without a file.
- In a clone, `cp config/unbury.toml config/local.toml` and change the copy: it is read instead where it is there, and git ignores it.
- `unbury init` writes a commented file; `unbury config reference` prints every key as TOML, `unbury config show` what
  holds now, and who said so.
- `unbury config check` says everything that is wrong at once: file and line, key, value, and what was meant, perhaps.
- The line `#:schema ./unbury.schema.json` lets editors with Taplo ("Even Better TOML") complete and check;
  `unbury config schema` prints that file.
- **In the environment** a key is `UNBURY_` and its path in capitals, with two underscores for each dot:
  `UNBURY_DIGESTS__DAILY__AT=06:30`. A list is JSON or has commas. An empty variable is not set.
- **A secret** stays out of the file: with `_FILE` after its name a variable names a file that holds the value, for
  every key: `UNBURY_SMTP__PASSWORD_FILE=/run/secrets/smtp`, `UNBURY_DATABASE_URL_FILE`, `UNBURY_WEBHOOKS__TEAM__URL_FILE`.
  No secret is logged or shown. A variable and its `_FILE` at once are a mistake.
- A time is a number and a unit: `30s`, `15m`, `1h`, `2d`. NAME is a name of your own: lower-case letters, digits, `-` and `_`.
- Complete configurations to begin with: [examples/](examples/README.md).
"""


def _commands() -> str:
    context = click.Context(unbury, info_name="unbury", terminal_width=_WIDTH, help_option_names=["-h", "--help"])
    parts = [_ABOUT_COMMANDS, "```text\n" + unbury.get_help(context) + "\n```\n"]
    for heading, names in GROUPS.items():
        parts.append(f"## {heading}\n")
        parts += [part for name in names for part in _command(name, unbury, context)]
    return "\n".join(parts)


def _command(name: str, group: click.Group, above: click.Context) -> Iterator[str]:
    command = group.get_command(above, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=above)
    yield f"### {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for one in command.list_commands(context):
            yield from _command(one, command, context)


def _configuration() -> str:
    made = schema()
    return "\n".join([_ABOUT_SETTINGS, *_section("", "", made, made["$defs"])]) + "\n"


def _section(path: str, about: str, section: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """A section's table, and then those in it."""
    if path:
        yield f"\n## {path}\n\n{about}\n"
    yield "| Key | Type | Default | |\n|---|---|---|---|"
    deeper = []
    for key, one in section["properties"].items():
        if found := _inner(one, known):
            deeper.append((key, one, found))
        else:
            yield f"| `{key}` | {_type(one)} | {_default(one)} | {_cell(one['description'])} |"
    for key, one, found in deeper:
        header = f"{path.strip('[]')}.{key}".strip(".") + (".NAME" if "patternProperties" in one else "")
        brackets = f"[[{header}]]" if one.get("type") == "array" else f"[{header}]"
        yield from _section(brackets, one["description"], found, known)


def _inner(one: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any] | None:
    named = re.search(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(one))
    return known[named[1]] if named else None


def _type(one: Mapping[str, Any]) -> str:
    """The type of a key, in words."""
    if "enum" in one:
        return " or ".join(f"`{value}`" for value in one["enum"])
    if one.get("type") == "array":
        return f"list: {_type(one['items'])}"
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(_type(option) for option in one["anyOf"] if option.get("const", "-")))
    if one["type"] in ("integer", "number"):
        return _number(one)
    if "pattern" in one:
        return "time" if "smhd" in one["pattern"] else "time of day" if ":" in one["pattern"] else "name"
    return {"boolean": "true or false", "object": "table", "string": "secret" if one.get("writeOnly") else "text"}[
        one["type"]
    ]


def _number(one: Mapping[str, Any]) -> str:
    least = one.get("minimum", one.get("exclusiveMinimum"))
    word = "number" if "minimum" in one else "number above"
    return f"{word} {least}" + (f" to {one['maximum']}" if "maximum" in one else " or more")


def _default(one: Mapping[str, Any]) -> str:
    return f"`{json.dumps(one['default'], ensure_ascii=False)}`" if "default" in one else "has to be set"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for name, content in files().items():
        (ROOT / name).write_text(content, encoding="utf-8")
