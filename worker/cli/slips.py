"""How it is said that something went wrong, and what was meant, perhaps, by what was typed wrongly."""

from __future__ import annotations

import os
import re

import click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand

from worker.errors import nearest

#: Words of other programs for what is called otherwise here.
_MEANT = {
    **dict.fromkeys(("rm", "delete", "del", "unsubscribe"), ("remove", "drop")),
    **dict.fromkeys(("validate", "test", "verify", "lint"), ("check",)),
    **dict.fromkeys(("ls", "show", "status"), ("list",)),
    **dict.fromkeys(("subscribe", "new", "create"), ("add",)),
}


def colored() -> bool | None:
    """Whether there are colours: where nobody forbids them, as the terminal says."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def complain(error: str, hint: str = "") -> None:
    """Say what is wrong and what to do, on stderr."""
    for word, said, color in (("error", error, "red"), ("hint", hint, "cyan")):
        if said:
            click.echo(f"{click.style(f'{word}:', fg=color, bold=True)} {said}", err=True, color=colored())


def explain(error: click.ClickException) -> None:
    """Say what is wrong, and what to do; of a group without a command, what it can do."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
    else:
        complain(*_explained(error))


def _explained(error: click.ClickException) -> tuple[str, str]:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "unbury"
    help_ = f"`{path} -h` shows how it is used"
    if isinstance(error, NoSuchCommand) and context:
        names = _commands(context)
        near = next((name for name in _MEANT.get(error.command_name, ()) if name in names), "")
        near = near or nearest(error.command_name, names)
        return f"{path} has no command {error.command_name!r}", f"did you mean {near!r}?" if near else help_
    if isinstance(error, click.NoSuchOption) and context:
        return f"{path} has no option {error.option_name!r}", _option(error.option_name, context) or help_
    extra = re.search(r"unexpected extra argument \((\d{4}-\d\d-\d\d)\)", error.message)
    if extra and context and "--date" in _opts(context.command):
        help_ = f"{path} --date {extra[1]}"
    said, known = " ".join(error.format_message().split()).rstrip("."), re.findall("'([^']*)'", error.message)
    if " is not one of " in said and (near := nearest(known[0], known[1:])):
        said, help_ = said.partition(" is not one of ")[0], f"did you mean {near!r}?"
    return said[:1].lower() + said[1:], help_


def _commands(context: click.Context) -> list[str]:
    return context.command.list_commands(context) if isinstance(context.command, click.Group) else []


def _option(name: str, context: click.Context) -> str:
    """What was meant by an option: one that stands before the command's name, or one that is written like it."""
    if name in _opts(context.find_root().command) and context.parent:
        rest = context.command_path.removeprefix("unbury ")
        return f"it stands before the command: unbury {name} {rest}"
    if name == "--json" and not context.parent:
        return "it stands behind the command: unbury status --json"
    near = nearest(name, [*_opts(context.command), "--help"])
    return f"did you mean {near!r}?" if near else ""


def _opts(command: click.Command) -> list[str]:
    return [opt for parameter in command.params if isinstance(parameter, click.Option) for opt in parameter.opts]
