"""Every command that the README and the docs show is run, in their order, in a copy of what a clone has.

What cannot be run here is recognised by `INSTEAD`, and checked in another way; nothing else is left out.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tests.docs.forked import forking
from tests.docs.shown import PAGES, ROOT, blocks, commands
from tests.sink import Sink
from tests.web.stage import Reply, Stage
from worker.celery import app
from worker.cli.main import unbury

_FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><link>https://lantern.example/</link>
<item><title>Bell found in a drawer</title><link>https://lantern.example/bell</link><description>A bronze bell missing
for ninety years has turned up in a drawer of the museum, where a curator looked for a box of spoons.</description></item>
</channel></rss>"""
_PAGE = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body>The Lantern</body></html>'
)
_OPML = '<opml version="2.0"><body><outline type="rss" text="Paper" xmlUrl="{web}/rss"/></body></opml>'
_NOTE = "A note\n\nThe bakery on Pier Street opens an hour earlier from Monday on.\n"

#: What stands for something of the reader's own, and what it is here. The longest are replaced first.
STAND_INS = {
    "FILE.opml": "~/reader.opml",
    "/run/secrets/": "secrets/",
    "/backups/": "backups/",
    "https://blog.example": "{web}",
    "https://paper.example/rss": "{web}/rss",
    "ADDRESS ": "{web}/rss ",
    "1a2b3c.2": '$(grep -o \'"id": *"[0-9a-f]*[.]1"\' out/latest/digest.json | head -1 | cut -d\'"\' -f4)',
}
#: Pages whose first table is the configuration of their commands, and shelf.csv what it names.
_CONFIGURED = {"docs/plugins.md"}
#: What a page takes for granted, which is done before its first command.
BEFORE = {
    "docs/digest.md": "unbury run --date 2026-11-23",
    "docs/operate.md": "unbury status",
    "docs/quickstart.md": "unbury run",
}


def _parsed(words: list[str]) -> None:
    """The command knows each word of it; nothing is done."""
    command: click.Command = unbury
    context = unbury.make_context("unbury", words[1:])
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command, context = found, found.make_context(name, rest, parent=context)


def _make(words: list[str]) -> None:
    """There is such a goal."""
    done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _compose(words: list[str]) -> None:
    """The services and profiles that are named are in the compose file, and what is run in one is right."""
    assert words[1] == "compose", words
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    profiles = {profile for service in services.values() for profile in service.get("profiles", ())}
    for option, value in pairwise(words):
        if option == "--profile":
            assert value in profiles | {"*"}
        if option == "--scale":
            assert value.partition("=")[0] in services
    if "exec" in words:
        inside = [word for word in words[words.index("exec") + 1 :] if word != "-T"]
        assert inside[0] in services
        if "build" in services[inside[0]]:  # an image of ours
            check(inside[1:])


def _celery(words: list[str]) -> None:
    """The application, queues and tasks that are named are there."""
    assert words[1:4] in ([["-A", "worker", what] for what in ("worker", "beat", "call", "flower")])
    asked = words[words.index("-Q") + 1].split(",") if "-Q" in words else []
    assert set(asked) <= {queue.name for queue in app.conf.task_queues}
    if words[3] == "call":
        app.loader.import_default_modules()
        assert words[4] in app.tasks


def _pip(words: list[str]) -> None:
    """The extras that are named are declared."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {*table["project"]["optional-dependencies"], *table["dependency-groups"]}
    named = re.findall(r"\[([\w,]+)]", " ".join(words)) + [
        value for option, value in pairwise(words) if option == "--group"
    ]
    assert {extra for extras in named for extra in extras.split(",")} <= declared


def _elsewhere(words: list[str]) -> None:
    """Another machine's program: nothing of ours to check."""


#: How a command begins that is not run here, and how it is checked instead: it needs Docker, a broker, the network,
#: root or another machine, or does not end by itself.
INSTEAD: dict[str, Callable[[list[str]], None]] = {
    "make": _make,
    "docker": _compose,
    "celery": _celery,
    "pip": _pip,
    "unbury work": _parsed,
    "unbury serve": _parsed,
    "unbury db upgrade": _parsed,
    "curl": _elsewhere,
    "git": _elsewhere,
    "export UNBURY_DATABASE_URL=postgresql": _elsewhere,
    "export UNBURY_BROKER_URL": _elsewhere,
}


def instead(command: str) -> Callable[[list[str]], None] | None:
    """The check that is made instead of running a command; None: it is run."""
    begins = (start for start in INSTEAD if re.match(rf"{re.escape(start)}(?!\w)", command))
    return INSTEAD.get(next(begins, ""))


