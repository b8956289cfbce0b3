"""Completion: what a shell is told when somebody presses TAB, and how little is imported for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.cli.desk import COMMAND, Desk, environment
from worker.cli.main import COMMANDS

#: What a key press must not wait for.
_SLOW = {"numpy", "sumy", "sqlalchemy", "pydantic", "celery", "rich", "structlog", "jinja2", "feedparser", "httpx2"}
CONFIG = """
[sources.papers]
kind = "files"
[digests.daily]
[digests.weekly]
"""


def completed(desk: Desk, *words: str) -> list[str]:
    """What is offered for the last of the words."""
    environ = {"COMP_WORDS": " ".join(["unbury", *words]), "COMP_CWORD": str(len(words))}
    answer = desk.spawn(environ={**environ, "_UNBURY_COMPLETE": "bash_complete"})
    assert answer.err == ""
    return [line.partition(",")[2] for line in answer.out.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("dig",), ["digest"]),
        (("feeds", "re"), ["remove"]),
        (("config", ""), ["check", "reference", "schema", "show"]),
        (("digest", "--fo"), ["--format"]),
        (("subscribers", "add", "--d"), ["--digest"]),
        (("--no",), ["--no-color"]),
        (("digest", "--format", "ma"), ["markdown"]),
        (("jobs", "list", "--state", "d"), ["due", "done", "dead"]),
        (("run", "--digest", ""), ["daily", "weekly"]),
        (("trigger", "ingest", ""), ["papers"]),
        (("trigger", "compose", ""), ["daily", "weekly"]),
        (("verify", "2026"), ["2026-11-20", "2026-11-21"]),
        (("digest", "--date", "2026"), ["2026-11-20", "2026-11-21"]),
        (("-c", "other.toml", "run", "--digest", ""), ["evening"]),
    ],
    ids=" ".join,
)
def test_commands_options_and_names_are_completed(desk: Desk, words: tuple[str, ...], offered: list[str]) -> None:
    """Those of the configuration that is meant, and the days that have a folder of editions."""
    desk.configure(CONFIG)
    (desk.folder / "other.toml").write_text("[digests.evening]\n", encoding="utf-8")
    for place in ("2026-11-20", "weekly/2026-11-21", "latest"):
        (desk.folder / "out" / place).mkdir(parents=True)
    assert completed(desk, *words) == offered


@pytest.mark.parametrize("command", ["verify", "ingest"])
def test_a_shell_completes_files_by_itself(desk: Desk, command: str) -> None:
    """Where a command takes files, it is told to."""
    environ = {"COMP_WORDS": f"unbury {command} se", "COMP_CWORD": "2", "_UNBURY_COMPLETE": "bash_complete"}
    assert desk.spawn(environ=environ).out == "file,se\n"


def test_what_a_command_does_is_said_in_the_same_words(desk: Desk) -> None:
    """By a shell that shows it and by the help."""
    environ = {"COMP_WORDS": "unbury ", "COMP_CWORD": "1", "_UNBURY_COMPLETE": "zsh_complete"}
    words = desk.spawn(environ=environ).out.splitlines()
    shown = dict(zip(words[1::3], words[2::3], strict=True))
    assert shown == {name: line for name, (_, line) in COMMANDS.items()}


def test_feeds_are_completed_by_their_names(desk: Desk) -> None:
    """Their addresses have colons, at which bash would end a word."""
    name = desk.call("feeds", "add", "https://blog.example/feed?a=1&b=2", "--unseen", "--json").json["name"]
    assert completed(desk, "feeds", "remove", "blog") == [name]
    assert desk.call("feeds", "remove", name).code == 0


def test_a_broken_configuration_completes_commands_all_the_same(desk: Desk) -> None:
    """And says nothing: nobody wants an error in the line they type."""
    desk.configure("[digests.daily\n")
    assert completed(desk, "run", "--digest", "") == []
    assert completed(desk, "run", "--dig") == ["--digest"]


def test_nothing_slow_is_imported_at_a_key_press(desk: Desk) -> None:
    """Not even for the options of a command that does much."""
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from worker.cli.main import main\n"
        "main([])"
    )
    environ = {"COMP_WORDS": "unbury run --d", "COMP_CWORD": "2", "_UNBURY_COMPLETE": "bash_complete"}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(environ),
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.partition(",")[2] for line in ended.stdout.splitlines()} == {"--date", "--digest", "--dry-run"}
    assert {name.split(".")[0] for name in json.loads(ended.stderr)} & _SLOW == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(desk: Desk, shell: str) -> None:
    """Where the shell is on this machine, it finds no fault with it."""
    script = desk.call("completion", shell).out
    assert "_UNBURY_COMPLETE" in script
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash on this machine")
def test_bash_completes_with_the_script(desk: Desk) -> None:
    """The function that the script makes fills in what bash shows."""
    script = desk.call("completion", "bash").out
    (desk.folder / "unbury").write_text(f"#!/bin/sh\nexec {COMMAND[0]} -c '{COMMAND[2]}' \"$@\"\n", encoding="utf-8")
    (desk.folder / "unbury").chmod(0o755)
    said = f'{script}\nCOMP_WORDS=(unbury config s); COMP_CWORD=2\n_unbury_completion unbury; echo "${{COMPREPLY[@]}}"'
    environ = environment({"PATH": f"{desk.folder}:/usr/bin:/bin"})
    ended = subprocess.run(["bash", "-c", said], env=environ, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["schema", "show"]
