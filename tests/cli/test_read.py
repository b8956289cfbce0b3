"""`unbury read --jsonl`: the filter, a JSON line out for each one in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.desk import BELL, FERRY, Answer, Desk
from worker.plugins import RANKERS

ODD = (
    "A bronze  bell\u00a0missing for \ud800 ninety years has\u2028turned up in a drawer of the Eastquay museum.",
    "  Curator Ida\0Brandt found it\ton Monday while she was looking for a box of wooden spoons. \u200b It rang. ",
    "\ufeffThe bell weighs eleven kilograms 🔔 and still carries the name of the schooner e\u0301t it belonged to.\r",
    "",
    " \u3000 ",
    *FERRY,
    FERRY[0],
)


def _read(desk: Desk, *records: object, flags: tuple[str, ...] = ()) -> Answer:
    return desk.call("read", "--jsonl", *flags, stdin=_lines(*records))


def _lines(*records: object) -> bytes:
    return b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in records)


def _places(answer: dict[str, Any]) -> list[dict[str, Any]]:
    repeats = [place for repeat in answer["repeats"] for place in (repeat["dropped"], repeat["kept"])]
    return [*answer["order"], *answer["summary"], *repeats]


def _quote(paragraphs: tuple[str, ...] | list[str], place: dict[str, Any]) -> str:
    number, start, end = place["paragraph"], place["start"], place["end"]
    return str(paragraphs[number][start:end])


@pytest.mark.parametrize("shuffled", [False, True])
def test_places_lead_into_the_paragraphs_as_they_came_in(desk: Desk, shuffled: bool) -> None:
    """Surrogates, NUL, odd spaces and emoji are left alone: a summary's text is what stands at its place."""
    answer = _read(desk, {"id": "odd", "title": "Bell", "paragraphs": ODD, "shuffled": shuffled})
    assert (answer.code, answer.err) == (0, "")
    (found,) = answer.lines
    assert found["id"] == "odd"
    assert set(found) == {"id", "summary", "order", "repeats"}
    assert len(found["summary"]) == 3
    assert all(sentence["text"] == _quote(ODD, sentence) for sentence in found["summary"])
    quoted = "".join(_quote(ODD, place) for place in found["order"])
    assert all(character in quoted for character in "\ud800\0\u00a0\t🔔\u0301")
    assert [_quote(ODD, repeat["dropped"]) for repeat in found["repeats"]] == [FERRY[0]]
    assert [_quote(ODD, repeat["kept"]) for repeat in found["repeats"]] == [FERRY[0]]
    assert answer.out.isascii()


def test_order_and_repeats_are_all_that_came_in(desk: Desk) -> None:
    """Every letter and digit is either in order or dropped as a repeat, nothing is in both."""
    (found,) = _read(desk, {"paragraphs": ODD}).lines
    places = [*found["order"], *(repeat["dropped"] for repeat in found["repeats"])]
    taken = [(p["paragraph"], i) for p in places for i in range(p["start"], p["end"])]
    assert len(taken) == len(set(taken))
    letters = {(n, i) for n, text in enumerate(ODD) for i, c in enumerate(text) if c.isalnum()}
    assert letters <= set(taken)


def test_a_text_is_split_at_newlines(desk: Desk) -> None:
    """With "text", a paragraph is what stands between two newlines, blank ones counted; "paragraphs" goes first."""
    text = f"{BELL[0]}\n\n{BELL[1]}\r\n{BELL[2]}\u2028{FERRY[0]}"
    (found,) = _read(desk, {"text": text}, flags=("--sentences", "9")).lines
    assert {place["paragraph"] for place in _places(found)} == {0, 2, 3}
    assert all(s["text"] == _quote(text.split("\n"), s) for s in found["summary"])
    (both,) = _read(desk, {"text": text, "paragraphs": [FERRY[1]]}).lines
    assert [s["text"] for s in both["summary"]] == [FERRY[1]]
    (null,) = _read(desk, {"text": FERRY[1], "paragraphs": None}).lines
    assert [s["text"] for s in null["summary"]] == [FERRY[1]]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"id": None, "title": None, "language": None, "published": None, "url": None, "shuffled": None},
        {"published": "yesterday", "language": "tlh"},
        {"published": 20220208, "language": "xx-unknown", "title": ["a"], "url": 7},
        {"published": "2022-02-08T10:00:00+01:00", "title": "Bell \ud800", "language": ""},
        {"language": "../../../etc/passwd"},
        {"language": "zh"},
        {"language": "en\0\ud800"},
    ],
)
def test_all_other_fields_may_be_missing_or_odd(desk: Desk, record: dict[str, Any]) -> None:
    """Only the text is needed: what else is missing, null or strange changes nothing in how lines are answered."""
    answer = _read(desk, {**record, "paragraphs": BELL}, {"id": 2, "paragraphs": FERRY})
    assert (answer.code, answer.err) == (0, "")
    first, second = answer.lines
    assert first["id"] == record.get("id")
    assert {s["text"] for s in first["summary"]} == set(BELL)
    assert second["id"] == 2


