"""What is forgotten in time, and what never is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text, update

from tests.store.test_documents import NOW, made
from worker import pipeline
from worker.digest.edition import Dateline
from worker.edition import Digest, Edition, Past, Told
from worker.errors import NotFound
from worker.pipeline import Recipe
from worker.services import compose
from worker.store import accounts, documents, editions, readings, window
from worker.store.database import Database, Transaction, head
from worker.store.tables import RevisionRow
from worker.text.identity import document

RECIPE = Recipe("textrank", 3, (), ())
DIGEST = Digest("daily", "Unbury", "UTC", 12, 3, "textrank", 14, ("text",))


def test_old_texts_go_and_what_was_told_stays(database: Database) -> None:
    """The text and its reading are gone; the document is known, accounted for and told, and adds nothing again."""
    told = document(
        source="s", url="https://a.example/1", title="T", published=NOW, language="en", shuffled=False,
        paragraphs=("A ship came in at noon with apples for the whole town.",),
    )  # fmt: skip
    with database.writing() as session:
        documents.add(session, [told], NOW)
        readings.keep(session, [pipeline.read(told, RECIPE)])
    with database.writing() as session:
        arrivals = readings.unaccounted(session, "daily", RECIPE.id, None)
        edition = pipeline.compose(DIGEST, Dateline(date(2026, 11, 23), 1, NOW), arrivals, Past(), RECIPE)
        editions.add(session, edition)

    with database.writing() as session:
        assert readings.forget(session, ["daily"], date(2026, 11, 23)) == []
        assert readings.forget(session, ["daily", "weekly"], date(2027, 1, 1)) == []  # one has not answered yet
        assert readings.forget(session, ["daily"], date(2026, 11, 24)) == [(told.id, told.revision)]
        assert readings.forget(session, ["daily"], date(2026, 11, 24)) == []

    with database.writing() as session:
        assert documents.newest(session, told.id).paragraphs == ()
        assert documents.add(session, [told], NOW).unchanged == 1
        assert readings.unread(session, RECIPE.id, ["daily"]) == []
        assert _told(session)[0].text.startswith("A ship came in")
        assert editions.get(session, edition.id) == edition


def test_a_database_of_the_first_version_keeps_everything(database_url: str) -> None:
    """Brought up from migration 0001: a delivery that was done is sent, and no row is lost."""
    database = at(database_url, "0001")
    with database.writing() as session:
        session.execute(text("INSERT INTO delivery VALUES ('d', 'e', 'files', 'out', '[]', 'done', 'out/digest.txt')"))
    database.upgrade()
    with database.reading() as session:
        kept = editions.delivery(session, "d")
    assert database.version() == head()
    assert kept
    assert (kept.status, kept.receipt, kept.doubts, kept.packed) == ("sent", "out/digest.txt", 0, b"")
    database.close()


def test_an_edition_of_an_older_version_is_still_one(database_url: str) -> None:
    """Brought up from migration 0003: it is read, dated, remembered, and says that it cannot be made again."""
    quoted = {"text": "A ship came in.", "span": {"document": "d", "paragraph": 0, "start": 0, "end": 15}}
    link = {"document": "d", "outlet": "a.example", "url": "https://a.example/1", "title": "T", "published": None}
    content = {
        "id": "e",
        "digest": "daily",
        "title": "Unbury",
        "day": "2026-11-23",
        "number": 1,
        "zone": "UTC",
        "at": "2026-11-23T07:00:00Z",
        "account": [],
        "failures": [],
        "counts": {"documents": 1, "sentences": 1, "repeats": 0},
        "items": [
            {
                "story": {"id": "s", "documents": ["d"], "sentences": [quoted]},
                "headline": "T",
                "summary": {"sentences": [quoted], "ranker": "unbury"},
                "links": [link],
                "standing": "new",
            }
        ],
    }
    database = at(database_url, "0003")
    with database.writing() as session:
        edition = "INSERT INTO edition VALUES ('e', 'daily', '2026-11-23', 1, 1, :content)"
        session.execute(text(edition), {"content": json.dumps(content)})
        session.execute(text("INSERT INTO told VALUES ('e', 0, 'A ship came in.')"))
    database.upgrade()
    with database.reading() as session:
        kept = editions.get(session, "e")
        assert kept
        assert kept.items[0].story.documents == ("d",)
        assert editions.between(session, "daily", kept.day, kept.day) == [kept]
        assert [told.text for told in _told(session)] == ["A ship came in."]
        later = replace(kept, at=kept.at + timedelta(days=1), day=kept.day + timedelta(days=1))
        assert len(_told(session, later)) == 1
        assert _told(session, kept) == ()
        with pytest.raises(NotFound, match="does not say how it was made"):
            compose.again(session, kept, {})
    database.close()


def _told(session: Transaction, before: Edition | None = None) -> tuple[Told, ...]:
    return window.told(editions.newest(session, "daily", 14, before))


def at(database_url: str, revision: str) -> Database:
    """A database as an older version left it."""
    database = Database(database_url)
    if database_url.startswith("postgresql"):
        with database.writing() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
    config = Config()
    config.set_main_option("script_location", "worker/store/migrations")
    with database._engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return database


def test_a_new_digest_does_not_wait_for_what_was_forgotten(database: Database) -> None:
    """Nobody can read it any more; and what came in after it is all that the digest looks through."""
    with database.writing() as session:
        documents.add(session, [made()], NOW)
        session.execute(update(RevisionRow).values(forgotten=True, paragraphs=[]))
        assert readings.count_waiting(session, "second") == 0
        second = replace(DIGEST, name="second")
        editions.add(session, pipeline.compose(second, Dateline(date(2026, 11, 23), 1, NOW), [], Past(), RECIPE))
        assert accounts.answered(session, ["second"]) == 1
