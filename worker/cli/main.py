"""The unbury command: its grammar. Each command lives in a module of its own, imported when it is called."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from worker.errors import UnburyError

#: Command -> where it lives, and its line in the help: naming one imports nothing.
COMMANDS = {
    "run": ("worker.cli.run:run", "Take in, read and tell: all of it, now."),
    "work": ("worker.cli.work:work", "Do what is due, by the clock, until you stop it."),
    "ingest": ("worker.cli.run:ingest", "Take in files, folders or globs."),
    "feeds": ("worker.cli.feeds:feeds", "The feeds that you read: add, list, test, import."),
    "subscribers": ("worker.cli.subscribers:subscribers", "Who gets a digest by e-mail: add, list, pause, remove."),
    "digest": ("worker.cli.digest:digest", "Print an edition, or make today's."),
    "export": ("worker.cli.export:export", "Write past editions in any form, or the archive anew."),
    "explain": ("worker.cli.explain:explain", "Show where a sentence stands, and what was dropped for it."),
    "show": ("worker.cli.show:show", "Show how a document was read."),
    "why": ("worker.cli.account:why", "Say what became of a document."),
    "account": ("worker.cli.account:account", "Say what became of all documents of a day."),
    "verify": ("worker.cli.verify:verify", "Check an edition, sentence by sentence."),
    "replay": ("worker.cli.replay:replay", "Make past editions again, or with other settings."),
    "read": ("worker.cli.read:read", "Summarise documents from stdin (a filter)."),
    "stories": ("worker.cli.stories:stories", "Group documents from stdin into stories (a filter)."),
    "status": ("worker.cli.status:status", "Say what is stored, due and wrong."),
    "trigger": ("worker.cli.trigger:trigger", "Have running workers do something now."),
    "jobs": ("worker.cli.jobs:jobs", "Look into the queue; try again, or drop."),
    "doctor": ("worker.cli.doctor:doctor", "Look for what is wrong, and what to do."),
    "serve": ("worker.cli.serve:serve", "Serve unsubscribing, the archive and health over HTTP."),
    "mail": ("worker.cli.mail:mail", "Send a test mail."),
    "config": ("worker.cli.config:config", "Check or show the configuration."),
    "db": ("worker.cli.db:db", "Look after the database."),
}


@dataclass
class Asked:
    """What was asked for before the command's name: its own options, shared by all commands."""

    config: Path | None = None
    verbose: int = 0


class Lazy(click.Group):
    """A group that imports a command when it is called, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; while completing or listing, one that only knows its line of help."""
        if cmd_name not in COMMANDS:
            return None
        path, line = COMMANDS[cmd_name]
        if ctx.resilient_parsing:
            return click.Command(cmd_name, short_help=line)
        module, _, name = path.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads its output may have seen enough before its end, like `head`."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return code

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; an unknown one is answered with the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"there is no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)


def examples(*lines: str) -> str:
    """Help's first words: examples, as they are typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines) + "\n"


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=examples("unbury run", "unbury digest --date 2026-11-23 --format markdown")
    + "\nEach morning a short digest, every sentence quoted word for word from its source.",
)
@click.option("-c", "--config", type=click.Path(path_type=Path), help="The configuration file (config/unbury.toml).")
@click.option("-v", "--verbose", count=True, help="Say more; twice, with tracebacks.")
@click.version_option(package_name="unbury", prog_name="unbury")
@click.pass_context
def unbury(context: click.Context, config: Path | None, verbose: int) -> None:
    """Hold what was asked for before the command's name."""
    context.obj = Asked(config, verbose)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command, and end with the exit code of what came of it."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows few letters ends nothing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(unbury.main(asked, prog_name="unbury", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except UnburyError as error:
        _say(error, asked)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("error: interrupted", err=True)
        sys.exit(130)


def _say(error: UnburyError, asked: Sequence[str]) -> None:
    if any(word.startswith("-vv") for word in asked):
        import traceback

        traceback.print_exception(error)
    click.echo(f"error: {error}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
