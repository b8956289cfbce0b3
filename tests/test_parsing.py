"""Parsing in a child: whatever it does, the parent goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import parsing
from worker.errors import ParsingFailed, Unparsable
from worker.parsing import Parser

ROOT = Path(__file__).parents[1]
NAMES = "echo refuse stumble endless backtrack hog chatter surroundings die freeze dawdle forge".split()
PARSERS = {name: f"tests.strange:{name}" for name in NAMES}


@pytest.fixture
def parser() -> Iterator[Parser]:
    """A child that may take a second, and 512 MB."""
    made = Parser(PARSERS, seconds=1.0, memory=2**29)
    yield made
    made.close()


def test_a_value_comes_back(parser: Parser) -> None:
    """Bytes and values go in, a value comes out, and the same child answers again."""
    first = parser.parsed("echo", "Größe".encode(), language="de", depth=3)
    again = parser.parsed("echo", b"x" * 3_000_000)

    assert (first["content"], first["values"]) == ("Größe", {"language": "de", "depth": 3})
    assert len(again["content"]) == 3_000_000
    assert first["process"] == again["process"] != os.getpid()


def test_a_refusal_names_the_line(parser: Parser) -> None:
    """What is not what it should be is refused with a sentence and a line."""
    with pytest.raises(Unparsable, match="no recipe") as refused:
        parser.parsed("refuse", b"")
    assert refused.value.line == 7


def test_a_library_that_raises_ends_nothing(parser: Parser) -> None:
    """Its error is told, and the child lives on."""
    process = parser.parsed("echo", b"")["process"]
    with pytest.raises(ParsingFailed, match="KeyError: 'x'"):
        parser.parsed("stumble", b"x")
    assert parser.parsed("echo", b"")["process"] == process


@pytest.mark.parametrize("name", ["endless", "backtrack", "freeze"])
def test_what_never_ends_is_ended(parser: Parser, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python, in compiled code or frozen: the child is killed, and the next one answers."""
    monkeypatch.setattr(parsing, "_GRACE", 1.0)
    with pytest.raises(ParsingFailed, match="longer than 1 s"):
        parser.parsed(name, b"")
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_what_takes_too_much_memory_is_ended(parser: Parser) -> None:
    """The limit is the child's, the parent has it all."""
    with pytest.raises(ParsingFailed, match="more than 512 MB"):
        parser.parsed("hog", b"")
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_a_crash_is_told(parser: Parser) -> None:
    """A child that ends with a signal says with which."""
    with pytest.raises(ParsingFailed, match="signal 11"):
        parser.parsed("die", b"")
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_a_child_killed_between_two_requests_is_replaced(parser: Parser) -> None:
    """Nobody notices, or one request fails; the one after it never."""
    os.kill(parser.parsed("echo", b"")["process"], signal.SIGKILL)
    time.sleep(0.2)
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_what_a_library_prints_is_no_answer(parser: Parser) -> None:
    """Neither Python's print nor a write to the descriptor gets into the frames."""
    assert parser.parsed("chatter", b"") == "done"
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_the_child_knows_no_secret(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the parent's environment it has the path and nothing else."""
    monkeypatch.setenv("UNBURY_DATABASE_URL", "postgresql://unbury:canary@db/unbury")
    found = parser.parsed("surroundings", b"")
    assert "canary" not in str(found)
    assert not [name for name in found if name.startswith("UNBURY")]


class _OutOfPatience(Exception):
    """As Celery's SoftTimeLimitExceeded: raised by a signal, wherever the parent is."""


def test_an_answer_nobody_waited_for_is_nobodys(parser: Parser) -> None:
    """Who is interrupted while he waits leaves no answer behind that the next one would take for his."""

    def interrupt(*_: object) -> None:
        raise _OutOfPatience

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        parser.parsed("echo", b"")  # the child runs
        with pytest.raises(_OutOfPatience):
            for _ in range(100):
                parser.parsed("dawdle", b"A")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert parser.parsed("dawdle", b"B") == "B"
    assert parser.parsed("dawdle", b"C") == "C"


def test_an_answer_to_another_request_is_refused(parser: Parser) -> None:
    """An answer bears the number of its request; any other ends the child."""
    with pytest.raises(ParsingFailed, match="answered another request"):
        parser.parsed("forge", b"")
    assert parser.parsed("echo", b"still here")["content"] == "still here"


def test_only_what_is_listed_can_be_asked_for() -> None:
    """The name of a request is no path."""
    made = Parser({}, seconds=5.0)
    with pytest.raises(ParsingFailed):
        made.parsed("tests.strange:echo", b"")
    made.close()


def test_a_fork_has_a_child_of_its_own(parser: Parser) -> None:
    """A forked process does not speak to its parent's child."""
    process = parser.parsed("echo", b"")["process"]
    told, tell = os.pipe()
    if (forked := os.fork()) == 0:
        os.write(tell, str(parser.parsed("echo", b"")["process"]).encode())
        parser.close()
        os._exit(0)
    os.waitpid(forked, 0)
    other = int(os.read(told, 20))
    os.close(told)
    os.close(tell)

    assert other != process
    assert parser.parsed("echo", b"")["process"] == process


def test_the_child_goes_with_its_parent() -> None:
    """A parent that is killed -9 while the child loops leaves nothing behind for long."""
    program = (
        "import sys; from worker.parsing import Parser\n"
        f"parser = Parser({PARSERS!r}, seconds=1.0)\n"
        "print(parser.parsed('echo', b'')['process'], flush=True)\n"
        "parser.parsed('endless', b'')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        time.sleep(0.2)
        parent.kill()
    end = time.monotonic() + 20
    while _runs(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
