"""How the command ends: an exit code for each way, words on stderr, never a traceback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, ROOT, Desk
from worker.store.database import Database

_ENDLESS = '''
"""A ranker that says it has begun, and then waits for as long as the file "wait" is there."""
import pathlib, time

class Ranker:
    def __init__(self, language, **cues):
        pass

    def rank(self, title, sentences, *, ordered):
        pathlib.Path("begun").touch()
        while pathlib.Path("wait").exists():
            time.sleep(0.02)
        return [float(len(sentence.text)) for sentence in sentences]
'''


@pytest.mark.parametrize(
    ("config", "says", "hint"),
    [
        ("[sources.seeds\n", "not valid TOML", "mend"),
        ("otu = 1\n", "no key 'otu'", "did you mean 'out'"),
        ("[digests.daily]\nzon = 'UTC'\n", "no key 'digests.daily.zon'", "did you mean 'digests.daily.zone'"),
        ("[digests.daily]\nzone = 'Mars/Base'\n", "'Mars/Base'", "config reference digests"),
        ("[digests.daily]\nstories = 0\n", "'digests.daily.stories' is 0", "config reference digests"),
        ("[digests.daily]\nranker = 'lexrnk'\n", "no ranker named 'lexrnk'", "did you mean 'lexrank'"),
        ("[digests.daily]\nforms = ['htlm']\n", "no form named 'htlm'", "did you mean 'html'"),
        ("[sources.a]\nkind = 'seedz'\n", "no source kind named 'seedz'", "did you mean 'seeds'"),
        ("database_url = 'nonsense'\n", "database_url cannot be used", "sqlite:///"),
        ("database_url = 'oracel://a/b'\n", "database_url cannot be used", "sqlite:///"),
    ],
)
@pytest.mark.parametrize("command", [("run",), ("config", "check")], ids=" ".join)
def test_a_bad_configuration_ends_with_3(
    desk: Desk, command: tuple[str, ...], config: str, says: str, hint: str
) -> None:
    """A configuration that cannot be used ends with 3, says what is wrong and what to do, and nothing is made."""
    desk.configure(config)
    answer = desk.call(*command)
    assert (answer.code, answer.out) == (3, "")
    error, hinted = answer.err.splitlines()
    assert error.startswith("error: ")
    assert says in error
    assert hinted.startswith("hint: ")
    assert hint in hinted
    assert not (desk.folder / "var").exists()


def test_a_configuration_that_is_not_there_ends_with_3(desk: Desk) -> None:
    """A file that is named with -c and is missing ends with 3."""
    answer = desk.call("-c", "gone.toml", "run")
    assert answer.code == 3
    assert "gone.toml cannot be read" in answer.err


def test_a_wrong_variable_ends_with_3(desk: Desk) -> None:
    """A variable with our prefix that is no setting ends with 3, and the nearest is named."""
    desk.monkeypatch.setenv("UNBURY_DATABASE_ULR", "sqlite:///x.db")
    answer = desk.call("config", "check")
    assert answer.code == 3
    assert "UNBURY_DATABASE_ULR" in answer.err
    assert "did you mean UNBURY_DATABASE_URL?" in answer.err


@pytest.mark.parametrize(
    "command", [("run",), ("status",), ("db", "upgrade"), ("digest",), ("show", "abcd")], ids=" ".join
)
@pytest.mark.parametrize("place", ["file/unbury.db", "folder"])
def test_a_database_that_cannot_be_reached_ends_with_4(desk: Desk, command: tuple[str, ...], place: str) -> None:
    """A database below a file, or one that is a folder, ends with 4 and names its place."""
    (desk.folder / "file").write_text("in the way", encoding="utf-8")
    (desk.folder / "folder").mkdir()
    desk.configure(f'database_url = "sqlite:///{place}"\n{CONFIG}')
    answer = desk.call(*command)
    assert (answer.code, answer.out) == (4, "")
    assert answer.err.startswith("error: ")
    assert place in answer.err


def test_a_server_that_does_not_answer_ends_with_4(desk: Desk) -> None:
    """A PostgreSQL that nobody runs ends with 4, and the password is not in what is said."""
    pytest.importorskip("psycopg")
    desk.configure(f'database_url = "postgresql+psycopg://me:hush-hush@127.0.0.1:1/unbury"\n{CONFIG}')
    answer = desk.call("status")
    assert answer.code == 4
    assert "127.0.0.1:1" in answer.err
    assert "hush-hush" not in answer.err


def test_one_bad_seed_ends_with_5_and_the_others_are_told(desk: Desk) -> None:
    """A run with a bad file ends with 5, names it on stderr, and tells the good ones."""
    desk.seed("bell", *BELL)
    desk.seed("ferry", *FERRY)
    (desk.folder / "seeds" / "bad.txt").write_bytes(b"")
    answer = desk.call("run")
    assert answer.code == 5
    assert "failed: seeds/bad.txt:1: the file is empty" in answer.err
    assert "2 new, 0 revised, 0 unchanged, 1 failed" in answer.err
    assert "1. " in answer.out
    assert "2. " in answer.out
    assert "bad.txt" not in answer.out


def test_a_warning_is_no_failure(desk: Desk) -> None:
    """A file with an impossible date is warned of and told; the run ends with 0."""
    desk.seed("bell", *BELL, day="20221345")
    desk.seed("ferry", *FERRY, day="29991231")
    answer = desk.call("run")
    assert answer.code == 0
    assert "warning: seeds/bell.txt:2: '20221345' is no date" in answer.err
    assert "2999-12-31 is an impossible date" in answer.err
    assert "2 documents read" in answer.out


def test_fail_if_empty_ends_with_6_when_nothing_is_new(desk: Desk) -> None:
    """With --fail-if-empty a first run ends with 0, a second with 6; without it with 0."""
    desk.seed("bell", *BELL)
    assert desk.call("run", "--fail-if-empty").code == 0
    assert desk.call("run", "--fail-if-empty").code == 6
    assert desk.call("run").code == 0


@pytest.mark.parametrize("command", [("run",), ("ingest", "seeds")], ids=" ".join)
def test_another_run_ends_with_7(desk: Desk, command: tuple[str, ...]) -> None:
    """While another run holds the lock, a run ends with 7 and takes nothing in; afterwards it works."""
    desk.seed("bell", *BELL)
    assert desk.call("db", "upgrade").code == 0
    database = Database("sqlite:///var/unbury.db")
    with database.sole_run():
        answer = desk.call(*command)
    assert (answer.code, answer.out) == (7, "")
    assert "another run holds" in answer.err
    assert desk.call("status", "--json").json["documents"] == 0
    assert desk.call(*command).code == 0
    database.close()


@pytest.mark.parametrize("command", [("status",), ("show", "https://lantern.example/bell"), ("digest", "--date", DAY)])
def test_looking_needs_no_lock(desk: Desk, command: tuple[str, ...]) -> None:
    """What only looks works while a run holds the lock."""
    desk.seed("bell", *BELL)
    assert desk.call("run", "--date", DAY).code == 0
    database = Database("sqlite:///var/unbury.db")
    with database.sole_run():
        assert desk.call(*command).code == 0
    database.close()


def test_an_interrupted_run_ends_with_130_and_the_next_completes(desk: Desk) -> None:
    """Ctrl-C ends a run with 130 and a short word; the next run reads and tells what was left, once."""
    desk.seed("bell", *BELL)
    desk.seed("ferry", *FERRY)
    (desk.folder / "endless.py").write_text(_ENDLESS, encoding="utf-8")
    (desk.folder / "wait").touch()
    environ = {"PYTHONPATH": str(desk.folder)}
    ranker = 'ranker = "endless:Ranker"'
    desk.configure(f"{CONFIG}{ranker}\n[reading]\n{ranker}\n")
    with desk.start("run", environ=environ) as process:
        _wait_for(desk.folder / "begun", process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.split("\n")[-2:] == ["error: stopped; nothing is lost", ""]
    assert "Traceback" not in err
    (desk.folder / "wait").unlink()
    again = desk.spawn("run", "--json", environ=environ)
    assert again.code == 0
    assert again.json["ingested"]["unchanged"] == 2
    (edition,) = again.json["editions"]
    assert {story["headline"] for story in edition["sections"][0]["stories"]} == {"Bell", "Ferry"}
    desk.configure()
    assert desk.call("status", "--json").json["troubles"] == []


def _wait_for(sign: Path, process: subprocess.Popen[str]) -> None:
    """Returns once the sign is there; fails if the process ends before."""
    while not sign.exists():
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"ended with {process.returncode} before it had begun: {process.communicate()}")


def _held(desk: Desk) -> int:
    """How a run ends while another one holds the lock."""
    assert desk.call("db", "upgrade").code == 0
    database = Database("sqlite:///var/unbury.db")
    with database.sole_run():
        code = desk.call("run").code
    database.close()
    return code


def _cut_off(desk: Desk) -> int:
    (desk.folder / "file").write_text("in the way", encoding="utf-8")
    desk.configure(f'database_url = "sqlite:///file/unbury.db"\n{CONFIG}')
    return desk.call("status").code


def _partly(desk: Desk) -> int:
    desk.seed("bad").write_bytes(b"")
    return desk.call("run").code


#: How a command comes to end with each code; 130 has a test of its own above.
_ENDS: dict[int, Callable[[Desk], int]] = {
    0: lambda desk: desk.call("status").code,
    1: lambda desk: desk.call("show", "nothing").code,
    2: lambda desk: desk.call("status", "--xyzzy").code,
    3: lambda desk: desk.call("-c", "gone.toml", "status").code,
    4: _cut_off,
    5: _partly,
    6: lambda desk: desk.call("run", "--fail-if-empty").code,
    7: _held,
}


@pytest.mark.parametrize("code", _ENDS)
def test_each_exit_code_is_that_of_the_table(desk: Desk, code: int) -> None:
    """One way to come to each."""
    assert _ENDS[code](desk) == code


@pytest.mark.parametrize(("page", "codes"), [("README.md", {*_ENDS, 130}), ("docs/commands.md", {*_ENDS, 130})])
def test_the_table_names_each_exit_code(page: str, codes: set[int]) -> None:
    """And no other."""
    said = (ROOT / page).read_text(encoding="utf-8").partition("Exit codes: ")[2].partition(".\n")[0]
    assert {int(number) for number in re.findall(r"(?:^|, )(\d+) ", said.replace("\n", " "))} == codes


def test_a_process_of_its_own_ends_as_it_should(desk: Desk) -> None:
    """As a real process: the code is the process's, data goes to stdout and all else to stderr, in any locale."""
    desk.seed("bell", *BELL, title="Bell — “found”")
    (desk.folder / "seeds" / "bad.txt").write_bytes(b"")
    answer = desk.spawn("run", "--date", DAY, environ={"LC_ALL": "C"})
    assert answer.code == 5
    assert answer.out.encode() == desk.written()[f"{DAY}/digest.txt"]
    assert "failed: seeds/bad.txt:1" in answer.err
    assert "Traceback" not in answer.err


