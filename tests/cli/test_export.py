"""`unbury export` and `unbury explain`: past editions in any form, and where a sentence stands."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk

NEXT = "2022-02-09"


@pytest.fixture
def made(desk: Desk) -> Desk:
    """A desk at which editions of two days were made."""
    desk.seed("bell", *BELL)
    assert desk.call("run", "--date", DAY).code == 0
    desk.seed("ferry", *FERRY, day="20220209")
    assert desk.call("run", "--date", NEXT).code == 0
    return desk


def test_all_days_in_a_form(made: Desk) -> None:
    """Each in the folder of its day."""
    answer = made.call("export", "--format", "epub", "--out", "shelf", "--json")
    assert answer.json == {"schema": 1, "editions": 2, "files": 2, "folder": "shelf"}
    books = sorted(str(path.relative_to(made.folder)) for path in (made.folder / "shelf").rglob("*.epub"))
    assert books == [f"shelf/{DAY}/digest.epub", f"shelf/{NEXT}/digest.epub"]
    assert zipfile.ZipFile(made.folder / books[0]).namelist()[0] == "mimetype"


def test_some_days(made: Desk) -> None:
    """From and to, both included."""
    assert made.call("export", "--from", NEXT, "--to", NEXT, "--format", "markdown").code == 0
    assert [path.name for path in (made.folder / "export").iterdir()] == [NEXT]
    nothing = made.call("export", "--from", "2023-01-01")
    assert nothing.code == 1
    assert "no edition of these days" in nothing.err


def test_the_archive_anew(made: Desk) -> None:
    """When `out` is lost, it is written again, byte for byte."""
    before = made.archive()
    shutil.rmtree(made.folder / "out")
    assert made.call("export", "--format", "archive").code == 0
    assert made.archive() == before


def test_a_form_that_fails_stops_no_page(made: Desk) -> None:
    """It is named at the end, when all the rest is written anew."""
    (made.folder / "my_form.py").write_text(
        "class Broken:\n    def __init__(self, settings): ...\n    def export(self): ..."
    )
    made.monkeypatch.syspath_prepend(made.folder)
    before = made.archive()
    shutil.rmtree(made.folder / "out")
    made.configure(CONFIG + 'forms = ["my_form:Broken", "html", "text", "markdown", "json", "epub"]\n')
    answer = made.call("export", "--format", "archive")
    assert (answer.code, answer.err.count("the form 'my_form:Broken' failed: TypeError")) == (1, 1)
    assert made.archive() == before


def test_only_neighbours_and_lists_change_with_an_edition(made: Desk) -> None:
    """The first day's evidence stays as it is; its page gets the way to the next day."""
    before = made.archive()
    made.seed("bus", "The council voted by a narrow margin to let buses run through the small hours.", day="20220210")
    assert made.call("run", "--date", "2022-02-10").code == 0
    after = made.archive()
    changed = {name for name in before if after.get(name) != before[name] and not name.startswith("latest/")}
    assert changed == {f"{NEXT}/digest.html", "index.html", "feed.xml", "search/2022-02.js"}


def test_a_sentence_is_explained(made: Desk) -> None:
    """By the id that stands behind it: its source, its place, and that it stands there."""
    digest = json.loads(made.written()[f"{DAY}/digest.json"])
    sentence = digest["sections"][0]["stories"][0]["sentences"][0]
    assert f"[{sentence['id']}" in made.written()[f"{DAY}/digest.txt"].decode().replace("-2]", "]").replace("-3]", "]")
    words = made.call("explain", sentence["id"])
    assert (words.code, words.err) == (0, "")
    assert words.out.startswith(sentence["text"])
    assert "it stands there, word for word" in words.out
    assert f", {DAY}: " in words.out, "the seed names a day and no hour"
    found = made.call("explain", sentence["id"], "--json").json
    same = ("text", "document_id", "revision", "content", "url", "paragraph", "start", "end", "place")
    assert {name: found[name] for name in same} == {name: sentence[name] for name in same}
    assert (found["stands"], found["kept"]) == (True, True)


def test_what_stands_behind_a_quotation_is_explained(made: Desk) -> None:
    """A range as it is printed, and a story by itself: each of the sentences."""
    printed = re.search(r"\[(\w+)\.(\d)-(\d)\]", made.written()[f"{DAY}/digest.txt"].decode())
    assert printed
    first, last = int(printed[2]), int(printed[3])
    single = [made.call("explain", f"{printed[1]}.{number}").out for number in range(first, last + 1)]
    assert made.call("explain", printed[0]).out == "\n".join(single)
    assert made.call("explain", printed[1]).out.startswith(single[0])
    assert len(made.call("explain", printed[0], "--json").json["sentences"]) == last - first + 1


