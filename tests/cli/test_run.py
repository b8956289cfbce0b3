"""`unbury run` and `unbury ingest`: what is told, once, and what is said besides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Answer, Desk
from tests.sink import smtp_sink
from worker.model import Job
from worker.runtime import clock
from worker.store import jobs
from worker.store.database import Database

_CHANGED = "Some 730 tickets that were sold for this month are going to be exchanged by the county."


def _stories(answer: Answer) -> list[dict[str, Any]]:
    (edition,) = answer.json["editions"]
    stories: list[dict[str, Any]] = edition["sections"][0]["stories"]
    return stories


def _told(answer: Answer) -> set[str]:
    return {sentence["text"] for story in _stories(answer) for sentence in story["sentences"]}


def test_a_first_run_tells_what_came_in(desk: Desk) -> None:
    """The first run prints a digest with each story and its sentences, word for word, and names the files written."""
    desk.seed("bell", *BELL, title="Lost bell found")
    desk.seed("ferry", *FERRY, title="Ferry out of service")
    answer = desk.call("run", "--date", DAY)
    assert answer.code == 0
    assert "2 documents read" in answer.out
    assert "Lost bell found" in answer.out
    assert "Ferry out of service" in answer.out
    told = " ".join(answer.out.split())
    assert all(sentence in told for sentence in (*BELL, *FERRY))
    assert "2 new, 0 revised, 0 unchanged, 0 failed" in answer.err
    assert {f"written: out/{name}" for name in desk.written()} <= set(answer.err.splitlines())
    assert set(desk.written()) == {f"{DAY}/digest.{suffix}" for suffix in ("html", "txt", "md", "json", "epub")}


def test_a_second_run_says_nothing_new_and_writes_nothing(desk: Desk) -> None:
    """The same run again tells nothing, says so, and leaves out/ as it was byte for byte, even the times of change."""
    desk.seed("bell", *BELL)
    desk.call("run")
    before = desk.written()
    times = [(path, path.stat().st_mtime_ns) for path in sorted((desk.folder / "out").rglob("*"))]
    answer = desk.call("run")
    assert answer.code == 0
    assert "Nothing new" in answer.out
    assert BELL[0][:40] not in answer.out
    assert "0 new, 0 revised, 1 unchanged, 0 failed" in answer.err
    assert "written" not in answer.err
    assert before
    assert desk.written() == before
    assert [(path, path.stat().st_mtime_ns) for path in sorted((desk.folder / "out").rglob("*"))] == times


def test_a_later_document_of_the_day_makes_a_further_edition(desk: Desk) -> None:
    """What comes in later on the same day is told in a second edition, alone; the first's page gets a way to it."""
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    first = desk.written()
    desk.seed("ferry", *FERRY)
    answer = desk.call("run", "--date", DAY, "--json")
    assert answer.json["editions"][0]["edition"] == 2
    assert [story["headline"] for story in _stories(answer)] == ["Ferry"]
    assert _told(answer) == set(FERRY)
    after = desk.written()
    assert {name for name in first if after[name] != first[name]} == {f"{DAY}/digest.html"}
    assert set(after) - set(first) == {f"{DAY}/digest-2.{suffix}" for suffix in ("html", "txt", "md", "json", "epub")}
    assert b"second edition" in after[f"{DAY}/digest-2.txt"]


def test_a_revision_is_said_so_and_corrects_what_was_told(desk: Desk) -> None:
    """A known address that says something else is named on stderr, and what was told of it is put right."""
    desk.seed("ferry", *FERRY)
    desk.call("run", "--date", DAY)
    desk.seed("ferry", *FERRY[:2], _CHANGED)
    answer = desk.call("run", "--date", DAY, "--json")
    assert "revised: https://lantern.example/ferry now says something else" in answer.err
    assert answer.json["ingested"]["revised"] == 1
    assert answer.json["ingested"]["revisions"] == ["https://lantern.example/ferry"]
    assert _stories(answer) == []
    (correction,) = answer.json["editions"][0]["corrections"]
    assert (correction["told"], correction["now"]) == (FERRY[2], _CHANGED)
    assert "The source now says" in desk.written()[f"{DAY}/digest-2.txt"].decode()


