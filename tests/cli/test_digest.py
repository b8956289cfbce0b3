"""`unbury digest`: the edition as it was made, in every form."""

from __future__ import annotations

import io
import json
import os
import pty

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk
from worker.runtime import clock

FORMS = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}


@pytest.fixture
def made(desk: Desk) -> Desk:
    """A desk at which two editions of a day were made: the bell, then the ferry."""
    desk.seed("bell", *BELL)
    assert desk.call("run", "--date", DAY).code == 0
    desk.seed("ferry", *FERRY)
    assert desk.call("run", "--date", DAY).code == 0
    return desk


@pytest.mark.parametrize(("form", "suffix"), FORMS.items())
def test_an_edition_is_printed_as_it_was_made(made: Desk, form: str, suffix: str) -> None:
    """Each edition in each form is, byte for byte, the file that lies in out/; printing writes nothing.

    The page lies there with its ways into the archive, and is printed without.
    """
    before = made.written()
    for number, name in (("1", f"digest.{suffix}"), ("2", f"digest-2.{suffix}")):
        answer = made.call("digest", "--date", DAY, "--edition", number, "--format", form)
        assert (answer.code, answer.err) == (0, "")
        if form == "html":
            assert answer.out.count("<article") == before[f"{DAY}/{name}"].count(b"<article") == 1
            assert "index.html" not in answer.out
        else:
            assert answer.out.encode() == before[f"{DAY}/{name}"]
    assert made.written() == before


def test_without_a_number_the_last_edition_is_meant(made: Desk) -> None:
    """Without --edition and --format the day's last edition is printed as text."""
    assert made.call("digest", "--date", DAY).out.encode() == made.written()[f"{DAY}/digest-2.txt"]


def test_json_is_the_form_json(made: Desk) -> None:
    """--json is the same as --format json, and one JSON object."""
    answer = made.call("digest", "--date", DAY, "--json")
    assert answer.out == made.call("digest", "--date", DAY, "--format", "json").out
    assert answer.json["edition"] == 2


def test_an_edition_stays_what_it_was_when_its_document_changes(made: Desk) -> None:
    """A later revision of a document does not change an edition that quoted the older one."""
    before = made.written()[f"{DAY}/digest.txt"].decode()
    made.seed("bell", "The bell of the museum was a hoax by nine pupils, curator Ida Brandt says.")
    assert made.call("run", "--date", DAY).code == 0
    assert made.call("digest", "--date", DAY, "--edition", "1").out == before


def test_out_writes_into_a_folder(made: Desk) -> None:
    """--out writes the form's file into the folder, and stdout names its path."""
    answer = made.call("digest", "--date", DAY, "--edition", "1", "--format", "markdown", "--out", "a/shelf")
    assert answer.out == "a/shelf/digest.md\n"
    shelf = made.folder / "a" / "shelf"
    assert [path.name for path in shelf.iterdir()] == ["digest.md"]
    assert (shelf / "digest.md").read_bytes() == made.written()[f"{DAY}/digest.md"]


def test_a_book_goes_to_a_file_or_a_pipe_and_to_no_terminal(made: Desk) -> None:
    """Its bytes are the same either way; a terminal is told where they can go instead."""
    book = ("digest", "--date", DAY, "--format", "epub")
    assert made.call(*book, "--out", "shelf").out == "shelf/digest-2.epub\n"
    with made.start(*book) as process:
        piped = process.stdout.buffer.read() if isinstance(process.stdout, io.TextIOWrapper) else b""
    assert piped == (made.folder / "shelf" / "digest-2.epub").read_bytes()
    leader, follower = pty.openpty()
    with made.start(*book, stdout=follower) as process:
        _, said = process.communicate(timeout=60)
    os.close(follower)
    os.close(leader)
    assert process.returncode == 2
    assert "no text for a terminal" in said and "--out FOLDER writes digest-2.epub" in said


def test_an_edition_that_was_not_made_is_not_found(made: Desk) -> None:
    """A number that does not exist ends with 1, says which there are, and makes nothing."""
    answer = made.call("digest", "--date", DAY, "--edition", "3")
    assert (answer.code, answer.out) == (1, "")
    assert "there is no edition 3 of 2022-02-08" in answer.err
    assert "1, 2" in answer.err
    elsewhere = made.call("digest", "--date", "2022-02-07", "--edition", "1")
    assert (elsewhere.code, elsewhere.out) == (1, "")
    assert "none" in elsewhere.err


def test_a_form_nobody_knows(made: Desk) -> None:
    """An unknown form is answered with the nearest, and nothing is printed or made."""
    answer = made.call("digest", "--date", DAY, "--format", "markdwn")
    assert answer.code == 2
    assert answer.out == ""
    assert "did you mean 'markdown'?" in answer.err


def test_what_was_not_made_is_made_from_what_is_stored(desk: Desk) -> None:
    """If the day has no edition, it is made from what is stored, without looking at the sources again."""
    desk.seed("bell", *BELL)
    assert desk.call("ingest", "seeds").code == 0
    desk.seed("ferry", *FERRY)
    answer = desk.call("digest", "--date", DAY, "--json")
    (story,) = answer.json["sections"][0]["stories"]
    assert story["headline"] == "Bell"
    assert desk.call("digest", "--date", DAY, "--json").out == answer.out
    assert json.loads(desk.written()[f"{DAY}/digest.json"]) == answer.json


