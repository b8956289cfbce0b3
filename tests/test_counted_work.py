"""What work costs, counted and not timed: a change that asks the database for each document is seen on any machine.

Each bound is what was counted, and a margin. Whoever needs more says why, and raises it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event

from benchmarks.table import news, sifting
from tests.builders import MORNING
from tests.postgres import PostgresServer
from tests.web.readers import Ours
from tests.web.stage import Reply, Stage, rss
from worker.dedup import repeats
from worker.fetched import Fetched, SourceState
from worker.model import Document, Job, Member
from worker.queue import rounds, working
from worker.runtime import Runtime
from worker.settings import DigestSettings, Settings
from worker.store import database, documents, jobs
from worker.stories import nearest
from worker.stories.grouping import group

#: Statements of each kind of job, for 50 documents: counted 17, 10 and 28 on SQLite, 14, 6 and 24 on PostgreSQL.
_FOR_FIFTY = {"ingest": 21, "read": 13, "compose": 35}
#: And for 100 documents more, which are two batches to read: counted 0, 16 and 0. A statement that takes many rows is one.
_FOR_HUNDRED_MORE = {"ingest": 2, "read": 20, "compose": 4}
#: Three batches to read and an edition; counted 4.
_MESSAGES = 5
#: Bytes that go into SQLite's log, whose pages are 4 kB each, for a byte of text: counted 7.7.
_BYTES_WRITTEN = 10.0
#: Passages that are compared word by word, for a sentence: counted 1.7.
_COMPARED_PASSAGES = 2.2
#: Pairs of documents that are compared, for a document: counted 9.0.
_COMPARED_DOCUMENTS = 12.0


class Given:
    """A source that has these documents."""

    def __init__(self, number: int) -> None:
        self.documents = texts()[:number]

    def fetch(self, state: SourceState) -> Fetched:
        return Fetched(self.documents, (), state)


@cache
def texts() -> tuple[Document, ...]:
    return tuple(
        news.came_in(report, number, MORNING - timedelta(minutes=number), "given")
        for number, report in enumerate(news.reports(150, size=(3, 6)))
    )


@dataclass
class Done:
    """What was done with documents: statements by kind of job, messages that would be sent, bytes written."""

    statements: Counter[str]
    messages: int
    written: int
    text: int


@contextmanager
def counted(statements: Counter[str], kind: str) -> Iterator[None]:
    """Within it each statement that goes to a database is one of this kind."""

    def seen(*_: Any) -> None:
        statements[kind] += 1

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", seen)


def work(url: str, folder: Path, number: int) -> Done:
    """Take in so many documents, read them, and make the edition, each job as a Celery worker does it."""
    settings = Settings(database_url=SecretStr(url), out=folder / "out", digests={"daily": DigestSettings(zone="UTC")})
    parts = Runtime(settings, extra={"given": Given(number)}, now=lambda: MORNING)
    parts.database.ready()
    with parts.database.writing() as session:
        jobs.insert(session, [Job("ingest", "given")], MORNING)
    statements, messages = Counter[str](), 0
    for kind in ("ingest", "read", "compose"):
        while True:
            with counted(statements, kind):
                done = working.work(parts, [kind])
            if done is None:
                break
            assert done.error is None
            messages += sum(follow.kind != "deliver" for follow in done.follow)
        if kind == "read":
            messages += len(rounds.composable(parts))
    with parts.database.reading() as session:
        assert documents.count(session)[0] == number
    log = parts.database.file.with_name(f"{parts.database.file.name}-wal") if parts.database.file else None
    written = log.stat().st_size if log else 0
    parts.database.close()
    return Done(statements, messages, written, sum(len("".join(one.paragraphs).encode()) for one in texts()[:number]))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_more_documents_cost_hardly_a_statement_more(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Statements take many rows: a hundred documents more are two batches to read, and else cost nothing."""
    few, many = (work(_fresh(kind, request, tmp_path / str(number)), tmp_path, number) for number in (50, 150))

    more = many.statements - few.statements
    assert {kind: count for kind, count in few.statements.items() if count > _FOR_FIFTY[kind]} == {}
    assert {kind: count for kind, count in more.items() if count > _FOR_HUNDRED_MORE[kind]} == {}


def test_a_batch_is_a_message(tmp_path: Path) -> None:
    """On a cluster 150 documents are three messages to read, and one to make the edition."""
    done = work(f"sqlite:///{tmp_path / 'unbury.db'}", tmp_path, 150)

    assert done.messages <= _MESSAGES


def test_a_document_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hundred documents more add to SQLite's log is in step with their texts, pages and indexes included."""
    monkeypatch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "wal_autocheckpoint=0"))
    few, many = (
        work(f"sqlite:///{tmp_path / name}", tmp_path, 50 + 100 * (name == "many")) for name in ("few", "many")
    )

    assert (many.written - few.written) / (many.text - few.text) <= _BYTES_WRITTEN


def test_few_sentences_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among 3,000 sentences without numbers and names, which all could be repeats, each is compared with few."""
    compared = _counting(monkeypatch, repeats, "alike")
    plain = (re.sub(r"\d+", "many", said.lower()) for said in news.made(1))
    said, again = sifting.sentences(3_000, plain)
    found = sifting.dropped(said)

    assert len(found & again) >= 0.9 * len(again)
    assert len(compared) / len(said) <= _COMPARED_PASSAGES


def test_few_documents_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 600 documents of a day, each is compared with few others."""
    looked = []
    find = nearest.pairs

    def pairs(*given: Any) -> Any:
        found = find(*given)
        looked.append(len(found[0]))
        return found

    monkeypatch.setattr(nearest, "pairs", pairs)
    members = [_member(report, number) for number, report in enumerate(news.reports(600, size=(3, 6)))]
    stories = group(members)

    assert 200 < len(stories) < 500  # of one event in three there are several
    assert sum(looked) / len(members) <= _COMPARED_DOCUMENTS


def test_an_unchanged_feed_is_one_request() -> None:
    """It is asked for once, with what it said of itself; robots.txt was read before."""
    with Stage() as stage:
        url = stage.says("/feed", Reply(200, rss("a"), {"ETag": '"1"'}), Reply(304))
        reader = Ours(url)
        reader.look()
        before = len(stage.asked)
        for _ in range(3):
            reader.now += timedelta(hours=2)
            assert reader.look() == []

        asked = stage.asked[before:]
    assert [(one.path, one.headers.get("if-none-match")) for one in asked] == [("/feed", '"1"')] * 3


def _fresh(kind: str, request: pytest.FixtureRequest, file: Path) -> str:
    server: PostgresServer | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    return server.fresh() if server else f"sqlite:///{file}"


def _counting(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[None]:
    """A function of a module, which from now on leaves a mark for each time it is called."""
    calls: list[None] = []
    function: Callable[..., Any] = getattr(module, name)

    def counting(*given: Any) -> Any:
        calls.append(None)
        return function(*given)

    monkeypatch.setattr(module, name, counting)
    return calls


def _member(report: Sequence[str], number: int) -> Member:
    came = news.came_in(report, number, MORNING - timedelta(minutes=number))
    return Member(came.id, f"wire{number % 40}", came.published, news.reading(came, "").sketch)
