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

from worker.cli.grammar import Group, sketch
from worker.cli.slips import colored, complain, explain
from worker.errors import UnburyError, UnknownName, UsageError

#: Command -> where it lives, and its line in the help: naming one imports nothing. In groups, by when they are needed.
GROUPS = {
    "To begin": {
        "init": ("worker.cli.init:init", "Write a configuration to begin with."),
        "feeds": ("worker.cli.feeds:feeds", "The feeds that you read: add, list, test, import."),
        "subscribers": ("worker.cli.subscribers:subscribers", "Who gets a digest by e-mail."),
        "mail": ("worker.cli.mail:mail", "Send a test mail."),
        "config": ("worker.cli.config:config", "Check or show the configuration."),
    },
    "Day by day": {
        "run": ("worker.cli.run:run", "Take in, read and tell: all of it, now."),
        "work": ("worker.cli.work:work", "Do what is due, by the clock, until you stop it."),
        "ingest": ("worker.cli.run:ingest", "Take in files, folders or globs."),
        "digest": ("worker.cli.digest:digest", "Print an edition, or make today's."),
        "export": ("worker.cli.export:export", "Write past editions in any form."),
        "serve": ("worker.cli.serve:serve", "Serve the archive and unsubscribing over HTTP."),
    },
    "To see why": {
        "explain": ("worker.cli.explain:explain", "Show where a sentence stands in its source."),
        "show": ("worker.cli.show:show", "Show how a document was read."),
        "why": ("worker.cli.account:why", "Say what became of a document."),
        "account": ("worker.cli.account:account", "Say what became of all documents of a day."),
        "verify": ("worker.cli.verify:verify", "Check an edition, sentence by sentence."),
        "replay": ("worker.cli.replay:replay", "Make past editions again, and compare."),
    },
    "To operate": {
        "status": ("worker.cli.status:status", "Say what is stored, due and wrong."),
        "doctor": ("worker.cli.doctor:doctor", "Look for what is wrong, and what to do."),
        "jobs": ("worker.cli.jobs:jobs", "Look into the queue; try again, or drop."),
        "trigger": ("worker.cli.trigger:trigger", "Have running workers do something now."),
        "db": ("worker.cli.db:db", "Upgrade, back up, restore or prune the database."),
        "completion": ("worker.cli.completion:completion", "Let your shell complete commands and names."),
    },
    "Filters, without a store": {
        "read": ("worker.cli.read:read", "Summarise documents from stdin."),
        "stories": ("worker.cli.stories:stories", "Group documents from stdin into stories."),
    },
}
COMMANDS = {name: about for group in GROUPS.values() for name, about in group.items()}


@dataclass
class Asked:
    """What was asked for before the command's name: its own options, shared by all commands."""

    config: Path | None = None
    verbose: int = 0
    quiet: bool = False


class Lazy(Group):
    """A group that imports a command when it is called, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; while completing, what is written down of it."""
        if cmd_name not in COMMANDS:
            return None
        if ctx.resilient_parsing:
            return sketch(cmd_name)
        place, line = COMMANDS[cmd_name]
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        command.short_help = line
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        for heading, commands in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:11}", line) for name, (_, line) in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads its output may have seen enough before its end, like `head`."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return code


def _colorless(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Forbid colours before the command is looked for: it may be misspelt."""
    if wanted:
        os.environ["NO_COLOR"] = "1"  # what writes logs and progress bars hears of it, too


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=("unbury run", "unbury digest --date 2026-11-23 --format markdown"),
    help="Each morning a short digest, every sentence quoted word for word from its source.",
    epilog="`unbury COMMAND -h` begins with examples. Every command has --json.",
)
@click.option("-c", "--config", type=click.Path(path_type=Path), help="The configuration (config/unbury.toml).")
@click.option("-v", "--verbose", count=True, help="Say more; twice, with tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what was asked for, and what failed.")
@click.option(
    "--no-color",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_colorless,
    help="Without colours, as with NO_COLOR=1.",
)
@click.version_option(package_name="unbury", prog_name="unbury")
@click.pass_context
def unbury(context: click.Context, config: Path | None, verbose: int, quiet: bool) -> None:
    """Hold what was asked for before the command's name."""
    context.color = colored()
    context.obj = Asked(config, verbose, quiet)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command, and end with the exit code of what came of it."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows few letters ends nothing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(unbury.main(asked, prog_name="unbury", standalone_mode=False) or 0)
    except click.ClickException as error:
        explain(error)
        sys.exit(error.exit_code)
    except UnburyError as error:
        _say(error, asked)
        sys.exit(UsageError.exit_code if isinstance(error, UnknownName) else error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        complain("stopped; nothing is lost")
        sys.exit(130)


def _say(error: UnburyError, asked: Sequence[str]) -> None:
    if any(word.startswith("-vv") for word in asked):
        import traceback

        traceback.print_exception(error)
    complain(str(error), error.hint)