def test_a_day_that_did_not_tell_it_is_named(made: Desk) -> None:
    """It was told, on another."""
    digest = json.loads(made.written()[f"{DAY}/digest.json"])
    sentence = digest["sections"][0]["stories"][0]["sentences"][0]["id"]
    answer = made.call("explain", sentence, "--date", "2022-02-01")
    assert answer.code == 1
    assert f"no edition of 2022-02-01 told a sentence {sentence}" in answer.err


def test_what_was_dropped_for_a_sentence_is_shown(desk: Desk) -> None:
    """The repeat that stood in the same text."""
    desk.seed("bell", *BELL, BELL[0].replace("has turned up", "turned up"))
    desk.call("run", "--date", DAY)
    sentences = json.loads(desk.written()[f"{DAY}/digest.json"])["sections"][0]["stories"][0]["sentences"]
    answers = [desk.call("explain", sentence["id"], "--json").json for sentence in sentences]
    assert any(one["similarity"] > 0.7 for answer in answers for one in answer["dropped"])


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("abcdef.1", 1, "no edition told"),
        ("nonsense", 2, "is no sentence's id"),
        ("abcdef.0", 2, "is no sentence's id"),
    ],
)
def test_an_id_nobody_knows(made: Desk, name: str, code: int, said: str) -> None:
    """In a sentence."""
    answer = made.call("explain", name)
    assert answer.code == code
    assert said in answer.err


def test_a_forgotten_text_leaves_the_evidence_saying_so(made: Desk) -> None:
    """The page has the text no more; the quotation stays, and is known by its hash."""
    (page,) = [name for name in made.archive() if name.startswith(f"{DAY}/story-")]
    before = made.archive()[page].decode()
    assert made.call("db", "prune", "--older-than", "1").code == 0
    assert made.call("run", "--date", NEXT).code == 0
    after = made.archive()[page].decode()
    assert "forgotten" in after
    assert "forgotten" not in before
    assert before.count(BELL[0]) > after.count(BELL[0]) >= 1
    found = made.call("verify", f"out/{DAY}/digest.json")
    assert found.code == 0
    assert "was forgotten" in found.out
    sentence = json.loads(made.written()[f"{DAY}/digest.json"])["sections"][0]["stories"][0]["sentences"][0]
    assert "the text was forgotten" in made.call("explain", sentence["id"]).out


def test_several_digests_have_shelves_and_a_page_above(desk: Desk) -> None:
    """Each has its own index; the page above leads to them."""
    desk.configure('[sources.seeds]\npath = "seeds/*.txt"\n[digests.a]\nzone = "UTC"\n[digests.b]\nzone = "UTC"\n')
    desk.seed("bell", *BELL)
    assert desk.call("run", "--date", DAY).code == 0
    names = set(desk.archive())
    assert {f"{one}/{DAY}/digest.html" for one in "ab"} | {"index.html", "a/index.html", "b/index.html"} <= names
    top = (Path(desk.folder) / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="a/index.html"' in top
    assert 'href="b/index.html"' in top


def test_a_story_told_twice_has_the_sentence_of_that_day(desk: Desk) -> None:
    """A follow-up has its story's id: without the day, both are named, and with it the right one is shown."""
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    desk.seed("bell", *BELL, "The bell was cast in 1790 by the founders of Port Ansel, a plate on it says.")
    desk.call("run", "--date", NEXT)
    days = {}
    for day in (DAY, NEXT):
        story = json.loads(desk.written()[f"{day}/digest.json"])["sections"][0]["stories"][0]
        days[day] = story["sentences"][0]
    name = days[DAY]["id"]
    assert days[NEXT]["id"] == name
    unclear = desk.call("explain", name)
    assert unclear.code == 1
    assert DAY in unclear.err
    assert NEXT in unclear.err
    for day, sentence in days.items():
        assert desk.call("explain", name, "--date", day, "--json").json["text"] == sentence["text"]


def test_an_archive_that_is_lost_comes_back_with_the_next_edition(made: Desk) -> None:
    """With all earlier editions, and each month of the search."""
    shutil.rmtree(made.folder / "out")
    made.seed("bus", "The council voted by a narrow margin to let buses run through the small hours.", day="20220310")
    assert made.call("run", "--date", "2022-03-10").code == 0
    names = set(made.archive())
    days = (DAY, NEXT, "2022-03-10")
    assert {f"{day}/digest.html" for day in days} | {"search/2022-02.js", "search/2022-03.js"} <= names
    assert sum("/story-" in name for name in names if not name.startswith("latest/")) == 3
