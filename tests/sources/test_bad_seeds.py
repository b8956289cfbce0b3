"""Seed files that cannot be used, or not wholly: each is named, and stops no other."""

from __future__ import annotations

import os
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources.shelf import GOOD, Shelf
from worker.fetched import Problem, SourceState
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles

_TEXT = ("The bell hung in a drawer.", "It weighs 11 kilograms.")


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        pytest.param(b"", 1, "empty", id="empty"),
        pytest.param(b" \n\t\r\n \n", 1, "empty", id="only space"),
        pytest.param("\u00a0\n\u3000\n".encode(), 1, "no title", id="only odd space"),
        pytest.param(b"\xef\xbb\xbf", 1, "empty", id="only a byte order mark"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 3, "NUL", id="binary"),
        pytest.param(GOOD.encode("utf-16"), 1, "NUL", id="UTF-16"),
        pytest.param(GOOD.encode() + b"Caf\xe9 closed.\n", 6, "not UTF-8: byte 0xe9", id="Latin-1 in line 6"),
        pytest.param(b"Caf\xe9\n" + GOOD.encode(), 1, "not UTF-8: byte 0xe9", id="Latin-1 in line 1"),
        pytest.param(b"\xef\xbb\xbfBell\n2022\n\xe9t\xe9\n", 3, "byte 0xe9", id="BOM, then Latin-1"),
        pytest.param(GOOD.encode() + b"half a letter \xe2\x82", 6, "byte 0xe2", id="cut within a letter"),
        pytest.param(b"\nBell found\n20220208\nText it has.\n", 1, "no title", id="no title"),
        pytest.param(b"Bell found\n", 2, "half-written", id="only a title"),
        pytest.param(b"Bell found\n20220208\n", 3, "half-written", id="title and date"),
        pytest.param(b"Bell found\n20220208\nhttps://a.example/b\n", 4, "half-written", id="title, date, address"),
        pytest.param(b"Bell found\n20220208\nhttps://a.example/b\n\n \n--\n", 7, "half-written", id="no word in it"),
    ],
)
def test_a_bad_file_is_one_problem_and_stops_no_other(shelf: Shelf, content: bytes, line: int, says: str) -> None:
    """A file that cannot be used is one fatal problem with file and line; the good file beside it is taken."""
    path = shelf.put("bad.txt", content)
    problem = shelf.refused(path)
    assert problem.line == line
    assert says in problem.message
    assert str(problem) == f"{path}:{line}: {problem.message}"


def test_a_huge_file_is_not_read(shelf: Shelf) -> None:
    """A file of 200 MB is refused with its size."""
    path = shelf.put("huge.txt")
    os.truncate(path, 200 * 2**20)
    problem = shelf.refused(path)
    assert "too large: 200 MB" in problem.message


def test_the_largest_file_that_is_taken(shelf: Shelf) -> None:
    """A file of 10 MB is taken, one with a byte more is not."""
    text = GOOD.encode() + b"word " * (2 * 2**20)
    path = shelf.put("large.txt", text[: 10 * 2**20])
    assert len(shelf.fetch().documents) == 1
    path.write_bytes(text[: 10 * 2**20 + 1])
    assert "too large" in shelf.refused(path).message


