"""The command's grammar: help, JSON everywhere, and what is said of a slip of the pen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import click
import pytest

from tests.cli.desk import ROOT, Desk, environment
from tests.cli.terminal import typed
from worker.cli.main import COMMANDS, unbury

_SLOW = {
    *("numpy", "sumy", "sqlalchemy", "pydantic", "celery", "rich", "structlog", "jinja2", "courlan", "sentencex"),
    *("alembic", "redis", "rensa", "feedparser"),
}


def _commands(
    group: click.Group = unbury, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


ALL = dict(_commands())
LEAVES = {path: command for path, command in ALL.items() if not isinstance(command, click.Group)}


def test_all_commands_are_looked_at() -> None:
    """The commands that the tests below go through are those of the product, subcommands included."""
    assert {path[0] for path in ALL} == set(COMMANDS)
    assert {("config", "check"), ("config", "show"), ("db", "upgrade")} <= set(LEAVES)


@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_begins_with_examples(desk: Desk, path: tuple[str, ...], flag: str) -> None:
    """Help shows, right after the usage, at least two lines that can be typed as they stand."""
    answer = desk.call(*path, flag)
    assert (answer.code, answer.err) == (0, "")
    usage, heading, examples, *_ = answer.out.split("\n\n")[0:1] + re.split(r"(Examples:\n)", answer.out)[1:]
    assert usage.startswith("Usage: unbury")
    assert answer.out.split("\n\n")[1].lstrip().startswith(heading)
    shown = [line.strip() for line in examples.split("\n\n")[0].splitlines()]
    assert len(shown) >= 2
    assert all(line.startswith("unbury") for line in shown)
    assert all(" ".join(path) in line for line in shown)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_answers_in_json(path: tuple[str, ...]) -> None:
    """Each command that does something has the flag --json."""
    assert any("--json" in parameter.opts for parameter in LEAVES[path].params)


def test_help_lists_every_command_with_its_own_words(desk: Desk) -> None:
    """`unbury --help` names each command and what it is for."""
    out = desk.call("--help").out
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", out, re.MULTILINE)


def test_help_imports_nothing_slow() -> None:
    """`unbury --help` answers without importing one of the large libraries."""
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from worker.cli.main import main\n"
        "main(['--help'])"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, env=environment({}), cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {name.split(".")[0] for name in json.loads(ended.stderr)}
    assert "Usage: unbury" in ended.stdout
    assert "click" in imported
    assert imported & _SLOW == set()


def test_the_version_is_the_packages(desk: Desk) -> None:
    """`unbury --version` names the version, if the package is installed."""
    try:
        installed = version("unbury")
    except PackageNotFoundError:
        pytest.skip("the package unbury is not installed here, only its tree is used")
    assert desk.call("--version").out == f"unbury, version {installed}\n"


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("rum",), "'run'"),
        (("digset",), "'digest'"),
        (("run", "--jsn"), "'--json'"),
        (("run", "--fail-if-emty"), "'--fail-if-empty'"),
        (("digest", "--fromat", "text"), "'--format'"),
        (("config", "chek"), "'check'"),
        (("db", "upgade"), "'upgrade'"),
        (("--confg", "a.toml", "run"), "'--config'"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_the_nearest(desk: Desk, arguments: tuple[str, ...], near: str) -> None:
    """An unknown command or option ends with 2, and stderr names the nearest known one."""
    answer = desk.call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    error, hint = answer.err.splitlines()
    assert error.startswith("error: unbury")
    assert f"hint: did you mean {near}?" in hint


@pytest.mark.parametrize(
    "arguments",
    [
        ("xyzzy",),
        ("run", "--xyzzy"),
        ("run", "--date", "2022-2-8"),
        ("run", "--date", "tomorrow"),
        ("digest", "--edition", "0"),
        ("digest", "--edition", "two"),
        ("ingest",),
        ("show",),
        ("read",),
        ("read", "--jsonl", "--sentences", "0"),
        ("run", "superfluous"),
    ],
)
def test_wrong_usage_ends_with_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    """What cannot be meant ends with 2, with words on stderr only, and nothing is written."""
    answer = desk.call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: ")
    assert answer.err.splitlines()[1].startswith("hint: `unbury")
    assert not (desk.folder / "var").exists()


def test_what_is_wrong_with_an_option_names_its_command(desk: Desk) -> None:
    """Help on the command that was typed, not on all."""
    answer = desk.call("digest", "--date")
    assert answer.code == 2
    assert answer.err.endswith("hint: `unbury digest -h` shows how it is used\n")


@pytest.mark.parametrize("command", ["trigger", "completion"])
def test_what_is_missing_is_said_in_a_line(desk: Desk, command: str) -> None:
    """With all that it could be."""
    answer = desk.call(command)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 2
    assert "\t" not in answer.err


@pytest.mark.parametrize(
    ("arguments", "environ"), [(("--no-color", "stauts"), {}), (("stauts",), {"TERM": "dumb"})], ids=["option", "dumb"]
)
def test_a_misspelt_command_keeps_to_no_colours(
    desk: Desk, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    """Whoever forbids them sees none, whatever else is wrong."""
    code, said = typed(desk.folder, *arguments, environ=environ)
    assert code == 2
    assert "stauts" in said
    assert "\x1b[" not in said


@pytest.mark.parametrize("command", ["export", "replay"])
def test_the_first_day_is_not_after_the_last(desk: Desk, command: str) -> None:
    """It was mistyped, then."""
    answer = desk.call(command, "--from", "2026-11-26", "--to", "2026-11-20")
    assert answer.code == 2
    assert "--from is after --to" in answer.err


@pytest.mark.parametrize(
    ("typed_", "hint"),
    [
        (("subscribers", "rm", "a@example.org"), "did you mean 'remove'?"),
        (("feeds", "delete", "x"), "did you mean 'remove'?"),
        (("config", "validate"), "did you mean 'check'?"),
        (("digest", "2026-11-25"), "unbury digest --date 2026-11-25"),
        (("--json", "status"), "it stands behind the command: unbury status --json"),
    ],
)
def test_what_other_programs_call_it_is_understood(desk: Desk, typed_: tuple[str, ...], hint: str) -> None:
    """And what stands in another place."""
    answer = desk.call(*typed_)
    assert answer.code == 2
    assert answer.err.endswith(f"hint: {hint}\n")