def check(words: list[str]) -> None:
    """Check a command that is run somewhere else."""
    found = instead(shlex.join(words)) or (_parsed if words[0] == "unbury" else None)
    assert found is not None, f"nobody knows what {words[0]} is"
    found(words)


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """A paper on the web: a page, and the feed that it names."""

    with Stage() as stage:
        stage.says("/rss", Reply(200, _FEED.encode(), {"Content-Type": "application/rss+xml"}))
        stage.says("/", Reply(200, _PAGE.encode(), {"Content-Type": "text/html"}))
        yield stage.url("")


@pytest.fixture(scope="module")
def command() -> Iterator[Path]:
    """The folder in which the command is found."""
    with tempfile.TemporaryDirectory(prefix="unbury-") as folder, forking(Path(folder) / "unbury"):
        python = Path(folder) / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        yield Path(folder)


@pytest.fixture
def clone(tmp_path: Path, command: Path, web: str) -> Path:
    """What a clone has, with an environment in which the command is found, and some files of the reader's own."""
    for name in ("config", "seeds", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.png", "feeds.opml"))
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'PATH="{command}:$PATH"\n', encoding="utf-8")
    for name, content in {
        "reader.opml": _OPML.format(web=web),
        "note.md": _NOTE,
        "readers.txt": "guest@example.com\nformer@example.org\n",
        "secrets/smtp": "secret\n",
        "backups/.keep": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


_RUN = [page for page in PAGES if any(block.language == "sh" for block in blocks(page))]


@pytest.mark.parametrize("page", _RUN)
def test_what_is_shown_can_be_done(page: str, clone: Path, web: str, sink: Sink) -> None:
    """Each command of a page ends well, in the order in which they stand there."""
    _write(page, clone)
    done = subprocess.run(
        ["bash", "-c", _script(page, web)],
        cwd=clone,
        env=_environment(sink) | {"HOME": str(clone)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}", pytrace=False)


@pytest.mark.parametrize("page", _RUN)
def test_what_is_not_run_is_right_all_the_same(page: str) -> None:
    """Goals, services, queues, extras, options and tasks that are named are there."""
    for block in blocks(page):
        for command in commands(block) if block.language == "sh" else ():
            if found := instead(command):
                found(shlex.split(command.partition(" #")[0]))


def test_each_exception_is_needed() -> None:
    """No way around running a command is left open that no page takes."""
    shown = [
        command for page in _RUN for block in blocks(page) if block.language == "sh" for command in commands(block)
    ]
    assert [
        start for start in INSTEAD if not any(instead(command) and command.startswith(start) for command in shown)
    ] == []


def test_a_wrong_command_is_found() -> None:
    """The checks are no decoration: each of them refuses what is not there."""
    for wrong in (
        "make digestt",
        "docker compose --profile nothing up -d",
        "docker compose exec nobody unbury status",
        "docker compose exec worker unbury jobs list --nothing",
        "celery -A worker worker -Q nothing",
        "pip install '.[nothing]'",
        "unbury work --nothing",
        "nothing at all",
    ):
        with pytest.raises((AssertionError, click.ClickException)):
            check(shlex.split(wrong))


def _write(page: str, clone: Path) -> None:
    """What a page shows of files: a program that begins with its file's name, and what it is configured with."""
    for block in blocks(page):
        if block.language == "python" and (name := re.match(r"# (\w+\.py)\n", block.text)):
            with (clone / name[1]).open("a", encoding="utf-8") as file:
                file.write(block.text + "\n")
    if page in _CONFIGURED:
        for language, place in (("toml", "config/unbury.toml"), ("csv", "shelf.csv")):
            text = next(block.text for block in blocks(page) if block.language == language)
            (clone / place).write_text(text, encoding="utf-8")


def _script(page: str, web: str) -> str:
    """The page's commands as a script that stops at the first that fails, and names it."""
    run = [(str(block), command) for block in blocks(page) if block.language == "sh" for command in commands(block)]
    lines = [". .venv/bin/activate", BEFORE.get(page, "")]
    for where, command in run:
        if instead(command) is None:
            said = shlex.quote(f"{where}: {command}")
            lines.append(
                f"{_stood_in(command, web)}\n_code=$?; [ $_code = 0 ] || {{ echo {said} ended with $_code >&2; exit 1; }}"
            )
    return "\n".join(lines)


def _stood_in(command: str, web: str) -> str:
    for word in sorted(STAND_INS, key=len, reverse=True):
        command = command.replace(word, STAND_INS[word].replace("{web}", web))
    return command


def _environment(sink: Sink) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("UNBURY_", "PYTHONPATH"))}
    return plain | {
        "PYTHONPATH": str(ROOT),
        "UNBURY_WEB__ALLOW": "127.0.0.1",
        "UNBURY_WEB__DELAY": "0",
        "UNBURY_SMTP__HOST": "127.0.0.1",
        "UNBURY_SMTP__PORT": str(sink.port),
        "UNBURY_SMTP__SECURITY": "none",
    }
