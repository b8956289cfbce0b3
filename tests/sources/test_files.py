"""Files of every kind, and a folder that somebody is writing into."""

from __future__ import annotations

import gzip
import os
import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.web.readers import web
from worker.fetched import BY_HAND, Fetched, Problem, SourceState
from worker.model import Document
from worker.settings import SourceSettings
from worker.sources.disk import contents
from worker.sources.files import Files

TEXT = "The ferry was halted on Monday.\n\nEngineers came at noon."
OLD = 1_700_000_000


def put(folder: Path, name: str, content: str | bytes, *, old: bool = True) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    if old:
        os.utime(file, (OLD, OLD))
    return file


def source(folder: Path, *, watched: bool = True, **more: str) -> Files:
    settings = SourceSettings(kind="files", path=str(folder), language="en", **more)  # type: ignore[arg-type]
    name = "drop" if watched else BY_HAND
    return Files(name, settings, replace(web(), now=lambda: datetime.now(UTC)))


def only(folder: Path, name: str, content: str | bytes) -> Document:
    put(folder, name, content)
    fetched = source(folder).fetch(SourceState())
    assert fetched.problems == ()
    (document,) = fetched.documents
    return document


MARKDOWN = """---
title: Ferry halted
date: 2026-11-20
url: https://paper.example/ferry?utm_source=x
author: Ida
lang: en-GB
---
The *ferry* was [halted](https://x.example) on Monday.

- Engineers came
- at noon

<script>alert(1)</script>
"""


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    document = only(tmp_path, "a.md", MARKDOWN)
    assert (document.title, document.url, document.author) == ("Ferry halted", "https://paper.example/ferry", "Ida")
    assert document.paragraphs == ("The ferry was halted on Monday.", "Engineers came", "at noon")
    assert document.published == datetime(2026, 11, 20, tzinfo=UTC)
    assert not document.shuffled


def test_markdown_with_toml(tmp_path: Path) -> None:
    document = only(tmp_path, "a.markdown", '+++\ntitle = "Ferry"\ndate = 2026-11-20\n+++\nThe ferry was halted.')
    assert (document.title, document.published) == ("Ferry", datetime(2026, 11, 20, tzinfo=UTC))


def test_markdown_without_front_matter_has_its_heading_for_a_title(tmp_path: Path) -> None:
    document = only(tmp_path, "a.md", "# Ferry *halted*\n\nThe ferry was halted.")
    assert (document.title, document.paragraphs) == ("Ferry halted", ("The ferry was halted.",))
    assert document.url == (tmp_path / "a.md").as_uri()


def test_plain_text_has_its_first_line_for_a_title(tmp_path: Path) -> None:
    document = only(tmp_path, "a.txt", f"Ferry halted\n\n{TEXT}")
    assert (document.title, len(document.paragraphs), document.shuffled) == ("Ferry halted", 2, False)


def test_a_seed_file_is_known_by_its_heading(tmp_path: Path) -> None:
    document = only(tmp_path, "a.txt", "Ferry\n20261120\nhttps://paper.example/f\nIt was halted.\nEngineers came.")
    assert (document.title, document.url, document.shuffled) == ("Ferry", "https://paper.example/f", True)


def test_html(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>The ferry was halted on Monday for the {n}th time, said the harbour office.</p>" for n in range(9)
    )
    page = f'<html lang="en"><head><title>Ferry</title></head><body><nav>Home</nav><article>{paragraphs}</article></body></html>'
    document = only(tmp_path, "a.html", page)
    assert (document.title, len(document.paragraphs)) == ("Ferry", 9)


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        '{"title": "One", "url": "https://x.example/1", "text": "The ferry was halted.\\n\\nEngineers came."}',
        "",
        "no json",
        '{"id": 7, "title": "Two", "paragraphs": ["A bell was found."], "date": "20261120"}',
        '["a list"]',
        '{"title": "Three", "html": "<p>Schools opened.</p><p>All of them.</p>", "published": "2026-11-20T10:00:00+01:00"}',
        '{"title": "empty"}',
    ]
    put(tmp_path, "a.jsonl", "\n".join(lines))
    fetched = source(tmp_path).fetch(SourceState())
    assert [document.title for document in fetched.documents] == ["One", "Two", "Three"]
    assert [(problem.line, problem.fatal) for problem in fetched.problems] == [(3, False), (5, False), (7, False)]
    assert fetched.documents[2].paragraphs == ("Schools opened.", "All of them.")
    assert fetched.documents[1].published == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.jsonl", "a.html", "a.xml", "a.json"])
