"""Seed files that are as they should be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources.shelf import GOOD, Shelf
from worker.fetched import SourceState
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles
from worker.text.identity import identity

ROOT = Path(__file__).parents[2]
REAL = ROOT / "seeds" / "000_8d7e1d734e19af18.txt"
SAMPLE = sorted((ROOT / "seeds" / "sample").glob("*.txt"))
PARAGRAPHS = ("The bell hung in a drawer.", "It weighs 11 kilograms.")


def test_title_date_address_and_paragraphs_are_taken(shelf: Shelf) -> None:
    """The first three lines are title, date and address, each further one is a paragraph."""
    document, problems = shelf.only(GOOD)
    assert problems == ()
    assert document.title == "Bell found"
    assert document.published == datetime(2022, 2, 8, tzinfo=UTC)
    assert document.url == "https://lantern.example/bell"
    assert document.paragraphs == PARAGRAPHS
    assert (document.source, document.language, document.shuffled) == ("seeds", "en", True)


def test_language_and_order_are_as_the_source_says(shelf: Shelf) -> None:
    """Every document has the language of its source, and its word on the order."""
    shelf.put("a.txt")
    settings = SourceSettings(path=str(shelf.folder), language="de", shuffled=False)
    fetched = SeedFiles("post", settings).fetch(SourceState())
    assert [(d.source, d.language, d.shuffled) for d in fetched.documents] == [("post", "de", False)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="BOM"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), id="BOM and CRLF"),
        pytest.param(GOOD.rstrip("\n").encode(), id="no newline at the end"),
        pytest.param(GOOD.replace("drawer.\n", "drawer.\n\n  \n\t\n").encode() + b"\n\n", id="blank lines in the text"),
        pytest.param(GOOD.replace("bell\nThe", "bell\n\n\nThe").encode(), id="blank lines above the text"),
        pytest.param(GOOD.replace("\n", "  \n").encode(), id="space at the ends"),
    ],
)
def test_the_way_a_file_was_saved_changes_nothing(shelf: Shelf, content: bytes) -> None:
    """Line ends, a byte order mark, blank lines and space around lines leave the document as it is."""
    plain, _ = shelf.only(GOOD)
    saved, problems = shelf.only(content)
    assert problems == ()
    assert saved == plain


@pytest.mark.parametrize("blank_after", ["Bell found", "20220208"])
def test_blank_lines_in_the_heading_hide_nothing(shelf: Shelf, blank_after: str) -> None:
    """A blank line between title, date and address is skipped: date and address still count."""
    document, _ = shelf.only(GOOD.replace(blank_after, f"{blank_after}\n"))
    assert document.published == datetime(2022, 2, 8, tzinfo=UTC)
    assert document.url == "https://lantern.example/bell"
    assert document.paragraphs == PARAGRAPHS


def test_space_within_a_paragraph_stays(shelf: Shelf) -> None:
    """What stands between words is quoted as it came: a dash that became two spaces, a no-break space."""
    document, _ = shelf.only(GOOD + "It rang  a sign of\u00a0life  twice.\n")
    assert document.paragraphs[-1] == "It rang  a sign of\u00a0life  twice."


def test_control_characters_do_not_get_in(shelf: Shelf) -> None:
    """A terminal's escape sequences are taken out of title and text."""
    document, problems = shelf.only(GOOD.replace("Bell", "\x1b[31mBell").replace("drawer", "dra\x07wer"))
    assert problems == ()
    assert document.title == "[31mBell found"
    assert document.paragraphs == PARAGRAPHS


def test_the_address_is_made_canonical(shelf: Shelf) -> None:
    """Tracking parameters, fragment and the case of the host are taken off, so that one story is one document."""
    plain, _ = shelf.only(GOOD)
    tracked, problems = shelf.only(GOOD.replace("lantern.example/bell", "Lantern.Example/bell?utm_source=mail#top"))
    assert problems == ()
    assert tracked.url == "https://lantern.example/bell"
    assert tracked.id == plain.id


def test_without_an_address_a_document_is_its_own_path(shelf: Shelf) -> None:
    """A file without an address has the file's URI for one, and its id comes from that."""
    path = shelf.put("a b.txt", "Bell found\n20220208\nThe bell hung in a drawer.\nIt weighs 11 kilograms.\n")
    (document,) = shelf.fetch(path).documents
    assert document.url == path.resolve().as_uri()
    assert document.id == identity(document.url)
    assert document.paragraphs == PARAGRAPHS


def test_the_users_own_seed_is_taken_verbatim(shelf: Shelf) -> None:
    """The real article: its title, day and canonical address, and every paragraph letter for letter."""
    lines = REAL.read_text(encoding="utf-8").splitlines()
    fetched = shelf.fetch(REAL)
    (document,) = fetched.documents
    assert fetched.problems == ()
    assert document.title == "Macron Putin told him Russia wont escalate Ukraine crisis"
    assert document.published == datetime(2022, 2, 8, tzinfo=UTC)
    assert document.url == (
        "https://www.sandiegouniontribune.com/news/nation-world/story/2022-02-08/"
        "more-diplomacy-macron-heads-to-kyiv-after-talks-with-putin"
    )
    assert document.paragraphs == tuple(lines[3:])
    assert len(document.paragraphs) == 36


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_every_file_of_the_sample_is_taken_whole(shelf: Shelf, path: Path) -> None:
    """A file of the sample has no problem, and none of its lines is lost."""
    fetched = shelf.fetch(path)
    (document,) = fetched.documents
    title, day, url, *paragraphs = path.read_text(encoding="utf-8").splitlines()
    assert fetched.problems == ()
    assert document.title == title
    assert document.published is not None
    assert f"{document.published:%Y%m%d}" == day
    assert document.url == url
    assert document.paragraphs == tuple(paragraphs)
