"""`unbury show`: how a document was read, found by any of its names."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.cli.desk import BELL, DAY, FERRY, Desk
from worker.text.identity import identity

URL = "https://lantern.example/bell"


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk at which the bell, a copy of it, and the ferry (a file without an address) were told."""
    desk.seed("bell", *BELL, BELL[0])
    desk.seed("ferry", *FERRY, url="")
    assert desk.call("run", "--date", DAY).code == 0
    desk.seed("copy", *BELL, BELL[0])
    assert desk.call("run", "--date", DAY).code == 0
    return desk


def test_a_document_is_found_by_address_and_id(told: Desk) -> None:
    """An address however it is written, an id, and an id's first letters all mean the document."""
    written = (URL, f"{URL}#top", "HTTPS://Lantern.Example/bell?utm_source=x")
    for name in (*written, identity(URL), identity(URL)[:4]):
        answer = told.call("show", name, "--json")
        assert (answer.code, answer.err) == (0, "")
        assert (answer.json["id"], answer.json["url"]) == (identity(URL), URL)


def test_a_document_of_an_older_version_is_found_by_its_whole_address(told: Desk) -> None:
    """Parameters like "ref" were left out of addresses once; whoever has the address with them finds it still."""
    assert told.call("show", f"{URL}?ref=mail", "--json").json["id"] == identity(URL)


def test_a_document_without_an_address_is_found_by_its_path(told: Desk) -> None:
    """A file without an address is found by its path, relative or absolute, and by its URI."""
    path = told.folder / "seeds" / "ferry.txt"
    for name in ("seeds/ferry.txt", str(path), path.resolve().as_uri()):
        assert told.call("show", name, "--json").json["url"] == path.resolve().as_uri()


def test_a_document_with_an_address_is_found_by_its_path(told: Desk) -> None:
    """`show PATH` means the document that lies there, even if the file names an address."""
    answer = told.call("show", "seeds/bell.txt", "--json")
    assert answer.code == 0
    assert answer.json["url"] == URL


def test_text_shows_order_choice_and_repeats(told: Desk) -> None:
    """In words: title, address, each sentence (* chosen), the repeat with what was kept for it, and the verdict."""
    answer = told.call("show", URL)
    lines = answer.out.splitlines()
    assert lines[:2] == ["Bell", URL]
    assert "2022-02-08" in lines[2]
    assert {line[2:] for line in lines if line[:2] in ("* ", "  ")} >= set(BELL)
    assert sum(line.startswith("* ") for line in lines) == 3
    assert "1 repeats dropped:" in answer.out or "1 repeat dropped:" in answer.out
    assert f"- {BELL[0]}" in lines
    assert f"daily, {DAY}: told" in answer.out


def test_json_places_quote_the_paragraphs(told: Desk) -> None:
    """Each place in the JSON is a quote: the paragraph from start to end is its text."""
    found = told.call("show", URL, "--json").json
    assert found["paragraphs"] == [*BELL, BELL[0]]
    repeats = [place for repeat in found["repeats"] for place in (repeat["dropped"], repeat["kept"])]
    places = [*found["order"], *found["summary"], *repeats]
    assert len(found["order"]) == 3
    assert len(repeats) == 2
    for place in places:
        assert found["paragraphs"][place["paragraph"]][place["start"] : place["end"]] == place["text"]
    assert [(v["digest"], v["day"], v["verdict"]) for v in found["verdicts"]] == [("daily", DAY, "told")]


def test_a_copy_says_of_what(told: Desk) -> None:
    """The same text under another address is shown as a copy of the first, and told as such in the account."""
    found = told.call("show", "https://lantern.example/copy", "--json").json
    assert found["copy_of"] == identity(URL)
    assert [v["verdict"] for v in found["verdicts"]] == ["same text as another"]
    assert f"the same text as {identity(URL)}" in told.call("show", "https://lantern.example/copy").out
    assert told.call("show", URL, "--json").json["copy_of"] is None


def test_the_newest_revision_is_shown(told: Desk) -> None:
    """After a revision the new text is shown."""
    told.seed("bell", *FERRY[:2])
    told.call("ingest", "seeds")
    assert told.call("show", URL, "--json").json["paragraphs"] == list(FERRY[:2])


def test_a_revision_that_came_back_is_the_newest(desk: Desk) -> None:
    """Where the old text stands at the address again, it is the old text that is shown."""
    for text in (BELL, FERRY, BELL):
        desk.seed("bell", *text)
        desk.call("ingest", "seeds")
    assert desk.call("show", URL, "--json").json["paragraphs"] == list(BELL)


@pytest.mark.parametrize(
    "name",
    [
        "https://lantern.example/unknown",
        "seeds/gone.txt",
        "ffffffff",
        identity(URL)[:3],
        "",
        "%",
        "http://[::1",
        "https://a.example:port/",
        pytest.param("https://lantern.example/" + "long-" * 100, id="a long address"),
        pytest.param("x" * 5000, id="a very long word"),
    ],
)
def test_what_is_not_known_is_said_so(desk: Desk, name: str) -> None:
    """A name that means no document ends with 1, one error and one hint on stderr, and nothing on stdout."""
    desk.seed("bell", *BELL)
    assert desk.call("ingest", "seeds").code == 0
    answer = desk.call("show", name)
    assert (answer.code, answer.out) == (1, "")
    error, hint = answer.err.splitlines()
    assert error.startswith("error: no document is known as ")
    assert hint.startswith("hint: ")


def test_an_ambiguous_beginning_names_what_it_could_be(desk: Desk) -> None:
    """A beginning that several ids share ends with 1 and lists them; one letter more tells them apart."""
    ids = {identity(f"https://lantern.example/{number}"): str(number) for number in range(3000)}
    a, b = next((a, b) for a, b in pairwise(sorted(ids)) if a[:4] == b[:4])
    desk.seed(ids[a], *BELL)
    desk.seed(ids[b], *FERRY)
    assert desk.call("ingest", "seeds").code == 0
    answer = desk.call("show", a[:4])
    assert (answer.code, answer.out) == (1, "")
    assert "several documents" in answer.err
    assert a in answer.err
    assert b in answer.err
    assert desk.call("show", a[:12], "--json").json["id"] == a