def test_each_kind_also_packed(tmp_path: Path, name: str) -> None:
    texts = {
        "a.md": "# Ferry\n\nThe ferry was halted.",
        "a.txt": "Ferry\nThe ferry was halted.",
        "a.jsonl": '{"title": "Ferry", "text": "The ferry was halted."}',
        "a.html": "<html><title>Ferry</title><body><p>The ferry was halted.</p></body></html>",
        "a.xml": "<rss version='2.0'><channel><item><title>Ferry</title><description>The ferry was halted.</description></item></channel></rss>",
        "a.json": '{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "title": "Ferry", "content_text": "The ferry was halted."}]}',
    }
    document = only(tmp_path, f"{name}.gz", gzip.compress(texts[name].encode()))
    assert (document.title, document.paragraphs) == ("Ferry", ("The ferry was halted.",))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.md", b"", "the file is empty"),
        ("a.md", b"---\ntitle: [\n---\nx", "front matter"),
        ("a.md", b"\xff\xfe", "not UTF-8"),
        ("a.txt", b"a\n\0", "NUL"),
        ("a.jsonl", b"{", "left out"),
        ("a.md.gz", b"no gzip", "packed body"),
        ("a.md.gz", gzip.compress(bytes(20 * 2**20)), "larger than 10 MB"),
        ("a.xml", b"<a/>", "no feed"),
        ("a.html", b"<html></html>", "no text"),
    ],
)
def test_a_bad_file_stops_no_other(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    bad = put(tmp_path, name, content)
    put(tmp_path, "good.md", "# Good\n\nThe ferry sails.")
    fetched = source(tmp_path).fetch(SourceState())
    assert [document.title for document in fetched.documents] == ["Good"]
    (problem,) = fetched.problems
    assert (problem.where, problem.fatal) == (str(bad), True)
    assert said in problem.message


def test_nothing_is_taken_twice(tmp_path: Path) -> None:
    """Not at the next look, nor renamed; but changed, it is a revision of the same document."""
    file = put(tmp_path, "a.md", "# Ferry\n\nThe ferry was halted.")
    first = source(tmp_path).fetch(SourceState())
    second = source(tmp_path).fetch(first.state)
    assert (second.documents, second.unchanged) == ((), 1)
    renamed = source(tmp_path).fetch(_renamed(file, second))
    assert renamed.documents == ()
    put(tmp_path, "b.md", "# Ferry\n\nThe ferry sails again.")
    changed = source(tmp_path).fetch(first.state)
    assert [document.paragraphs for document in changed.documents] == [("The ferry sails again.",)]


def _renamed(file: Path, fetched: Fetched) -> SourceState:
    file.rename(file.with_name("b.md"))
    return fetched.state


def test_a_changed_file_is_the_same_document(tmp_path: Path) -> None:
    first = only(tmp_path, "a.md", "# Ferry\n\nThe ferry was halted.")
    second = only(tmp_path, "a.md", "# Ferry\n\nThe ferry sails again, they say.")
    assert first.id == second.id
    assert first.revision != second.revision


@pytest.mark.parametrize("name", [".a.md", "a.md.part", "a.md~", ".a.md.swp", "a.tmp", "a.md.crdownload", "a.bin"])
def test_drafts_are_left_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "# Ferry\n\nThe ferry was halted.")
    put(tmp_path, "good.md", "# Good\n\nThe ferry sails.")
    assert [document.title for document in source(tmp_path).fetch(SourceState()).documents] == ["Good"]


def test_done_and_failed_are_moved_aside_once_stored(tmp_path: Path) -> None:
    """Only by `settle`, which is called after the transaction; a name that is taken there is kept beside it."""
    folder = tmp_path / "in"
    put(folder, "a.md", "# Ferry\n\nThe ferry was halted.")
    put(folder, "bad.md", b"\xff")
    put(folder, "done/a.md", "an older one")
    files = source(folder, done=str(folder / "done"), failed=str(tmp_path / "failed"))
    fetched = files.fetch(SourceState())
    assert (folder / "a.md").exists()
    files.settle(fetched)

    assert sorted(file.name for file in (folder / "done").iterdir()) == ["a-2.md", "a.md"]
    assert [file.name for file in (tmp_path / "failed").iterdir()] == ["bad.md"]
    assert [file.name for file in folder.glob("*.md")] == []
    again = files.fetch(fetched.state)
    assert (again.documents, again.unchanged) == ((), 0)


def test_what_was_stored_before_a_crash_is_moved_at_the_next_look(tmp_path: Path) -> None:
    """The machine died between storing and moving: nothing is taken twice, and it is moved now."""
    folder = tmp_path / "in"
    put(folder, "a.md", "# Ferry\n\nThe ferry was halted.")
    files = source(folder, done=str(tmp_path / "done"))
    stored = files.fetch(SourceState())
    second = files.fetch(stored.state)
    files.settle(second)
    assert second.documents == ()
    assert [file.name for file in (tmp_path / "done").iterdir()] == ["a.md"]


