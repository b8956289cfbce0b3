"""The grammar of all commands, written down, so that a shell completes them without importing one.

`python -m tests.cli.written` writes grammar.json anew; a test holds it to the commands as they are.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from typing import Any

import click

from worker.cli import known

_KNOWN = {one.name: one for one in vars(known).values() if isinstance(one, known.Known)}


class Command(click.Command):
    """Help that begins with examples, as they are typed, and goes on with the function's docstring.

    Its first sentence says in a list what the command does; what is indented there stays as it stands.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        said = inspect.cleandoc(self.help or "")
        self.short_help = self.short_help or said.partition("\n")[0]
        shown = "\n".join(f"  {line}" for line in examples)
        self.help = f"\b\nExamples:\n{shown}\n\n" + said.replace("\n\n  ", "\n\n\b\n  ")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, parsed; what is wrong with them is wrong with this command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class Group(Command, click.Group):
    """A group that lists its commands with the first sentence of each."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands."""
        several = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.short_help or "") for name, one in several if one])


def described(command: click.Command) -> dict[str, Any]:
    """What a shell has to know of a command."""
    context = click.Context(command)
    about: dict[str, Any] = {
        "help": command.short_help or "",
        "parameters": [_parameter(p) for p in command.params],
    }
    if isinstance(command, click.Group):
        several = {name: command.get_command(context, name) for name in command.list_commands(context)}
        about["commands"] = {name: described(one) for name, one in several.items() if one}
    return about


def _parameter(parameter: click.Parameter) -> dict[str, Any]:
    about: dict[str, Any] = {"opts": [*parameter.opts, *parameter.secondary_opts], "type": _type(parameter.type)}
    if isinstance(parameter, click.Option):
        about |= {"help": parameter.help or "", "flag": parameter.is_flag, "multiple": parameter.multiple}
    else:
        about["nargs"] = parameter.nargs
    return about


def _type(kind: click.ParamType[Any]) -> str | list[str]:
    if isinstance(kind, click.Choice):
        return list(kind.choices)
    return kind.name if isinstance(kind, known.Known | click.Path) else "text"


def sketch(name: str) -> click.Command:
    """A command that can be completed, and not run."""
    import importlib.resources

    written = importlib.resources.files("worker.cli").joinpath("grammar.json").read_text(encoding="utf-8")
    return _sketched(name, json.loads(written)["commands"][name])


def _sketched(name: str, about: dict[str, Any]) -> click.Command:
    parameters = [_sketched_parameter(one) for one in about["parameters"]]
    if "commands" not in about:
        return click.Command(name, params=parameters, short_help=about["help"])
    several = {one: _sketched(one, inside) for one, inside in about["commands"].items()}
    return click.Group(name, several, params=parameters, short_help=about["help"])


def _sketched_parameter(about: dict[str, Any]) -> click.Parameter:
    kind = _named(about["type"])
    if "nargs" in about:
        return click.Argument(about["opts"], nargs=about["nargs"], type=kind, required=False)
    return click.Option(about["opts"], help=about["help"], is_flag=about["flag"], multiple=about["multiple"], type=kind)


def _named(kind: str | list[str]) -> click.ParamType[Any]:
    if isinstance(kind, list):
        return click.Choice(kind)
    return click.Path() if kind in ("path", "file", "directory") else _KNOWN.get(kind, click.STRING)
