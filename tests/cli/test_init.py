"""`unbury init`: what one begins with, and never over what is there."""

from __future__ import annotations

import os

import pytest

from tests.cli.desk import BELL, Desk


@pytest.fixture
def empty(desk: Desk) -> Desk:
    """A folder with nothing in it."""
    (desk.folder / "config" / "unbury.toml").unlink()
    (desk.folder / "config").rmdir()
    return desk


def test_what_it_writes_can_be_run(empty: Desk) -> None:
    """The configuration is right, the list of feeds can be added to, and an empty folder is no matter for a warning."""
    answer = empty.call("init")
    assert answer.code == 0
    written = [line.split()[1] for line in answer.out.splitlines() if line.startswith("written")]
    files = {str(path.relative_to(empty.folder)) for path in empty.folder.rglob("*") if path.is_file()}
    assert files == set(written)
    assert "config/unbury.toml" in files
    assert empty.call("config", "check").out == "config/unbury.toml: ok\n"
    assert empty.call("feeds", "add", "https://blog.example/feed", "--unseen").out.startswith("added")
    assert empty.call("feeds", "remove", "https://blog.example/feed").code == 0
    ran = empty.call("run")
    assert (ran.code, "warning" in ran.err) == (0, False)
    example = (empty.folder / "seeds" / "README.md").read_text(encoding="utf-8").split("```")[1]
    (empty.folder / "seeds" / "rain.txt").write_text(example.lstrip(), encoding="utf-8")
    assert "1. Rain in Eastquay" in empty.call("run").out


def test_it_says_what_comes_next(empty: Desk) -> None:
    """Where the folder is another one, first how to get there."""
    assert empty.call("init", "--json").json["next"] == ["unbury feeds add ADDRESS", "unbury run"]
    assert empty.call("init", "news/own", "--json").json["next"][0] == "cd news/own"


def test_whoever_has_nothing_to_read_is_told_how_to_begin(empty: Desk) -> None:
    """Only before the first document: a quiet day is no reason."""
    assert "`unbury init`" in empty.call("run").err
    empty.configure("")
    assert "hint: nothing ever came in" in empty.call("run").err
    empty.call("init")
    assert "hint: nothing ever came in" in empty.call("run").err
    empty.seed("bell", *BELL)
    assert "hint" not in empty.call("run").err
    assert "hint" not in empty.call("run").err


def test_nothing_is_overwritten(empty: Desk) -> None:
    """What is there is kept to the byte, and the rest is written."""
    mine = empty.configure("# mine\n")
    answer = empty.call("init")
    assert mine.read_text() == "# mine\n"
    assert "kept     config/unbury.toml" in answer.out
    assert "written  config/feeds.opml" in answer.out
    assert empty.call("init", "--json").json["written"] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(empty: Desk) -> None:
    """With the file and the reason."""
    empty.folder.chmod(0o500)
    answer = empty.call("init")
    empty.folder.chmod(0o700)
    assert (answer.code, "cannot be written" in answer.err) == (2, True)


def test_a_file_where_a_folder_should_be_is_said(empty: Desk) -> None:
    """Nothing is written beside it."""
    (empty.folder / "config").write_text("in the way")
    answer = empty.call("init")
    assert answer.code == 2
    assert "cannot be written" in answer.err
