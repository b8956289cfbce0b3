"""`unbury why`, `unbury account` and `unbury replay`: what became of documents, and editions made again."""

from __future__ import annotations

import re
import zlib

import pytest
from sqlalchemy import text

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk
from worker.store.database import Database

RULED = f"""{CONFIG}
[[digests.daily.rules]]
name = "no bells"
words = ["bell"]
mute = true
"""


def _week(desk: Desk) -> None:
    """A ferry told on one day; a copy of it, a bell and a follow-up that come later."""
    desk.seed("ferry", *FERRY)
    desk.call("run", "--date", DAY)
    desk.seed("copy", *FERRY, url="https://herald.example/copy")
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)


def test_why_answers_for_every_document(desk: Desk) -> None:
    """Told, a copy, muted: in a sentence, by address or id; and unknown ones are refused."""
    desk.configure(RULED)
    _week(desk)
    ferry = desk.call("why", "https://lantern.example/ferry", "--json").json
    assert [(one["date"], one["verdict"], one["headline"]) for one in ferry["answers"]] == [(DAY, "told", "Ferry")]
    said = desk.call("why", ferry["id"][:10]).out.splitlines()
    assert said[-1] == f'daily on {DAY}: told in story {ferry["id"][:6]}; the story is "Ferry".'
    assert f"same text as document {ferry['id']}" in desk.call("why", "https://herald.example/copy").out
    assert "filtered by the rule 'no bells'" in desk.call("why", "https://lantern.example/bell").out
    assert desk.call("why", "https://nobody.example/x").code == 1


def test_why_calls_a_document_by_its_title(desk: Desk) -> None:
    """The one that brought it to its story; and an address needs no https:// before it."""
    desk.seed("ferry", *FERRY)
    desk.seed("county", *FERRY[:2], "The county has said nothing of it.", url="https://herald.example/county")
    desk.call("run", "--date", DAY)
    said = desk.call("why", "lantern.example/ferry").out + desk.call("why", "herald.example/county").out
    assert re.search(r'joined to "(Ferry|County)" by ', said)
    assert not re.search(r"joined to document", said)


def test_why_answers_for_what_waits(desk: Desk) -> None:
    """Taken in and read, but in no edition yet."""
    desk.seed("ferry", *FERRY)
    desk.call("ingest", "seeds")
    assert "daily: waiting (it is read and waits for the next edition)." in desk.call("why", "seeds/ferry.txt").out
    assert desk.call("account", "--json").json["accounts"][0]["waiting"] == 1


def test_why_answers_for_each_revision(desk: Desk) -> None:
    """What was told of an earlier one is said as well."""
    desk.seed("ferry", *FERRY)
    desk.call("run", "--date", DAY)
    desk.seed("ferry", *FERRY[:2], "Some 560 tickets that were sold for this week are going to be refunded by it.")
    desk.call("run", "--date", DAY)
    first, second = desk.call("why", "https://lantern.example/ferry").out.splitlines()[-2:]
    assert ", an earlier revision of it: told in story" in first
    assert "told as a correction of what was told on" in second


def test_the_account_adds_up(desk: Desk) -> None:
    """All that came in has a disposition; and if a row were lost, the command would end with 1."""
    _week(desk)
    answer = desk.call("account", "--date", DAY)
    assert answer.code == 0
    assert "3 documents in 2 editions" in answer.out
    assert "3 accounted for" in answer.out
    (found,) = desk.call("account", "--date", DAY, "--json").json["accounts"]
    assert found["dispositions"] == {"same text as another": 1, "told": 2}
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        session.execute(text("DELETE FROM disposition WHERE verdict != 'told'"))
    database.close()
    answer = desk.call("account", "--date", DAY)
    assert (answer.code, "THAT IS NOT ALL" in answer.out) == (1, True)


def test_past_editions_are_made_again_byte_for_byte(desk: Desk) -> None:
    """Also a day's second one, which must not know what came after it."""
    _week(desk)
    answer = desk.call("replay", "--from", DAY)
    assert answer.code == 0
    assert answer.out == f"{DAY} edition 1: the same, byte for byte\n{DAY} edition 2: the same, byte for byte\n"


def test_another_setting_shows_what_it_would_have_told(desk: Desk) -> None:
    """Without memory the follow-up is told whole; with room for one story the other is left out."""
    desk.seed("ferry", *FERRY)
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    answer = desk.call("replay", "--from", DAY, "--set", "stories=1")
    assert answer.code == 0
    assert "1 stories instead of 2" in answer.out
    assert sum(line.startswith("  - ") for line in answer.out.splitlines()) == 1
    for wrong in ("stories", "stories=many", "colour=red"):
        assert desk.call("replay", "--from", DAY, "--set", wrong).code == 2
    assert desk.call("replay", "--from", "2020-01-01").code == 1


def test_an_edition_whose_texts_are_gone_says_which(desk: Desk) -> None:
    """It cannot be made again, and verify says so without calling it wrong."""
    _week(desk)
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        forget = "UPDATE revision SET paragraphs = :nothing, forgotten = true WHERE title = 'Ferry'"
        session.execute(text(forget), {"nothing": zlib.compress(b"[]")})
        session.execute(text("DELETE FROM reading WHERE document IN (SELECT id FROM document WHERE url LIKE '%ferry')"))
    database.close()
    answer = desk.call("replay", "--from", DAY, "--json")
    assert answer.code == 1
    first = answer.json["editions"][0]
    assert (first["same"], first["missing"]) == (False, ["https://lantern.example/ferry"])
    assert "1 of its texts were forgotten" in first["why"]


def test_a_changed_source_makes_another_edition(desk: Desk) -> None:
    """A replay is no copy of what was stored: it thinks anew."""
    _week(desk)
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        session.execute(text("UPDATE revision SET title = 'Boat' WHERE title = 'Ferry'"))
    database.close()
    answer = desk.call("replay", "--from", DAY)
    assert answer.code == 1
    assert "edition 1: it comes out otherwise" in answer.out
    assert desk.call("verify", DAY).code == 1


@pytest.mark.parametrize("change", ["stories=0", "sentences=-1", "words=x"])
def test_a_replay_takes_no_setting_that_the_configuration_refuses(desk: Desk, change: str) -> None:
    """Not even to try."""
    answer = desk.call("replay", "--from", DAY, "--set", change)
    assert answer.code == 2
    assert "is no such number" in answer.err


def test_the_account_of_a_day_without_editions_says_so(desk: Desk) -> None:
    """On stderr: the table stands as it is."""
    assert "there is no edition of this day" in desk.call("account", "--date", "2022-02-01").err
