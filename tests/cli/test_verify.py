"""`unbury verify`: an edition is checked by its file, and against the sources as they were kept."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.desk import BELL, DAY, FERRY, Desk

FILE = f"out/{DAY}/digest.json"


@pytest.fixture
def made(desk: Desk) -> Desk:
    """A desk at which an edition of two stories was made."""
    desk.configure('[sources.seeds]\npath = "seeds/**/*.txt"\n[digests.daily]\nzone = "UTC"\nforms = ["json"]\n')
    desk.seed("bell", *BELL)
    desk.seed("ferry", *FERRY)
    assert desk.call("run", "--date", DAY).code == 0
    return desk


def _database(desk: Desk) -> Path:
    (found,) = desk.folder.rglob("*.db")
    return found


def _tamper(desk: Desk, statement: str, *values: object) -> None:
    """Somebody changes what is kept, behind our back."""
    with closing(sqlite3.connect(_database(desk))) as connection, connection:
        connection.create_function("forged", 3, _forged)
        assert connection.execute(statement, values).rowcount > 0


def _forged(packed: bytes, old: str, new: str) -> bytes:
    """What is kept packed, with a word changed."""
    return zlib.compress(zlib.decompress(packed).replace(old.encode(), new.encode()))


def _told(desk: Desk) -> list[dict[str, object]]:
    stories = json.loads((desk.folder / FILE).read_bytes())["sections"][0]["stories"]
    return [sentence for story in stories for sentence in story["sentences"]]


@pytest.mark.parametrize("target", [FILE, DAY])
def test_an_edition_as_it_was_made_is_verified(made: Desk, target: str) -> None:
    """How many sentences of how many documents, which edition, that all is as quoted; below it the seal."""
    seal = json.loads((made.folder / FILE).read_bytes())["seal"]
    answer = made.call("verify", target)
    assert (answer.code, answer.err) == (0, "")
    line, below = answer.out.splitlines()
    assert line.startswith(f"verified: {len(_told(made))} sentences of 2 documents, edition ")
    assert line.endswith("; all is as quoted")
    assert below == f"seal: {seal}"


def test_all_editions_of_a_day_are_checked(made: Desk) -> None:
    """Whatever the digest; or one digest's."""
    made.seed("bus", "The council voted by a narrow margin to let buses run through the small hours at weekends.")
    assert made.call("run", "--date", DAY).code == 0
    assert made.call("verify", DAY).out.count("verified: ") == 2
    assert made.call("verify", DAY, "--digest", "daily").out.count("verified: ") == 2
    assert made.call("verify", DAY, "--digest", "dayly").code == 2


def test_a_changed_word_is_found_by_the_file_alone(made: Desk) -> None:
    """The sentence is named, and the answer is 1, with and without the database."""
    file = made.folder / FILE
    file.write_bytes(file.read_bytes().replace(b"eleven kilograms", b"twelve kilograms"))
    for arguments in ([FILE], [FILE, "--alone"]):
        answer = made.call("verify", *arguments)
        assert answer.code == 1
        assert answer.out.startswith("NOT verified")
        assert "the seal is broken" in answer.out
    found = made.call("verify", FILE, "--json").json
    assert found["verified"] is False
    assert len(found["editions"][0]["wrong"]) >= 2


def test_a_file_by_itself_needs_no_database(made: Desk, tmp_path: Path) -> None:
    """Where there is none, none is made; it is said that the file was checked alone."""
    shutil.copy(made.folder / FILE, tmp_path / "elsewhere.json")
    _database(made).unlink()
    answer = made.call("verify", "elsewhere.json")
    assert answer.code == 0
    assert "checked alone" in answer.out
    assert made.call("verify", "elsewhere.json", "--alone").out.splitlines() == answer.out.splitlines()[:2]
    assert list(made.folder.rglob("*.db")) == []


@pytest.mark.parametrize(
    ("statement", "values", "said"),
    [
        ("update revision set paragraphs = forged(paragraphs, ?, ?)", ("schooner", "steamer"), "is not the one"),
        ("update revision set paragraphs = forged(paragraphs, ?, ?)", ("eleven", "twelve"), "does not say there"),
        ("update revision set title = title || ?", ("!",), "is not the one"),
        ("update document set url = url || ?", ("x",), "does not lead to the source"),
        ("delete from revision where title = ?", ("Bell",), "is not in the store"),
        ("update disposition set because = ?", ("no reason",), "and not kept"),
        ("update edition set content = forged(content, ?, ?)", ("eleven", "twelve"), "is not the edition as"),
    ],
)
def test_what_was_changed_in_the_database_is_found(
    made: Desk, statement: str, values: tuple[str, ...], said: str
) -> None:
    """A source's text, title or address, the account, or the edition itself."""
    _tamper(made, statement, *values)
    answer = made.call("verify", FILE)
    assert answer.code == 1
    assert said in answer.out


def test_a_forgotten_text_is_not_wrong(made: Desk) -> None:
    """It is said that nobody can compare it any more."""
    _tamper(made, "update revision set paragraphs = ?, forgotten = 1 where title = ?", zlib.compress(b"[]"), "Bell")
    answer = made.call("verify", FILE)
    assert answer.code == 0
    assert answer.out.count("was forgotten") == 1


@pytest.mark.parametrize(
    ("target", "code"), [("nothing-like-it", 2), ("seeds/bell.txt", 2), ("config/unbury.toml", 2), ("2022-02-07", 1)]
)
def test_what_is_no_digest_is_refused(made: Desk, target: str, code: int) -> None:
    """With 2 what is neither a digest nor a day, with 1 a day of which there is none; and with a hint."""
    answer = made.call("verify", target)
    assert (answer.code, answer.out) == (code, "")
    assert "hint:" in answer.err


def test_a_text_that_lost_its_end_does_not_say_it(made: Desk) -> None:
    """`unbury explain` finds no such place there, and says so."""
    sentence = max(_told(made), key=lambda one: str(one["paragraph"]))
    assert sentence["paragraph"] != 0
    _tamper(made, "update revision set paragraphs = ?", zlib.compress(b'["Cut."]'))
    assert made.call("explain", str(sentence["id"]), "--json").json["stands"] is False
    assert "DOES NOT STAND THERE" in made.call("explain", str(sentence["id"])).out


def test_a_folder_of_an_edition_and_a_file_that_is_none(made: Desk) -> None:
    """The digest.json in it is meant; what is no edition is named."""
    assert made.call("verify", f"out/{DAY}").code == 0
    answer = made.call("verify", "config/unbury.toml")
    assert answer.code == 2
    assert answer.err.startswith("error: config/unbury.toml: ")


def test_alone_checks_a_file_only(made: Desk) -> None:
    """A day can only come from the database."""
    answer = made.call("verify", "--alone", DAY)
    assert answer.code == 2
    assert "--alone checks a file" in answer.err