def test_a_shuffle_is_no_revision(desk: Desk) -> None:
    """The same paragraphs in another order are the same document: nothing is new."""
    desk.seed("ferry", *FERRY)
    desk.call("run")
    desk.seed("ferry", *reversed(FERRY))
    answer = desk.call("run", "--json")
    assert (answer.json["ingested"]["unchanged"], answer.json["ingested"]["revised"]) == (1, 0)
    assert answer.json["editions"] == []


def test_the_same_text_elsewhere_is_a_copy(desk: Desk) -> None:
    """Of two addresses with the same text one is told, with a link to the other, and the account says why."""
    desk.seed("a-ferry", *FERRY, title="Ferry out of service")
    desk.seed("b-ferry", *reversed(FERRY), title="No boat today")
    answer = desk.call("run", "--json")
    (story,) = _stories(answer)
    assert {story["url"], story["also"][0]["url"]} == {f"https://lantern.example/{x}-ferry" for x in "ab"}
    verdicts = [line["verdict"] for line in answer.json["editions"][0]["account"]]
    assert sorted(verdicts) == ["same text as another", "told"]


def test_a_day_in_the_past_leaves_later_documents_out(desk: Desk) -> None:
    """With --date, what is dated after that day has not come in yet; it is told on its own day."""
    desk.seed("bell", *BELL, day="20220208")
    desk.seed("ferry", *FERRY, day="20220209")
    first = desk.call("run", "--date", "2022-02-08", "--json")
    assert first.json["editions"][0]["date"] == "2022-02-08"
    assert _told(first) == set(BELL)
    second = desk.call("run", "--date", "2022-02-09", "--json")
    assert second.json["editions"][0]["date"] == "2022-02-09"
    assert _told(second) == set(FERRY)
    assert {name.split("/")[0] for name in desk.written()} == {"2022-02-08", "2022-02-09"}


def test_json_is_one_object_and_all_else_is_on_stderr(desk: Desk) -> None:
    """`run --json` writes one JSON object to stdout, with problems, editions and files in it."""
    desk.seed("bell", *BELL, day="yesterday")
    (desk.folder / "seeds" / "bad.txt").write_bytes(b"Title\n\xff")
    answer = desk.call("run", "--json")
    assert answer.code == 5
    found = answer.json
    assert found["schema"] == 1
    assert sorted(map(str, found["files"])) == sorted(["out/index.html", *(f"out/{name}" for name in desk.written())])
    assert {(p["where"], p["line"], p["fatal"]) for p in found["ingested"]["problems"]} == {
        ("seeds/bad.txt", 2, True),
        ("seeds/bell.txt", 2, False),
    }
    assert "failed: seeds/bad.txt:2" in answer.err
    assert "warning: seeds/bell.txt:2" in answer.err


def test_many_problems_are_cut_short_but_all_in_json(desk: Desk) -> None:
    """Of many bad files 20 are named on stderr, with how many more; failures come before warnings."""
    desk.seed("bell", *BELL, day="yesterday")
    for number in range(25):
        (desk.folder / "seeds" / f"bad{number}.txt").write_bytes(b"")
    answer = desk.call("run", "--json")
    assert answer.err.count("failed: ") == 20
    assert "warning: " not in answer.err
    assert "... and 6 more" in answer.err
    assert len(answer.json["ingested"]["problems"]) == 26


