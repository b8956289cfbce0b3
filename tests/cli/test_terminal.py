"""What a person sees: colours and bars on a terminal and nowhere else, and less of it when asked for quiet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk
from tests.cli.terminal import typed

_ESCAPE = "\x1b["
#: A ranker that takes longer than anybody looks on without a bar.
_SLOW = '''
"""Takes its time."""
import time

class Ranker:
    def __init__(self, language, **cues):
        pass

    def rank(self, title, sentences, *, ordered):
        time.sleep(1.0)
        return [1.0 for _ in sentences]
'''


def test_an_error_has_colours_on_a_terminal_only(desk: Desk) -> None:
    """Not in a file or a pipe, not with NO_COLOR, not with --no-color."""
    code, said = typed(desk.folder, "rum")
    assert code == 2
    assert _ESCAPE in said
    assert "did you mean 'run'?" in said
    assert _ESCAPE not in typed(desk.folder, "rum", environ={"NO_COLOR": "1"})[1]
    assert _ESCAPE not in typed(desk.folder, "--no-color", "status", "--xyzzy")[1]
    assert _ESCAPE not in desk.spawn("rum").err


def test_answers_have_colours_on_a_terminal_only(desk: Desk) -> None:
    """What the doctor finds is green or red; with --no-color nothing is."""
    desk.seed("bell", *BELL)
    assert f"{_ESCAPE}32m" in typed(desk.folder, "doctor")[1]
    assert f"{_ESCAPE}32m" not in typed(desk.folder, "--no-color", "doctor")[1]
    assert _ESCAPE not in desk.spawn("doctor").out


def test_logs_have_colours_on_a_terminal_only(desk: Desk) -> None:
    """Even where they are set to be text."""
    desk.seed("bell", *BELL)
    desk.configure('[log]\nformat = "text"\nlevel = "debug"\n')
    assert "[debug" in desk.spawn("-vv", "run", "--date", DAY).err
    assert _ESCAPE not in desk.spawn("-vv", "run").err
    assert _ESCAPE in typed(desk.folder, "-vv", "status")[1]
    assert _ESCAPE not in typed(desk.folder, "--no-color", "-vv", "status")[1]


@pytest.mark.parametrize(
    ("options", "shown"), [((), True), (("--quiet",), False), (("--no-color",), True)], ids=["", "quiet", "no colours"]
)
def test_what_takes_its_time_shows_a_bar(desk: Desk, options: tuple[str, ...], shown: bool) -> None:
    """On a terminal and not with --quiet; the digest is printed all the same."""
    code, said = _slow(desk, *options)
    assert code == 0
    assert ("━" in said) is shown
    assert "1. Bell" in said


def _slow(desk: Desk, *options: str) -> tuple[int, str]:
    desk.seed("bell", *BELL)
    (desk.folder / "slow.py").write_text(_SLOW, encoding="utf-8")
    desk.configure('[digests.daily]\nzone = "UTC"\nranker = "slow:Ranker"\n')
    return typed(desk.folder, *options, "run", "--date", DAY, environ={"PYTHONPATH": str(desk.folder)})


def test_in_a_pipe_there_is_no_bar(desk: Desk) -> None:
    """However long it takes."""
    desk.seed("bell", *BELL)
    (desk.folder / "slow.py").write_text(_SLOW, encoding="utf-8")
    desk.configure('[digests.daily]\nzone = "UTC"\nranker = "slow:Ranker"\n')
    answer = desk.spawn("run", "--date", DAY, environ={"PYTHONPATH": str(desk.folder)})
    assert (answer.code, "━" in answer.out + answer.err) == (0, False)


def test_quiet_says_what_was_asked_for_and_what_failed(desk: Desk) -> None:
    """The digest stands on stdout; of all the rest only the failure is said."""
    desk.seed("bell", *BELL)
    desk.seed("ferry", *FERRY, day="20221345")
    (desk.folder / "seeds" / "bad.txt").write_bytes(b"")
    answer = desk.call("-q", "run", "--date", DAY)
    assert answer.code == 5
    assert "1. Bell" in answer.out
    assert answer.err == "failed: seeds/bad.txt:1: the file is empty\n"
    assert answer.out == desk.call("digest", "--date", DAY).out


def test_what_stands_before_the_command_is_told_so(desk: Desk) -> None:
    """Whoever writes -q behind it learns where it belongs."""
    answer = desk.call("status", "-q")
    assert answer.code == 2
    assert "it stands before the command: unbury -q status" in answer.err


def test_help_fits_into_80_columns(desk: Desk) -> None:
    """Every line of every command's help."""
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    helps = re.findall(r"```text\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(helps) > 30
    assert [line for one in helps for line in one.splitlines() if len(line) > 80] == []


def test_on_a_terminal_an_outlet_leads_to_its_page(desk: Desk) -> None:
    """Addresses are not spelt out there, and one line says what to open; a pipe gets all as it was written."""
    desk.seed("bell", *BELL)
    _, said = typed(desk.folder, "run", "--date", DAY)
    assert "\x1b]8;;https://lantern.example/bell\x1b\\lantern.example\x1b]8;;\x1b\\" in said
    assert "<https://" not in said
    assert re.search(r"written: \d+ files; open out/index.html\n", said)
    assert "<https://lantern.example/bell>" in desk.spawn("digest", "--date", DAY).out
    assert "<https://" not in typed(desk.folder, "digest", "--date", DAY)[1]
    assert "<https://" in typed(desk.folder, "digest", "--date", DAY, environ={"TERM": "dumb"})[1]


def test_what_is_shown_fits_a_terminal(desk: Desk) -> None:
    """Lines are broken between words, addresses never; in a pipe they stay whole."""
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    shown = typed(desk.folder, "show", "https://lantern.example/bell")[1]
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert max(map(len, desk.spawn("show", "https://lantern.example/bell").out.splitlines())) > 80


def test_no_line_of_the_log_stands_in_a_bar(desk: Desk) -> None:
    """What failed is said after it."""
    desk.seed("bell", *BELL)
    desk.configure(f'{CONFIG}webhooks = ["team"]\n[webhooks.team]\nurl = "http://127.0.0.1:9/"\nshape = "slack"\n')
    code, said = typed(desk.folder, "run", "--date", DAY)
    assert code == 1
    assert "error:" in said
    assert "not done" not in said
    desk.seed("ferry", *FERRY)
    assert "not done" in typed(desk.folder, "-v", "run", "--date", DAY)[1]