def test_a_terminal_that_knows_few_letters_ends_nothing(desk: Desk) -> None:
    """Where stdout cannot write a letter of the digest, something stands for it, and nothing falls over."""
    desk.seed("bell", *BELL, title="Bell — “found”")
    answer = desk.spawn("run", "--date", DAY, environ={"PYTHONIOENCODING": "latin-1"})
    assert (answer.code, "Traceback" in answer.err) == (0, False)
    assert "1. Bell" in answer.out


@pytest.mark.parametrize("command", [("digest", "--date", DAY), ("run", "--help")], ids=" ".join)
def test_output_that_nobody_reads_ends_quietly(desk: Desk, command: tuple[str, ...]) -> None:
    """A reader that has gone, like `head -1`, is no failure: exit code 0 and nothing on stderr."""
    desk.seed("bell", *BELL)
    assert desk.call("run", "--date", DAY).code == 0
    reading, writing = os.pipe()
    os.close(reading)
    with desk.start(*command, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


def test_serving_ends_as_usual_with_a_signal(desk: Desk) -> None:
    """Ctrl-C is no failure of what runs until it is ended."""
    pytest.importorskip("uvicorn")
    with desk.start("serve", "--port", "0") as process:
        assert process.stderr
        assert "serving on" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, "error" in err) == (0, False)
