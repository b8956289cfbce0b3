"""What is asked for each day is found by an index, and what is open is found wherever it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import DateTime, column, event, insert, table
from sqlalchemy.orm import Session

from tests.builders import NEWS, document
from tests.store.test_documents import NOW
from tests.store.test_readings import DIGEST, RECIPE, at
from worker import pipeline
from worker.digest.edition import Dateline
from worker.edition import Past
from worker.model import Document
from worker.store import accounts, documents, editions, readings, window
from worker.store.database import Database

DAY = date(2026, 11, 23)


def _come(database: Database, *numbers: int) -> list[Document]:
    """Documents that come in together."""
    made = [document(NEWS[number], url=f"https://a.example/{number}") for number in numbers]
    with database.writing() as session:
        documents.add(session, made, NOW)
    return made


def _read(database: Database, given: Iterable[Document]) -> None:
    with database.writing() as session:
        readings.keep(session, [pipeline.read(one, RECIPE) for one in given])


def _compose(database: Database, number: int, name: str = "daily") -> None:
    with database.writing() as session:
        arrivals = readings.unaccounted(session, name, RECIPE.id, None)
        digest, line = replace(DIGEST, name=name), Dateline(DAY, number, NOW + timedelta(minutes=number))
        editions.add(session, pipeline.compose(digest, line, arrivals, Past(), RECIPE))


def _open(database: Database, digest: str = "daily") -> list[str]:
    with database.reading() as session:
        return sorted(one.document.url[-1] for one in readings.unaccounted(session, digest, RECIPE.id, None))


def _answered(database: Database, digest: str = "daily") -> int:
    with database.reading() as session:
        return accounts.answered(session, [digest])


def test_what_is_read_late_is_still_open(database: Database) -> None:
    """A batch that was not read when later ones were told holds the mark back, until it is answered for as well."""
    _read(database, _come(database, 0))
    late = _come(database, 1, 2)
    _read(database, _come(database, 3))
    assert _open(database) == ["0", "3"]
    _compose(database, 1)
    assert (_answered(database), _open(database)) == (1, [])
    with database.reading() as session:
        assert len(readings.unread(session, RECIPE.id, ["daily"])) == 2
        assert readings.count_waiting(session, "daily") == 2
    _read(database, late)
    assert _open(database) == ["1", "2"]
    _compose(database, 2)
    assert (_answered(database), _open(database)) == (3, [])


def test_a_new_digest_has_answered_for_nothing(database: Database) -> None:
    """However far another one has come, it is made of all that is there; and each has a mark of its own."""
    _read(database, _come(database, 0, 1))
    _compose(database, 1)
    assert _open(database, "weekly") == ["0", "1"]
    _compose(database, 1, "weekly")
    _read(database, _come(database, 2))
    _compose(database, 2)
    assert (_answered(database), _answered(database, "weekly")) == (2, 1)
    assert (_open(database), _open(database, "weekly")) == ([], ["2"])
    with database.reading() as session:
        assert accounts.answered(session, ["daily", "weekly"]) == 1
        assert accounts.answered(session, ["daily", "monthly"]) == 0


def test_a_document_is_found_by_its_address_or_the_beginning_of_its_id(database: Database) -> None:
    """An address is taken whole; an id from four of its digits on."""
    one, _ = _come(database, 0, 1)
    with database.reading() as session:
        for name in (one.url, one.id, one.id[:8]):
            assert documents.find(session, name) == [one.id]
        for name in (one.url[:-1], one.id[:3], "https://a.example/_", "%"):
            assert documents.find(session, name) == []


#: What is asked with each run, each edition and each question, of a document that there is.
_ASKED: dict[str, Callable[[Session, Document], object]] = {
    "waiting": lambda session, _: readings.waiting(session, "daily", RECIPE.id, NOW),
    "unread": lambda session, _: readings.unread(session, RECIPE.id, ["daily"]),
    "unaccounted": lambda session, _: readings.unaccounted(session, "daily", RECIPE.id, None),
    "count": lambda session, _: readings.count_waiting(session, "daily"),
    "find": lambda session, one: documents.find(session, one.url),
    "find by id": lambda session, one: documents.find(session, one.id[:8]),
    "why": lambda session, one: accounts.of_document(session, one.id),
    "members": lambda session, _: window.members(session, "daily", DAY, None),
    "stood": lambda session, one: window.stood(session, "daily", [one.id], None),
    "latest": lambda session, one: window.latest(session, "daily", [one.id], None),
    "originals": lambda session, one: window.originals(session, "daily", [one.id], None),
    "first": lambda session, one: window.first_fetches(session, [one.source]),
    "newest": lambda session, _: editions.newest(session, "daily", 14, None),
    "entries": lambda session, _: editions.entries(session, 50),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", _ASKED)
def test_no_table_is_looked_through(database: Database, name: str) -> None:
    """A year's rows are not read for what a day's question needs."""
    _read(database, _come(database, 0, 1))
    _compose(database, 1)
    one, *_ = _come(database, 2)
    _read(database, [one])
    said: list[tuple[str, Any]] = []
    with database.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *asked: said.append((asked[2], asked[3])))
        _ASKED[name](session, one)
        plans = [
            row[-1]
            for statement, values in list(said)
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        ]
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    if name == "entries":  # goes through its index from the end, and stops where the list is full
        scans = [plan for plan in scans if "USING INDEX ix_edition_day" not in plan]
    assert scans == []


def test_what_an_older_version_kept_is_packed(database_url: str) -> None:
    """Brought up from migration 0005: texts, readings, editions and answers are what they were, and the open ones open."""
    database = at(database_url, "0005")
    one, other = (document(NEWS[number], url=f"https://a.example/{number}") for number in range(2))
    with database.writing() as session:
        for number, given in enumerate((one, other)):
            _insert(session, "document", id=given.id, source="s", url=given.url, newest=given.revision, first_seen=NOW)
            _insert(
                session, "revision", document=given.id, id=given.revision, body="b", title=given.title, arrived=NOW,
                published=given.published, language="en", shuffled=True, paragraphs=json.dumps(given.paragraphs),
            )  # fmt: skip
            row = readings._reading_row(pipeline.read(given, RECIPE))
            packed = {key: json.dumps(row[key]) for key in ("sentences", "repeats", "summary", "sketch")}
            _insert(session, "reading", **{**row, **packed})
            if number:
                answer = {"document": given.id, "revision": given.revision, "verdict": "nothing new", "because": "old"}
                _insert(session, "disposition", digest="daily", edition="e", **answer)
    database.upgrade()
    with database.reading() as session:
        (arrival,) = readings.unaccounted(session, "daily", RECIPE.id, None)
        assert (arrival.document, arrival.reading) == (replace(one, source="s"), pipeline.read(one, RECIPE))
        assert accounts.answered(session, ["daily"]) == 0
    database.close()


def _insert(session: Session, name: str, **row: object) -> None:
    kinds = {key: DateTime(timezone=True) if isinstance(value, datetime) else None for key, value in row.items()}
    columns = [column(key, kind) if kind else column(key) for key, kind in kinds.items()]
    session.execute(insert(table(name, *columns)).values(row))