def test_a_day_in_the_past_leaves_later_documents_out(desk: Desk) -> None:
    """`digest --date` tells nothing that is dated later."""
    desk.seed("bell", *BELL, day="20220208")
    desk.seed("ferry", *FERRY, day="20220209")
    desk.call("ingest", "seeds")
    answer = desk.call("digest", "--date", "2022-02-08", "--json")
    assert [story["headline"] for story in answer.json["sections"][0]["stories"]] == ["Bell"]


@pytest.mark.parametrize("flags", [("--json",), ("--format", "json")], ids=" ".join)
def test_nothing_to_tell_is_json_as_well(desk: Desk, flags: tuple[str, ...]) -> None:
    """Where nothing waits to be told, JSON says it in JSON, words go to stderr, and no file is written."""
    answer = desk.call("digest", "--date", DAY, *flags)
    assert answer.code == 0
    assert answer.json == {"schema": 1, "edition": None}
    assert "Nothing to tell" in answer.err
    assert desk.written() == {}


@pytest.mark.parametrize(
    "options",
    [
        ("digest", "--format", "html", "--json"),
        ("digest", "--preview", "--out", "x"),
        ("digest", "--preview", "--format", "text"),
        ("digest", "--preview", "--to", "a@b.example"),
        ("digest", "--resend", f"daily/{DAY}", "--date", DAY),
        ("digest", "--dry-run", "--out", "x"),
        ("status", "--prometheus", "--json"),
    ],
    ids=" ".join,
)
def test_of_two_options_none_wins_silently(made: Desk, options: tuple[str, ...]) -> None:
    """Both are named, and nothing is printed or made."""
    answer = made.call(*options)
    assert (answer.code, answer.out) == (2, "")
    first, second = (option for option in options if option.startswith("--"))
    assert first in answer.err
    assert second in answer.err
    assert "do not go together" in answer.err
    assert not (made.folder / "x").exists()


@pytest.mark.parametrize(
    "command", [("run",), ("run", "--dry-run"), ("digest",), ("digest", "--dry-run")], ids=" ".join
)
def test_a_day_that_is_yet_to_come_has_no_edition(desk: Desk, command: tuple[str, ...]) -> None:
    """It is refused, and today's is not made in its stead."""
    desk.seed("bell", *BELL)
    desk.call("ingest", "seeds")
    answer = desk.call(*command, "--date", "9998-01-01")
    assert (answer.code, answer.out) == (2, "")
    assert "error: 9998-01-01 is yet to come" in answer.err
    assert desk.written() == {}


def test_again_shows_an_edition_under_the_settings_of_now(made: Desk) -> None:
    """As it would come out; the edition stays what it was."""
    before = made.call("digest", "--date", DAY).out
    assert made.call("digest", "--date", DAY, "--again").out == before
    made.configure('[digests.daily]\nzone = "UTC"\nsentences = 1\nlanguage = "de"\n')
    again = made.call("digest", "--date", DAY, "--again", "--json").json
    [story] = again["sections"][0]["stories"]
    assert len(story["sentences"]) == 1
    assert "Dienstag" in made.call("digest", "--date", DAY, "--again").out
    assert made.call("digest", "--date", DAY).out == before


def test_a_day_without_an_edition_names_the_newest(made: Desk) -> None:
    """Yesterday's paper was asked for, none is to be made."""
    answer = made.call("digest", "--date", "2022-02-07")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "error: there is no edition of 2022-02-07\nhint: the newest is of 2022-02-08\n"


def test_days_have_names(desk: Desk) -> None:
    """Today's edition by that word."""
    desk.seed("bell", *BELL, day=f"{clock():%Y%m%d}")
    desk.configure(CONFIG.replace('"UTC"', '"local"'))
    told = desk.call("run").out
    assert told == desk.call("digest", "--date", "today").out
    assert "no edition of" in desk.call("digest", "--date", "yesterday").err
    assert desk.call("verify", "today").code == 0


def test_today_is_the_digest_s_where_the_machine_is_a_day_ahead(desk: Desk) -> None:
    """Between these two zones, it always is."""
    ahead = {"TZ": "Pacific/Kiritimati"}
    desk.configure(CONFIG.replace('"UTC"', '"Etc/GMT+12"'))
    desk.seed("bell", *BELL)
    told = desk.spawn("run", "--date", "today", environ=ahead)
    assert told.code == 0
    assert told.out == desk.spawn("digest", "--date", "today", environ=ahead).out == desk.call("digest").out


def test_md_is_markdown(made: Desk) -> None:
    """As its files are called."""
    assert (
        made.call("digest", "--date", DAY, "--format", "md").out
        == made.call("digest", "--date", DAY, "--format", "markdown").out
    )


def test_nothing_to_tell_in_words(desk: Desk) -> None:
    """Where nothing waits to be told, that is what is said."""
    answer = desk.call("digest", "--date", DAY)
    assert answer.code == 0
    assert "Nothing to tell" in answer.out + answer.err
    assert "`unbury run` takes in" in answer.err
    assert desk.written() == {}
