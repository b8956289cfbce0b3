"""`unbury stories --jsonl`: the filter, a JSON line out for each one in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.stories.test_grouping import AGAIN, APPLES, FERRY
from worker.cli.stories import stories


def _ask(*records: object) -> Result:
    lines = "".join(f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records)
    return CliRunner().invoke(stories, ["--jsonl"], input=lines, standalone_mode=False)


def _answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def _record(name: object, said: tuple[str, ...], published: str | None = "2026-11-20T06:00:00+00:00") -> dict[str, Any]:
    return {"id": name, "title": None, "published": published, "url": None, "language": "en", "paragraphs": said}


def test_each_line_is_answered_in_its_place() -> None:
    result = _ask(_record("b", AGAIN, "2026-11-20T09:00:00"), _record("c", APPLES), _record("a", FERRY))
    assert result.return_value == 0
    assert [(answer["id"], answer["story"]) for answer in _answers(result)] == [("b", "a"), ("c", "c"), ("a", "a")]
    assert _answers(result)[0]["nearest"] == "a"


def test_two_documents_with_one_id_are_both_answered() -> None:
    result = _ask(_record("x", FERRY), _record("x", APPLES), _record("x (2)", AGAIN, None))
    answers = _answers(result)
    assert [answer["id"] for answer in answers] == ["x", "x", "x (2)"]
    assert answers[0]["story"] == answers[2]["story"] != answers[1]["story"]


def test_an_id_may_be_a_number_or_missing() -> None:
    answers = _answers(_ask(_record(7, FERRY), _record(None, APPLES)))
    assert [answer["id"] for answer in answers] == [7, None]


@pytest.mark.parametrize("bad", ["no JSON", "[]", '{"id": "x"}'])
def test_a_bad_line_is_named_and_the_others_are_answered(bad: str) -> None:
    result = _ask(bad, _record("a", FERRY))
    assert result.return_value == 5
    assert "line 1: " in result.stderr
    assert [answer["id"] for answer in _answers(result)] == ["a"]


def test_nothing_is_answered_with_nothing() -> None:
    result = _ask()
    assert (result.return_value, result.stdout) == (0, "")
