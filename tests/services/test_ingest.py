"""Taking in: what a source of anybody's own gives is made safe to store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from worker.fetched import Fetched, SourceState
from worker.model import Document, Job
from worker.runtime import Runtime
from worker.services.ingest import ingest
from worker.settings import Settings
from worker.store import documents, history
from worker.text.identity import document

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Careless:
    """A source that lets through whatever it finds."""

    language: str
    title: str

    def fetch(self, state: SourceState) -> Fetched:
        """One document."""
        return Fetched((self._document(),), (), SourceState(title=self.title, error=self.title))

    def _document(self) -> Document:
        return document(
            source="own",
            url="https://a.example/1",
            title=self.title,
            published=NOW,
            paragraphs=("The ferry was halted.",),
            language=self.language,
            shuffled=False,
        )


@pytest.mark.parametrize(("language", "kept"), [("e\0n", "en"), ("\ud800de", "de"), ("x" * 5_000, "x" * 35)])
def test_no_word_of_a_source_stops_the_database(database_url: str, language: str, kept: str) -> None:
    """PostgreSQL refuses NUL and what is longer than its column, where SQLite takes them; lone surrogates, both."""
    runtime = Runtime(Settings(database_url=SecretStr(database_url), sources={}), now=lambda: NOW)
    runtime.database.upgrade()
    runtime.extra["own"] = source = Careless(language, "Fer\0ry \ud800halted")
    work = ingest(runtime, Job("ingest", "own"))
    with runtime.database.writing() as session:
        work.save(session)
    with runtime.database.reading() as session:
        found = documents.newest(session, source._document().id)
        state = history.source_state(session, "own")
    assert (found.language, found.title) == (kept, "Ferry halted")
    assert (state.title, state.error) == ("Ferry halted", "Ferry halted")