def test_one_of_several_digests(desk: Desk) -> None:
    """--digest makes that digest only, in a folder of its own; an unknown name is answered with the nearest."""
    desk.configure(f'{CONFIG}[digests.weekly]\nzone = "UTC"\ntitle = "Week"\n')
    desk.seed("bell", *BELL)
    answer = desk.call("run", "--digest", "weekly", "--date", DAY, "--json")
    assert [edition["digest"] for edition in answer.json["editions"]] == ["weekly"]
    assert {name.split("/")[0] for name in desk.written()} == {"weekly"}
    both = desk.call("run", "--date", DAY, "--json")
    assert [edition["digest"] for edition in both.json["editions"]] == ["daily"]
    unknown = desk.call("run", "--digest", "weakly")
    assert unknown.code in (2, 3)
    assert "did you mean 'weekly'?" in unknown.err


def test_ingest_counts_and_tells_nothing(desk: Desk) -> None:
    """`ingest PATH` counts on stdout and writes no edition; the next run tells what it took in."""
    bell = desk.seed("bell", *BELL)
    desk.seed("ferry", *FERRY)
    assert desk.call("ingest", str(bell)).out == "1 new, 0 revised, 0 unchanged, 0 failed\n"
    assert desk.call("ingest", "seeds", "seeds/f*.txt").out == "1 new, 0 revised, 2 unchanged, 0 failed\n"
    assert desk.written() == {}
    bell.unlink()
    assert _told(desk.call("run", "--json")) == {*BELL, *FERRY}


def test_ingest_says_what_is_missing(desk: Desk) -> None:
    """A path that is not there ends `ingest` with 5; a glob that matches nothing does not."""
    desk.seed("bell", *BELL)
    answer = desk.call("ingest", "seeds/bell.txt", "gone.txt", "seeds/x*.txt", "--json")
    assert answer.code == 5
    assert (answer.json["new"], answer.json["failed"]) == (1, 1)
    failed, warning = answer.err.splitlines()
    assert failed.startswith("failed: ")
    assert "gone.txt: there is no such file" in failed
    assert warning.startswith("warning: ")
    assert "seeds/x*.txt: " in warning
    assert desk.call("ingest", "seeds/x*.txt").code == 0


def test_ingest_takes_a_file_s_own_word_for_its_language(desk: Desk) -> None:
    """Only who says --language knows better than the file."""
    (desk.folder / "news.jsonl").write_text(
        '{"title": "Fähre", "url": "https://lantern.example/f", "language": "de", "text": "Die Fähre fährt wieder."}\n',
        encoding="utf-8",
    )
    assert desk.call("ingest", "news.jsonl").code == 0
    assert desk.call("show", "https://lantern.example/f", "--json").json["language"] == "de"


def test_ingest_of_a_path_named_twice(desk: Desk) -> None:
    """Naming a path twice is as good as naming it once."""
    desk.seed("bell", *BELL)
    answer = desk.call("ingest", "seeds", "seeds")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("1 new, 0 revised")


def test_ingest_keeps_order_and_language_as_told(desk: Desk) -> None:
    """--trusted-order and --language are kept with the document."""
    desk.seed("bell", *BELL)
    desk.call("ingest", "--trusted-order", "--language", "de", "seeds")
    found = desk.call("show", "https://lantern.example/bell", "--json").json
    assert (found["shuffled"], found["language"]) == (False, "de")


def test_an_ingestion_by_hand_that_was_killed_is_done_by_the_next_run(desk: Desk) -> None:
    """What a killed `ingest PATH` left in the queue is taken in by the next run, which ends as ever."""
    letter = desk.seed("bell", *BELL).rename(desk.folder / "letter.text")
    assert desk.call("ingest", "letter.text").code == 0
    letter.write_text(letter.read_text(encoding="utf-8") + FERRY[0] + "\n", encoding="utf-8")
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        ((key, state),) = jobs.keys(session, "ingest", "")
        assert state == "done"
        jobs.wake(session, [Job("ingest", key)], clock())
        assert jobs.claim(session, ("ingest",), clock(), "run")
    database.close()
    answer = desk.call("run", "--json")
    assert (answer.code, "error" in answer.err) == (0, False)
    assert answer.json["ingested"]["revised"] == 1
    assert [story["headline"] for story in _stories(answer)] == ["Bell"]


