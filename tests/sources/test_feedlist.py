"""The list of feeds: any reader's OPML comes in, ours goes out, and the file is the truth."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SOME
from worker.errors import ConfigError, NotFound
from worker.parsers import opml
from worker.parsers.opml import ListedFeed
from worker.sources.feedlist import FeedList, name, read
from worker.text.clean import cleaned

OPML = b"""<?xml version="1.0"?><opml version="1.1"><head><title>Mine</title><ownerName>Ida</ownerName></head><body>
<outline text="News"><outline text="Local" title="Local">
<outline type="rss" text="Paper &amp; Ink" xmlUrl="https://paper.example/feed" htmlUrl="https://paper.example/" custom="kept"/>
</outline><outline type="rss" text="Wire" xmlUrl="https://wire.example/feed"/></outline>
<outline text="Blog" xmlUrl="https://blog.example/feed"/>
<outline text="Again" xmlUrl="https://blog.example/feed"/>
<outline text="Bad" xmlUrl="javascript:alert(1)"/><outline text="Note"/></body></opml>"""
FEEDS = [
    ListedFeed("https://paper.example/feed", "Paper & Ink", "News / Local"),
    ListedFeed("https://wire.example/feed", "Wire", "News"),
    ListedFeed("https://blog.example/feed", "Blog", ""),
]


def test_nested_folders_are_sections() -> None:
    assert read(OPML, "x.opml") == FEEDS


def test_what_goes_out_comes_in_again() -> None:
    assert read(opml.written(FEEDS), "x.opml") == FEEDS


_words = st.text(st.characters(categories=["L", "N"], include_characters=" &<>\"'é"), min_size=1, max_size=12).map(
    lambda text: " ".join(cleaned(text).split()) or "x"
)


@SOME
@given(
    st.lists(
        st.builds(ListedFeed, st.integers(0, 999).map("https://x.example/{}".format), _words, _words),
        max_size=8,
        unique_by=lambda one: one.url,
    )
)
def test_any_list_survives(feeds: list[ListedFeed]) -> None:
    assert sorted(read(opml.written(feeds), "x"), key=lambda one: one.url) == sorted(feeds, key=lambda one: one.url)


@pytest.mark.parametrize("content", [b"", b"<html><body>x</body></html>", b"hello", b"\x00\xff"])
def test_what_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"x\.opml"):
        read(content, "x.opml")


def test_adding_keeps_all_else(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)
    mine = FeedList(file)
    assert mine.add(ListedFeed("https://new.example/feed", "New", "News / Local"))
    assert not mine.add(ListedFeed("https://new.example/feed"))
    assert mine.listed()[1] == ListedFeed("https://new.example/feed", "New", "News / Local")
    assert b'custom="kept"' in file.read_bytes()
    assert b"<ownerName>Ida</ownerName>" in file.read_bytes()


@pytest.mark.parametrize("named", ["https://paper.example/feed", name("https://paper.example/feed"), "Paper & Ink"])
def test_removing(tmp_path: Path, named: str) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)
    mine = FeedList(file)
    assert mine.remove(named).url == "https://paper.example/feed"
    assert mine.listed() == FEEDS[1:]
    with pytest.raises(NotFound):
        mine.remove(named)


@pytest.mark.parametrize("written", ["xmlurl", "XMLURL"])
def test_removing_what_another_program_wrote(tmp_path: Path, written: str) -> None:
    """Some write the attribute in other letters, and what they are read with does not mind."""
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML.replace(b"xmlUrl", written.encode()))
    mine = FeedList(file)
    assert mine.remove("https://paper.example/feed").title == "Paper & Ink"
    assert mine.listed() == FEEDS[1:]


def test_removing_takes_nothing_else(tmp_path: Path) -> None:
    """A feed that stands inside another one's outline stays, in its place."""
    file = tmp_path / "feeds.opml"
    inner = b'<outline text="In" xmlUrl="https://in.example/feed"/>'
    file.write_bytes(OPML.replace(b'custom="kept"/>', b'custom="kept">' + inner + b"</outline>"))
    mine = FeedList(file)
    assert [one.title for one in mine.listed()] == ["Paper & Ink", "In", "Wire", "Blog"]
    mine.remove("https://paper.example/feed")
    assert [one.title for one in mine.listed()] == ["In", "Wire", "Blog"]
    assert mine.listed()[0].section == "News / Local"


def test_moving_keeps_all_else(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)
    mine = FeedList(file)
    mine.move(FEEDS[0], "Papers / Old")
    assert mine.listed() == [*FEEDS[1:], replace(FEEDS[0], section="Papers / Old")]
    assert b'custom="kept"' in file.read_bytes()


def test_no_feed_is_lost_to_one_of_its_name(tmp_path: Path) -> None:
    """Of two whose names are the same, the first keeps it, and the second has a longer one; both are read."""
    twins = [ListedFeed(f"https://www.reddit.com/r/sub{number}/.rss") for number in (666, 828)]
    first, second = (name(one.url) for one in twins)
    assert first == second
    mine = FeedList(tmp_path / "feeds.opml")
    mine.add_all(twins)
    found = mine.sources()
    assert [one.url for one in found.values()] == [one.url for one in twins]
    shorter, longer = found
    assert shorter == first
    assert longer.startswith(first)
    assert mine.remove(longer).url == twins[1].url


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    mine = FeedList(tmp_path / "feeds.opml")
    assert mine.sources() == {}
    mine.add(FEEDS[0])
    assert [one.url for one in mine.sources().values()] == ["https://paper.example/feed"]
    mine.add(FEEDS[1])
    assert len(mine.sources()) == 2


def test_a_file_broken_in_the_middle_of_things_leaves_the_last_good_one(tmp_path: Path) -> None:
    """Somebody saves half a file: nobody loses feeds, and the next save counts."""
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)
    mine = FeedList(file)
    assert len(mine.sources()) == 3
    file.write_bytes(b"hello")
    assert len(mine.sources()) == 3
    file.write_bytes(opml.written(FEEDS[:1]))
    assert len(mine.sources()) == 1
    file.write_bytes(b"hello")
    with pytest.raises(ConfigError):
        FeedList(file).sources()


def test_the_file_is_never_half_written(tmp_path: Path) -> None:
    """A new file takes the old one's place, with its permissions, and leaves no draft behind."""
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)
    file.chmod(0o600)
    before = file.stat().st_ino
    FeedList(file).add(ListedFeed("https://new.example/feed"))
    assert file.stat().st_ino != before
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_of_many_who_add_at_a_time_none_is_lost(tmp_path: Path) -> None:
    """Eight threads with a list each, on one file; without the lock, one of two is forgotten."""
    several = [ListedFeed(f"https://x.example/{n}") for n in range(24)]

    def add(part: list[ListedFeed]) -> None:
        for feed in part:
            FeedList(tmp_path / "feeds.opml").add(feed)

    threads = [threading.Thread(target=add, args=(several[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.url for one in FeedList(tmp_path / "feeds.opml").listed()) == sorted(f.url for f in several)


def test_no_entity_of_a_list_is_followed(tmp_path: Path) -> None:
    """A list from elsewhere reads no file of ours."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret", encoding="utf-8")
    evil = OPML.replace(b"<opml", f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">]><opml'.encode()).replace(
        b"Wire", b"&x;"
    )
    try:
        said = str(read(evil, "x"))
    except ConfigError as error:
        said = str(error)
    assert "s3cret" not in said
