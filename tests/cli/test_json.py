"""What each command answers with --json has the shape that docs/json.md shows."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli.desk import BELL, DAY, FERRY, Desk
from tests.cli.shapes import shapes, unlike
from tests.servers import redis_server
from tests.sink import smtp_sink
from tests.web.stage import Reply, Stage, rss
from worker.cli.main import unbury

SHAPES = shapes()
#: One answers with each line, and one as another does.
LIKE = {"subscribers resume": "subscribers pause", "subscribers remove": "subscribers pause"}
IN_LINES = {"read", "stories"}


def _leaves(group: click.Group, path: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def test_every_command_has_its_shape_on_the_page() -> None:
    """And the page shows no command that is not there."""
    shown = {next(leaf for leaf in _leaves(unbury) if name.startswith(leaf)) for name in SHAPES}
    assert shown | LIKE.keys() | IN_LINES == set(_leaves(unbury))


def test_every_command_answers_in_its_shape(desk: Desk, tmp_path: Path) -> None:
    """One after the other, at a desk with a feed, two readers, a mail server, and a queue."""
    with Stage() as stage, smtp_sink() as sink:
        stage.says("/feed", Reply(200, rss("Ferry", "Bell", "School", "Bridge")))
        _configure(desk, sink.port)
        checked = {name: list(unlike(SHAPES[LIKE.get(name, name)], answer)) for name, answer in _answers(desk, stage)}
    assert {name: wrong for name, wrong in checked.items() if wrong} == {}
    assert checked.keys() | {"serve", "work"} == SHAPES.keys() | LIKE.keys()


def _configure(desk: Desk, port: int) -> None:
    desk.configure(
        '[sources.seeds]\n[web]\nallow = ["127.0.0.0/8"]\ndelay = 0.0\n[digests.daily]\nzone = "UTC"\n'
        f'subscribers = ["one@example.org"]\n[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    )
    desk.seed("bell", *BELL, BELL[0])
    desk.seed("ferry", *FERRY)
    (desk.folder / "seeds" / "bad.txt").write_bytes(b"")


def _answers(desk: Desk, stage: Stage) -> Iterator[tuple[str, object]]:
    """What each command answers, in an order in which each has something to say."""

    def asked(name: str, *more: str) -> tuple[str, object]:
        found = desk.call(*name.split(), *more, "--json")
        assert found.out, f"{name}: {found.err}"
        return name, found.json

    (desk.folder / "reader.opml").write_text(
        '<opml version="2.0"><body><outline xmlUrl="http://127.0.0.1:1/f"/></body></opml>'
    )
    yield asked("init", "elsewhere")
    yield asked("config check")
    yield asked("config show")
    yield asked("config reference")
    yield asked("config schema")
    yield asked("completion", "fish")
    yield asked("db upgrade")
    yield asked("feeds import", "reader.opml")
    yield asked("feeds remove", "http://127.0.0.1:1/f")
    yield asked("feeds add", stage.url())
    yield asked("feeds test", stage.url())
    yield asked("feeds export")
    yield asked("ingest", "seeds/bell.txt")
    yield asked("digest --dry-run", "--date", DAY)
    _, ran = asked("run", "--date", DAY)
    yield "run", ran
    yield asked("feeds list")
    sentence = json.loads(desk.written()[f"{DAY}/digest.json"])["sections"][0]["stories"][0]["sentences"][0]["id"]
    yield asked("explain", sentence)
    yield asked("show", "https://lantern.example/bell")
    yield asked("why", "https://lantern.example/bell")
    yield asked("account", "--date", DAY)
    yield asked("verify", DAY)
    yield asked("replay", "--from", DAY)
    yield asked("export", "--out", "shelf")
    yield asked("digest --preview", "--date", DAY)
    yield asked("digest --to", "two@example.org", "--date", DAY)
    yield asked("subscribers add", "three@example.org")
    yield asked("subscribers pause", "three@example.org")
    yield asked("subscribers resume", "three@example.org")
    yield asked("subscribers list")
    yield asked("subscribers remove", "three@example.org")
    yield asked("mail test", "one@example.org")
    yield asked("doctor")
    yield asked("jobs list")
    yield asked("jobs retry", "ingest", "seeds")
    yield asked("status")
    yield asked("jobs drop", "ingest", "seeds")
    yield asked("db backup", "kept.db")
    yield asked("db restore", "kept.db", "--replace")
    yield asked("db prune")
    with redis_server() as url:
        # In a process of its own: Celery's app is made once in each, with the broker that was set then.
        told = desk.spawn("trigger", "ingest", "seeds", "--detach", "--json", environ={"UNBURY_BROKER_URL": url})
        yield "trigger", told.json


def test_what_stays_at_work_answers_in_its_shape(desk: Desk) -> None:
    """A line for each job, and the address before it is served."""
    pytest.importorskip("uvicorn")
    desk.seed("bell", *BELL)
    assert list(unlike(SHAPES["work"], json.loads(_first_line(desk, "work", "--json")))) == []
    said = _first_line(desk, "serve", "--port", "0", "--json", until="}\n")
    assert list(unlike(SHAPES["serve"], json.loads(said))) == []


def _first_line(desk: Desk, *arguments: str, until: str = "") -> str:
    with desk.start(*arguments) as process:
        assert process.stdout
        said = process.stdout.readline()
        while until and not said.endswith(until):
            said += process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
    return said


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"a": 1, "n": None}, []),
        ({"a": "1", "n": 2.5}, [".a is not 'count': '1'"]),
        ({"n": 1}, [".a is missing"]),
        ({"a": 1, "n": 1, "z": 1}, [".z is not on the page"]),
        ({"a": 1, "n": "x", "l": [1]}, [".l[] is not 'text': 1", ".n is not 'number or none': 'x'"]),
    ],
)
def test_what_is_unlike_its_shape_is_found(value: object, wrong: list[str]) -> None:
    """The comparison is no decoration."""
    assert sorted(unlike({"a": "count", "n": "number or none", "l?": ["text"]}, value)) == sorted(wrong)