def test_ingest_finds_what_lies_at_home(desk: Desk) -> None:
    """A path with ~ that the shell left alone, as in quotes, is looked for at home."""
    desk.seed("bell", *BELL)
    desk.monkeypatch.setenv("HOME", str(desk.folder))
    assert desk.call("ingest", "~/seeds/*.txt", "~/seeds").out == "1 new, 0 revised, 1 unchanged, 0 failed\n"


def test_sections_come_from_sources_and_rules(desk: Desk) -> None:
    """A source's section is a heading of its own, unless a rule names another."""
    rule = '[[digests.daily.rules]]\nname = "museum"\nwords = ["museum"]\nsection = "Culture"\n'
    desk.configure(CONFIG.replace("[sources.seeds]", '[sources.seeds]\nsection = "Local"') + rule)
    desk.seed("ferry", *FERRY)
    desk.seed("bell", *BELL)
    answer = desk.call("run", "--date", DAY, "--json")
    found = [(one["name"], [s["headline"] for s in one["stories"]]) for one in answer.json["editions"][0]["sections"]]
    assert sorted(found) == [("Culture", ["Bell"]), ("Local", ["Ferry"])]
    text, page = (desk.written()[f"{DAY}/digest.{form}"].decode() for form in ("txt", "html"))
    assert "\nLOCAL\n" in text
    assert "<h2>Culture</h2>" in page


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('name = "x"\nmute = true', "should name words, outlets, sources or sections"),
        ('name = "x"\nwords = ["a"]', "should say mute = true, a weight other than 1, or a section"),
        ('name = "x"\nwords = ["a"]\nweight = 0', "greater than 0"),
        ('name = "x"\nword = ["a"]\nmute = true', "did you mean"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(desk: Desk, rule: str, reason: str) -> None:
    """With the file, the key and what is wrong."""
    desk.configure(f"{CONFIG}\n[[digests.daily.rules]]\n{rule}\n")
    answer = desk.call("run")
    assert answer.code == 3
    assert reason in answer.err
    assert "unbury.toml" in answer.err


def test_without_mail_readers_get_nothing_now_or_later(desk: Desk) -> None:
    """The edition is made and written; what waited to be sent waits on."""
    with smtp_sink() as sink:
        desk.configure(
            f'{CONFIG}subscribers = ["one@example.org"]\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {sink.port}\nsecurity = "none"\n'
        )
        desk.seed("bell", *BELL)
        sink.answers["RCPT"] = "451 later"
        desk.call("run", "--date", DAY)
        sink.answers.clear()
        desk.seed("ferry", *FERRY)
        assert desk.call("run", "--date", DAY, "--no-mail").code == 0
        assert f"{DAY}/digest-2.txt" in desk.written()
        assert sink.messages == []
        assert desk.call("run", "--date", DAY).code == 0
        [mail] = sink.messages
        assert BELL[0].split()[2].encode() in mail.content


def test_a_dry_run_names_no_files(desk: Desk) -> None:
    """They are gone when it has ended."""
    desk.seed("bell", *BELL)
    assert "written:" not in desk.call("run", "--dry-run").err


@pytest.mark.parametrize(
    "command",
    [("status",), ("run",), ("digest",), ("feeds", "list"), ("doctor",), ("db", "upgrade")],
    ids=" ".join,
)
def test_in_a_folder_without_a_configuration_nothing_is_made(
    desk: Desk, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the wrong folder, mostly: it is named, and what to do."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    answer = desk.call(*command)
    assert (answer.code, answer.out) == (3, "")
    assert f"error: there is no config/unbury.toml in {tmp_path / 'elsewhere'}" in answer.err
    assert "`unbury init`" in answer.err
    assert list(Path.cwd().iterdir()) == []
