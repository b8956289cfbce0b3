"""unbury feeds, unbury run with feeds, and stdin: as they are typed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.web.stage import Reply, Stage, conditional, page, rss, undated

CONFIG = """
[sources]
[web]
allow = ["127.0.0.0/8"]
delay = 0.0
timeout = "3s"
[digests.daily]
zone = "UTC"
"""


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as one:
        yield one


@pytest.fixture
def reader(desk: Desk) -> Desk:
    (desk.folder / "config").mkdir(exist_ok=True)
    (desk.folder / "config" / "unbury.toml").write_text(CONFIG, encoding="utf-8")
    return desk


def test_add_by_a_page_run_and_list(reader: Desk, stage: Stage) -> None:
    """A page leads to its feed; the run takes it in; the list says how it does."""
    head = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    stage.says("/", Reply(200, f"<!doctype html><html><head>{head}</head></html>".encode()))
    stage.says("/feed", conditional(rss("Ferry", "Bell", "School", "Bridge")))
    added = reader.call("feeds", "add", f"127.0.0.1:{stage.port}", "--section", "News / Local")
    assert (added.code, added.out.splitlines()[0]) == (0, f"added: Harbour <{stage.url()}>")
    assert added.out.splitlines()[1:] == [
        "  2026-11-20  Ferry",
        "  2026-11-20  Bell",
        "  2026-11-20  School",
        "  and 1 more",
    ]
    assert reader.call("feeds", "add", stage.url()).out.startswith("known already, in News / Local: Harbour")

    ran = reader.call("run", "--json")
    assert (ran.code, ran.json["ingested"]["new"]) == (0, 4)
    listed = reader.call("feeds", "list")
    assert listed.out.splitlines()[0] == "quiet Harbour  [News / Local]"  # its dates are days old, and an hour apart
    (one,) = reader.call("feeds", "list", "--json").json["feeds"]
    assert (one["entries"], one["error"], one["usual_seconds"]) == (4, "", 3600)
    assert reader.call("run", "--json").json["ingested"] == {
        "new": 0, "revised": 0, "unchanged": 4, "failed": 0, "revisions": [], "problems": [],
    }  # fmt: skip
    assert "silent for" in reader.call("feeds", "list", "--failing").out


def test_a_feed_that_fails_is_named_wherever_one_looks(reader: Desk, stage: Stage) -> None:
    """In the run's code and words, in the list, in status, in doctor, and at the digest's end."""
    good = stage.says("/feed", Reply(200, undated(rss("Ferry"))))
    bad = stage.says("/bad", Reply(404))
    for url in (good, bad):
        assert reader.call("feeds", "add", url, "--unseen").code == 0
    ran = reader.call("run")
    assert ran.code == 5
    assert f"failed: {bad}: there is nothing at its address (404)" in ran.err
    assert f"Could not be read today: {bad} – there is nothing" in " ".join(ran.out.split())
    assert "there is nothing at its address (404) (1×)" in reader.call("feeds", "list").out
    assert reader.call("feeds", "list", "--failing", "--json").json["feeds"][0]["url"] == bad
    assert f"feed       {bad}: there is nothing at its address (404)" in reader.call("status").out
    assert "WARN feed" in reader.call("doctor").out
    (edition,) = list((reader.folder / "out").glob("2*/digest.html"))
    assert "Could not be read today" in edition.read_text(encoding="utf-8")


def test_a_feed_that_fails_is_told_how_to_be_rid_of(reader: Desk, stage: Stage) -> None:
    """New until it was asked; then the list and a trial say what is wrong, since when, and the way out."""
    bad = stage.says("/bad", Reply(404))
    name = reader.call("feeds", "add", bad, "--unseen", "--title", "Gone", "--json").json["name"]
    assert reader.call("feeds", "list").out.startswith("new   Gone")
    reader.call("run")
    way = f"`unbury feeds remove {name}` takes it off the list"
    (line,) = (line for line in reader.call("feeds", "list").out.splitlines() if "404" in line)
    assert line.strip().startswith("there is nothing at its address (404) (1×); never read yet; next ")
    assert line.endswith(way)
    tried = reader.call("feeds", "test", bad)
    assert tried.code == 1
    assert f"hint: on your list as Gone; there is nothing at its address (404) (1×); never read yet; {way}" in tried.err
    assert "hint: is it the right address?" in reader.call("feeds", "test", stage.says("/other", Reply(404))).err
    assert reader.call("feeds", "remove", name).code == 0


def test_a_feed_of_the_configuration_is_on_no_list(reader: Desk, stage: Stage) -> None:
    """So `feeds remove` is no way out of it."""
    bad = stage.says("/bad", Reply(404))
    file = reader.folder / "config/unbury.toml"
    reader.configure(f'{file.read_text(encoding="utf-8")}\n[sources.press]\nkind = "feed"\nurl = "{bad}"\n')
    reader.call("run")
    way = "it is not on the list: take [sources.press] out of the configuration"
    assert way in reader.call("feeds", "list").out
    tried = reader.call("feeds", "test", bad).err
    assert "hint: in your configuration as press; " in tried
    assert way in tried


def test_adding_a_known_feed_again_forgets_nothing(reader: Desk, stage: Stage) -> None:
    """Its health stays; with a section it moves there, and with its entry in the file all that stands in that."""
    url = stage.says("/feed", Reply(200, rss("Ferry")))
    reader.call("feeds", "add", url, "--section", "Papers")
    reader.call("run")
    before = reader.call("feeds", "list", "--json").json["feeds"]
    assert reader.call("feeds", "add", url).out.startswith("known already, in Papers: Harbour")
    assert reader.call("feeds", "add", url, "--section", "Papers").out.startswith("known already, in Papers: Harbour")
    assert reader.call("feeds", "list", "--json").json["feeds"] == before
    assert reader.call("feeds", "add", url, "--section", "News / Local").out.startswith(
        "moved to News / Local: Harbour"
    )
    (after,) = reader.call("feeds", "list", "--json").json["feeds"]
    assert after == {**before[0], "section": "News / Local"}


def test_a_retired_feed_that_is_added_again_is_asked_again(reader: Desk, stage: Stage) -> None:
    url = stage.says("/feed", Reply(410), Reply(200, rss("Ferry")))
    reader.call("feeds", "add", url, "--unseen")
    reader.call("run")
    assert reader.call("feeds", "list").out.startswith("gone")
    assert reader.call("feeds", "add", url).out.startswith("known already")
    assert reader.call("run", "--json").json["ingested"]["new"] == 1


def test_an_unreachable_feed_is_not_added(reader: Desk, stage: Stage) -> None:
    answer = reader.call("feeds", "add", stage.says("/feed", Reply(404)))
    assert answer.code == 1
    assert "there is nothing at its address (404)" in answer.err
    assert not (reader.folder / "config" / "feeds.opml").exists()


def test_a_private_address_is_refused_in_words(reader: Desk) -> None:
    answer = reader.call("feeds", "add", "http://169.254.169.254/latest/meta-data")
    assert answer.code == 1
    assert "not an address on the public internet; your own: add it to web.allow" in answer.err


def test_try_a_feed(reader: Desk, stage: Stage) -> None:
    """What it gives and asks for; nothing is kept."""
    stage.says("/feed", Reply(200, rss("Ferry", "Bell", "School"), {"ETag": '"1"'}))
    answer = reader.call("feeds", "test", stage.url())
    assert answer.code == 0
    assert "every hour" in answer.out
    assert "conditional: ETag" in answer.out
    assert "dates:       3 of 3" in answer.out
    assert reader.call("feeds", "test", stage.url(), "--json").json["entries"] == 3
    assert reader.call("status", "--json").json["documents"] == 0


def test_import_remove_export(reader: Desk) -> None:
    theirs = reader.folder / "reader.opml"
    theirs.write_text(
        '<opml version="2.0"><body><outline text="News"><outline type="rss" text="Paper" xmlUrl="https://p.example/f"/>'
        '</outline><outline type="rss" text="Blog" xmlUrl="https://b.example/f"/></body></opml>',
        encoding="utf-8",
    )
    assert reader.call("feeds", "import", "reader.opml").out == "2 added, 0 known already\n"
    assert reader.call("feeds", "import", "reader.opml", "--json").json["added"] == 0
    assert reader.call("feeds", "remove", "https://b.example/f").out == "removed: Blog <https://b.example/f>\n"
    assert reader.call("feeds", "export", "--json").json["feeds"] == [
        {"url": "https://p.example/f", "title": "Paper", "section": "News"}
    ]
    assert 'xmlUrl="https://p.example/f"' in reader.call("feeds", "export").out
    assert reader.call("feeds", "remove", "https://b.example/f").code == 1
    assert "never read yet" in reader.call("feeds", "list").out


def test_a_broken_list_names_its_file(reader: Desk) -> None:
    (reader.folder / "config" / "feeds.opml").write_text("hello", encoding="utf-8")
    answer = reader.call("run")
    assert answer.code == 3
    assert "config/feeds.opml: this is no OPML" in answer.err


def test_a_removed_feed_is_forgotten_by_the_queue(reader: Desk, stage: Stage) -> None:
    """What stood in the queue for it ends without an error."""
    url = stage.says("/feed", Reply(200, rss("Ferry")))
    reader.call("feeds", "add", url)
    assert reader.call("run").code == 0
    reader.call("feeds", "remove", url)
    assert reader.call("run").code == 0
    assert reader.call("jobs", "list", "--state", "dead", "--json").json["jobs"] == []


def test_a_teasers_page_is_read(reader: Desk, stage: Stage) -> None:
    stage.says("/page", Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
    teaser = undated(rss("Ferry", teaser=True)).replace(b"http://harbour.example/Ferry", stage.url("/page").encode())
    reader.call("feeds", "add", stage.says("/feed", Reply(200, teaser)))
    assert reader.call("run", "--json").json["editions"][0]["stats"]["sentences_in"] >= 10


def test_stdin(reader: Desk) -> None:
    """What comes in by a pipe is kept as a file, so that a sentence of it can be shown where it stands."""
    text = b"# Bell found\n\nA bronze bell has turned up in a drawer of the museum."
    assert reader.call("ingest", "-", "--as", "md", stdin=text).out == "1 new, 0 revised, 0 unchanged, 0 failed\n"
    (kept,) = Path("var/stdin").iterdir()
    assert kept.read_bytes() == text
    assert reader.call("ingest", "-", "--as", "exe", stdin=text).code == 2
    assert reader.call("ingest", "-", "--as", "md").code == 5


def test_ingest_takes_files_of_all_kinds(reader: Desk) -> None:
    folder = reader.folder / "mixed"
    folder.mkdir()
    (folder / "a.md").write_text("# Bell\n\nA bell was found in a drawer.", encoding="utf-8")
    (folder / "b.jsonl").write_text('{"title": "Ferry", "text": "The ferry was halted."}\n', encoding="utf-8")
    (folder / "c.xml").write_bytes(rss("School", "Bridge"))
    assert reader.call("ingest", "mixed").out == "4 new, 0 revised, 0 unchanged, 0 failed\n"
    assert reader.call("ingest", "mixed/a.md", "mixed/c.xml").out == "0 new, 0 revised, 3 unchanged, 0 failed\n"


def test_a_watch_folder(reader: Desk) -> None:
    """A source of kind "files": taken once, moved aside when it is stored."""
    (reader.folder / "config" / "unbury.toml").write_text(
        CONFIG.replace("[sources]", '[sources.drop]\nkind = "files"\npath = "drop"\ndone = "done"\nfailed = "failed"'),
        encoding="utf-8",
    )
    drop = reader.folder / "drop"
    drop.mkdir()
    (drop / "a.md").write_text("# Bell\n\nA bell was found in a drawer.", encoding="utf-8")
    (drop / "bad.md").write_bytes(b"\xff")
    ran = reader.call("run", "--json")
    assert (ran.code, ran.json["ingested"]["new"], ran.json["ingested"]["failed"]) == (5, 1, 1)
    assert [file.name for file in (reader.folder / "done").iterdir()] == ["a.md"]
    assert [file.name for file in (reader.folder / "failed").iterdir()] == ["bad.md"]
    assert reader.call("run").code == 0


def test_a_large_folder_comes_in_by_one_run(reader: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little of it one look takes: the next follows at once. When it is empty, nothing is wrong."""
    monkeypatch.setattr("worker.sources.files._LOOK", 0.0)
    (reader.folder / "config" / "unbury.toml").write_text(
        CONFIG.replace("[sources]", '[sources.drop]\nkind = "files"\npath = "drop"\ndone = "done"'), encoding="utf-8"
    )
    drop = reader.folder / "drop"
    drop.mkdir()
    for number in (1, 2, 3):
        file = drop / f"{number}.md"
        file.write_text(f"# Bell {number}\n\nBell number {number} was found in a drawer.", encoding="utf-8")
        os.utime(file, (1_700_000_000, 1_700_000_000))
    assert reader.call("run", "--json").json["ingested"]["new"] == 3
    assert list(drop.iterdir()) == []
    assert "WARN source" not in reader.call("doctor").out
    assert reader.call("run").err == "0 new, 0 revised, 0 unchanged, 0 failed\n"
