"""Which files a path, a folder or a glob names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.shelf import GOOD, Shelf
from worker.errors import UsageError
from worker.fetched import Fetched, SourceState
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles


def _titles(fetched: Fetched) -> list[str]:
    return [document.title for document in fetched.documents]


def _stocked(shelf: Shelf) -> Shelf:
    for name in ("b.txt", "a.txt", "deep/er/c.txt", "deep/d.txt", "notes.md"):
        shelf.put(name, GOOD.replace("Bell found", name).replace("/bell", f"/{name}"))
    return shelf


def test_a_folder_means_its_text_files_however_deep(shelf: Shelf) -> None:
    """A folder gives every .txt file below it, sorted by path, and nothing else."""
    fetched = _stocked(shelf).fetch()
    assert _titles(fetched) == ["a.txt", "b.txt", "deep/d.txt", "deep/er/c.txt"]
    assert fetched.problems == ()


@pytest.mark.parametrize(
    ("pattern", "titles"),
    [
        ("*.txt", ["a.txt", "b.txt"]),
        ("**/*.txt", ["a.txt", "b.txt", "deep/d.txt", "deep/er/c.txt"]),
        ("deep/*", ["deep/d.txt"]),
        ("[b-z].txt", ["b.txt"]),
        ("?.txt", ["a.txt", "b.txt"]),
        ("notes.*", ["notes.md"]),
    ],
)
def test_a_glob_means_the_files_it_matches(shelf: Shelf, pattern: str, titles: list[str]) -> None:
    """A glob gives the files it matches, sorted by path; folders that match are passed over."""
    fetched = _stocked(shelf).fetch(shelf.folder / pattern)
    assert _titles(fetched) == titles
    assert fetched.problems == ()


def test_a_relative_glob_starts_where_we_are(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is not absolute is looked for in the working folder."""
    _stocked(shelf)
    monkeypatch.chdir(shelf.folder)
    assert _titles(shelf.fetch("deep/**/*.txt")) == ["deep/d.txt", "deep/er/c.txt"]
    assert _titles(shelf.fetch("deep")) == ["deep/d.txt", "deep/er/c.txt"]
    assert _titles(shelf.fetch("b.txt")) == ["b.txt"]


def test_a_single_file_may_have_any_name(shelf: Shelf) -> None:
    """A file that is named itself is taken whatever its ending, by an absolute path as well."""
    path = _stocked(shelf).folder / "notes.md"
    assert path.is_absolute()
    assert _titles(shelf.fetch(path)) == ["notes.md"]


def test_home_is_understood(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that begins with ~ is looked for at home."""
    _stocked(shelf)
    monkeypatch.setenv("HOME", str(shelf.folder))
    assert _titles(shelf.fetch("~/a.txt")) == ["a.txt"]


def test_a_file_with_brackets_in_its_name_is_that_file(shelf: Shelf) -> None:
    """A file whose name looks like a glob can be named all the same."""
    path = shelf.put("a[1].txt")
    assert _titles(shelf.fetch(path)) == ["Bell found"]


@pytest.mark.parametrize("pattern", ["*.txt", "none/**/*.txt", "?.txt", "[a-z].txt"])
def test_a_glob_in_no_folder_is_a_warning(shelf: Shelf, pattern: str) -> None:
    """The folder may not be there yet, or is misspelt: that is said, and fails nothing."""
    fetched = shelf.fetch(shelf.folder / pattern)
    assert fetched.documents == ()
    (problem,) = fetched.problems
    assert not problem.fatal
    assert problem.where == str(shelf.folder / pattern)


def test_a_pattern_that_is_none_is_said(shelf: Shelf) -> None:
    """Some Pythons take it, and others do not."""
    with pytest.raises(UsageError, match=r"'.*a\*\*b' is no pattern"):
        shelf.fetch("a**b")


def test_a_missing_file_is_an_error(shelf: Shelf) -> None:
    """A file that is named and is not there is a fatal problem with that path."""
    fetched = shelf.fetch(shelf.folder / "gone.txt")
    assert fetched.documents == ()
    (problem,) = fetched.problems
    assert problem.fatal
    assert str(problem) == f"{shelf.folder / 'gone.txt'}: there is no such file"


@pytest.mark.parametrize("pattern", ["", "*.txt", "**/[a-z].txt"])
def test_an_empty_folder_is_nothing_to_complain_of(shelf: Shelf, pattern: str) -> None:
    """Texts may come or not; only whoever names it by hand is told that there are none."""
    shelf.folder.mkdir()
    path = str(shelf.folder / pattern)
    assert shelf.fetch(path) == Fetched((), (), SourceState())
    (problem,) = SeedFiles("by hand", SourceSettings(path=path)).fetch(SourceState()).problems
    assert not problem.fatal
    assert ("in this folder" if pattern == "" else "no such file") in problem.message


def test_a_folder_named_like_a_file_is_a_folder(shelf: Shelf) -> None:
    """A folder called x.txt is no bad file; what lies in it is found."""
    shelf.put("x.txt/inner.txt")
    fetched = shelf.fetch()
    assert _titles(fetched) == ["Bell found"]
    assert fetched.problems == ()
    assert _titles(shelf.fetch(shelf.folder / "x.txt")) == ["Bell found"]


def test_a_link_to_a_file_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    """A symbolic link to a file outside the folder gives that file."""
    outside = tmp_path / "outside.text"
    outside.write_text(GOOD, encoding="utf-8")
    shelf.folder.mkdir()
    (shelf.folder / "link.txt").symlink_to(outside)
    assert _titles(shelf.fetch()) == ["Bell found"]


def test_every_fetch_looks_again(shelf: Shelf) -> None:
    """The source keeps nothing: a file that came later is in the next fetch, one that went is not."""
    first = shelf.put("a.txt")
    assert len(shelf.fetch().documents) == 1
    shelf.put("b.txt", GOOD.replace("/bell", "/other"))
    assert len(shelf.fetch().documents) == 2
    first.unlink()
    assert [document.url for document in shelf.fetch().documents] == ["https://lantern.example/other"]