def test_a_file_nobody_may_read_is_said_so() -> None:
    """A file that we have no permission to read is one fatal problem that says it (root lays its rights down)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "secret.txt").write_bytes(GOOD.encode())
        (folder / "secret.txt").chmod(0)
        was = os.geteuid()
        try:
            os.seteuid(was or 65534)
            [problem] = SeedFiles("seeds", SourceSettings(path=name)).fetch(SourceState()).problems
        finally:
            os.seteuid(was)
    assert problem.fatal
    assert "Permission denied" in problem.message


def test_a_pipe_is_no_file(shelf: Shelf) -> None:
    """A named pipe that nobody writes to is refused at once, instead of waited for."""
    shelf.folder.mkdir()
    os.mkfifo(shelf.folder / "pipe.txt")
    assert "no ordinary file" in shelf.refused(shelf.folder / "pipe.txt").message


def test_a_socket_is_no_file(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket is one fatal problem like any other bad file."""
    shelf.folder.mkdir()
    monkeypatch.chdir(shelf.folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        assert "cannot be read" in shelf.refused(shelf.folder / "socket.txt").message


@pytest.mark.parametrize(("target", "says"), [("nowhere", "No such file"), ("bad.txt", "symbolic link")])
def test_a_link_that_leads_nowhere_is_said_so(shelf: Shelf, target: str, says: str) -> None:
    """A link to nothing, or to itself, is one fatal problem with the link's own path."""
    shelf.folder.mkdir()
    (shelf.folder / "bad.txt").symlink_to(target)
    problem = shelf.refused(shelf.folder / "bad.txt")
    assert says in problem.message
    assert shelf.fetch(shelf.folder / "bad.txt").problems == (problem,)


def test_several_bad_files_are_all_named(shelf: Shelf) -> None:
    """Every bad file has its problem, in the order of paths, and every good one is taken."""
    shelf.put("a.txt", b"")
    shelf.put("b.txt")
    shelf.put("c.txt", b"\0")
    shelf.put("d.txt", GOOD.replace("/bell", "/d"))
    fetched = shelf.fetch()
    assert [problem.where for problem in fetched.problems] == [str(shelf.folder / "a.txt"), str(shelf.folder / "c.txt")]
    assert [document.url for document in fetched.documents] == [
        "https://lantern.example/bell",
        "https://lantern.example/d",
    ]


def _lines(*lines: str) -> str:
    return "\n".join([*lines, *_TEXT, ""])


def _warned(problems: tuple[Problem, ...], *expected: tuple[int, str]) -> None:
    assert [problem.line for problem in problems] == [line for line, _ in expected]
    for problem, (_, says) in zip(problems, expected, strict=True):
        assert not problem.fatal
        assert says in problem.message


@pytest.mark.parametrize("date", ["20221345", "20220230", "yesterday", "2022-02-08", "202228", "2022021"])
def test_an_impossible_date_is_a_warning(shelf: Shelf, date: str) -> None:
    """What is no date in the form YYYYMMDD is named with its line, the address and the text are still taken."""
    document, problems = shelf.only(_lines("Bell found", date, "https://lantern.example/bell"))
    _warned(problems, (2, repr(date)))
    assert document.published is None
    assert document.url == "https://lantern.example/bell"
    assert document.paragraphs == _TEXT


def test_a_blank_date_is_a_warning(shelf: Shelf) -> None:
    """A blank second line is a missing date; the address after it is still taken."""
    document, problems = shelf.only(_lines("Bell found", "", "https://lantern.example/bell"))
    (problem,) = problems
    assert not problem.fatal
    assert "date" in problem.message
    assert (document.published, document.url) == (None, "https://lantern.example/bell")
    assert document.paragraphs == _TEXT


def test_a_missing_date_is_a_warning(shelf: Shelf) -> None:
    """An address on the second line is the address, and the date is said to be missing."""
    document, problems = shelf.only(_lines("Bell found", "https://lantern.example/bell"))
    _warned(problems, (2, "date is missing"))
    assert (document.published, document.url) == (None, "https://lantern.example/bell")
    assert document.paragraphs == _TEXT


@pytest.mark.parametrize(
    "address", ["lantern.example/bell", "ftp://lantern.example/bell", "http://", "http://[::1", "https://a.example:no/"]
)
def test_an_impossible_address_is_a_warning(shelf: Shelf, address: str) -> None:
    """What is no web address is named with its line, and the file's path stands for it."""
    document, problems = shelf.only(_lines("Bell found", "20220208", address))
    _warned(problems, (3, "address"))
    assert document.url == (shelf.folder / "only.txt").resolve().as_uri()
    assert document.published == datetime(2022, 2, 8, tzinfo=UTC)
    assert document.paragraphs == _TEXT


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param(("Bell found",), id="neither date nor address"),
        pytest.param(("Bell found", "20220208"), id="no address"),
        pytest.param(("Bell found", "", ""), id="both blank"),
    ],
)
def test_a_paragraph_where_a_heading_should_be_stays_text(shelf: Shelf, heading: tuple[str, ...]) -> None:
    """Nothing that somebody wrote is swallowed as a bad heading: every paragraph is kept."""
    document, problems = shelf.only(_lines(*heading))
    assert document.paragraphs == _TEXT
    assert problems
    assert not any(problem.fatal for problem in problems)


def test_text_without_spaces_is_text(shelf: Shelf) -> None:
    """A paragraph in a script that writes no spaces is no bad date, however short of words it looks."""
    paragraph = "东港市议会周三决定从明年春天起每晚开行两班夜间公交车,票价与白天相同,试行期为一年。"
    document, _ = shelf.only(f"夜间公交\n{paragraph}\n{paragraph[::-1]}\n")
    assert document.paragraphs == (paragraph, paragraph[::-1])