def test_what_was_written_to_since_it_was_read_stays(tmp_path: Path) -> None:
    """Between reading and storing somebody mends a file, good or bad: the next look takes what it says now."""
    folder = tmp_path / "in"
    put(folder, "good.md", "# Ferry\n\nThe ferry was halted.")
    put(folder, "bad.md", b"\xff")
    files = source(folder, done=str(tmp_path / "done"), failed=str(tmp_path / "failed"))
    fetched = files.fetch(SourceState())
    put(folder, "good.md", "# Ferry\n\nThe ferry sails again, they say.")
    put(folder, "bad.md", "# Bell\n\nA bell was found.")
    files.settle(fetched)

    assert sorted(file.name for file in folder.iterdir()) == ["bad.md", "good.md"]
    again = files.fetch(fetched.state)
    assert sorted(text for one in again.documents for text in one.paragraphs) == [
        "A bell was found.",
        "The ferry sails again, they say.",
    ]
    files.settle(again)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("first", [TEXT, b"\xff"])
def test_a_file_that_is_written_to_while_it_is_read_is_taken_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str | bytes
) -> None:
    """Whatever half of it says: it is not taken, is no failure, and stays where its writer goes on."""
    folder = tmp_path / "in"
    file = put(folder, "a.txt", first)

    def read(path: Path) -> bytes:
        raw = contents(path)
        put(folder, "a.txt", f"{TEXT}\n\nIt sails again.")
        return raw

    files = source(folder, done=str(tmp_path / "done"), failed=str(tmp_path / "failed"))
    with monkeypatch.context() as patch:
        patch.setattr("worker.sources.files.contents", read)
        fetched = files.fetch(SourceState())
    files.settle(fetched)
    assert (fetched.documents, [problem.fatal for problem in fetched.problems]) == ((), [False])
    assert fetched.state.next_check is not None
    assert fetched.state.next_check - datetime.now(UTC) < timedelta(seconds=3)
    assert file.exists()
    assert [len(document.paragraphs) for document in files.fetch(fetched.state).documents] == [2]


def test_a_large_folder_comes_in_look_by_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time of a look is over, what was read is kept, and the next follows at once; bad ones hold up nothing."""
    monkeypatch.setattr("worker.sources.files._LOOK", 0.0)
    put(tmp_path, "0.md", b"\xff")
    for number in (1, 2, 3):
        put(tmp_path, f"{number}.md", f"# Ferry {number}\n\nThe ferry was halted.")
    files = source(tmp_path)
    looks = [files.fetch(SourceState())]
    while looks[-1].state.next_check and looks[-1].state.next_check <= datetime.now(UTC):
        looks.append(files.fetch(looks[-1].state))

    assert [[document.title for document in look.documents] for look in looks] == [
        ["Ferry 1"],
        ["Ferry 2"],
        ["Ferry 3"],
    ]
    assert len(source(tmp_path, watched=False).fetch(SourceState()).documents) == 3


def test_a_file_that_grows_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    """Written a line at a time for three seconds: no look takes less than all of it."""
    whole = "# Ferry\n\n" + "".join(f"The ferry was halted for the {n}th time.\n\n" for n in range(30))
    file = tmp_path / "a.md"

    def write() -> None:
        with file.open("w", encoding="utf-8") as stream:
            for line in whole.splitlines(keepends=True):
                stream.write(line)
                stream.flush()
                time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.2)
    state, taken = SourceState(), list[Document]()
    while not taken:
        fetched = source(tmp_path).fetch(state)
        state = fetched.state
        taken += fetched.documents
        assert fetched.problems == ()
    writer.join()

    assert [len(document.paragraphs) for document in taken] == [30]


def test_a_thousand_files_dropped_while_they_are_written(tmp_path: Path) -> None:
    """Four writers, some renaming into place and some writing there: 0 partial, 0 lost, 0 doubled."""
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    text = {
        n: f"# Story {n}\n\n" + "".join(f"The ferry number {n} was halted, line {k}.\n\n" for k in range(20))
        for n in range(1000)
    }
    finished = threading.Event()

    def write(numbers: range) -> None:
        chance = random.Random(numbers.start)
        for number in numbers:
            file = folder / f"{number}.md"
            if chance.random() < 0.5:
                (elsewhere / file.name).write_text(text[number], encoding="utf-8")
                (elsewhere / file.name).rename(file)
                continue
            middle = chance.randrange(len(text[number]))
            with file.open("w", encoding="utf-8") as stream:
                stream.write(text[number][:middle])
                stream.flush()
                time.sleep(chance.random() * 0.03)
                stream.write(text[number][middle:])

    def finish() -> None:
        for writer in writers:
            writer.join()
        finished.set()

    writers = [threading.Thread(target=write, args=(range(start, 1000, 4),)) for start in range(4)]
    for writer in writers:
        writer.start()
    threading.Thread(target=finish).start()
    files = source(folder, done=str(tmp_path / "done"))
    state, taken, problems = SourceState(), list[Document](), list[Problem]()
    last = False
    while not last:
        last = finished.is_set()
        fetched = files.fetch(state)
        files.settle(fetched)
        state = fetched.state
        taken += fetched.documents
        problems += fetched.problems

    assert sorted(document.title for document in taken) == sorted(f"Story {n}" for n in range(1000))
    assert [document.title for document in taken if len(document.paragraphs) != 20] == []
    assert [problem for problem in problems if problem.fatal] == []
    assert len(list((tmp_path / "done").iterdir())) == 1000