@pytest.mark.parametrize("paragraphs", [[], [""], ["...", "--"]])
def test_nothing_in_nothing_out(desk: Desk, paragraphs: list[str]) -> None:
    """A document without a word is answered with an empty summary."""
    (found,) = _read(desk, {"id": "e", "paragraphs": paragraphs}).lines
    assert found == {"id": "e", "summary": [], "order": [], "repeats": []}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"{\n", "not JSON"),
        (b'{"id": "\xe9"}\n', "not JSON"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (b"[" * 100_000 + b"\n", "not JSON"),
        ([1, 2], "should be an object"),
        ("text", "should be an object"),
        (None, "should be an object"),
        ({}, '"paragraphs"'),
        ({"title": "Bell"}, '"paragraphs"'),
        ({"paragraphs": [1]}, '"paragraphs"'),
        ({"paragraphs": {"a": "b"}}, '"paragraphs"'),
        ({"paragraphs": "a string"}, '"paragraphs"'),
        ({"text": ["a"]}, '"text"'),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(desk: Desk, bad: object, says: str) -> None:
    """A line that cannot be read is named with its number on stderr; the rest is answered; it ends with 5."""
    answer = _read(desk, {"id": 1, "paragraphs": BELL}, b"\n", bad, {"id": 4, "paragraphs": FERRY})
    assert answer.code == 5
    assert [found["id"] for found in answer.lines] == [1, 4]
    (error,) = answer.err.splitlines()
    assert error.startswith("error: line 3: ")
    assert says in error


@pytest.mark.parametrize("ranker", RANKERS.names())
@pytest.mark.parametrize("shuffled", [False, True])
def test_every_ranker_answers(desk: Desk, ranker: str, shuffled: bool) -> None:
    """Each built-in ranker chooses as many sentences as were asked for, each a quote."""
    paragraphs = [*BELL, *FERRY]
    record = {"title": "Bell", "paragraphs": paragraphs, "shuffled": shuffled}
    answer = _read(
        desk, record, {"paragraphs": []}, {"paragraphs": ["One."]}, flags=("--ranker", ranker, "--sentences", "2")
    )
    assert (answer.code, answer.err) == (0, "")
    found, empty, one = answer.lines
    assert len(found["summary"]) == 2
    assert all(s["text"] == _quote(paragraphs, s) for s in found["summary"])
    assert empty["summary"] == []
    assert [s["text"] for s in one["summary"]] == ["One."]


def test_a_ranker_nobody_knows_is_answered_with_the_nearest(desk: Desk) -> None:
    """An unknown ranker is said before a line is read, with the nearest one."""
    answer = _read(desk, {"paragraphs": BELL}, flags=("--ranker", "textrnk"))
    assert answer.code in (2, 3)
    assert answer.out == ""
    assert "did you mean 'textrank'?" in answer.err


def test_a_shuffle_changes_nothing(desk: Desk) -> None:
    """The same paragraphs in another order give the same sentences in the same order."""
    paragraphs = [*BELL, *FERRY]
    told = [
        [
            _quote(given, place)
            for place in _read(desk, {"id": "x", "paragraphs": given, "shuffled": True}).lines[0]["order"]
        ]
        for given in (paragraphs, paragraphs[::-1], [*paragraphs[3:], *paragraphs[:3]])
    ]
    assert told[0] == told[1] == told[2]


def test_the_filter_needs_no_store(desk: Desk) -> None:
    """Reading lines makes no database and writes no file; nothing in, nothing out."""
    assert _read(desk).out == ""
    assert _read(desk, {"paragraphs": BELL}).code == 0
    assert sorted(path.name for path in desk.folder.iterdir()) == ["config"]
