"""Random histories of a digest: what comes in, how, and when an edition is made of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from tests.builders import NEWS
from worker import pipeline
from worker.edition import Edition, Verdict
from worker.model import Document, Reading
from worker.runtime import Runtime
from worker.services import compose, processes
from worker.settings import DigestSettings, ReadingSettings, RuleSettings, Settings, SourceSettings
from worker.store import documents, editions, readings
from worker.store.tables import DispositionRow, EditionRow, RevisionRow, Table
from worker.text import identity

_START = datetime(2026, 11, 2, 6, tzinfo=UTC)
_RULE = RuleSettings(name="no buses", words=("bus", "buses"), mute=True)


@dataclass
class History:
    """A digest's life: its database, its clock, and by what chance things happen."""

    runtime: Runtime
    chance: random.Random
    time: datetime = _START
    made: list[Edition] = field(default_factory=list)
    offered: list[Document] = field(default_factory=list)

    def live(self, days: int) -> None:
        """So many days, on some of which nothing is made, and at the end one on which all is."""
        for _ in range(days):
            for _ in range(self.chance.randrange(4)):
                self.come()
            if self.chance.random() < 0.7:
                self.compose()
            self.time += timedelta(hours=self.chance.choice([1, 12, 24, 24, 30]))
        self.compose(late=False)

    def come(self) -> None:
        """Something comes in: new, doubled, revised, a copy; dated, undated, late, back-dated, from the future."""
        with self.runtime.database.writing() as session:
            given = [self._document() for _ in range(self.chance.randrange(1, 4))]
            self.offered += given
            added = documents.add(session, given, self.time)
            fresh = (*added.new, *added.revised)
            if self.chance.random() < 0.9:
                readings.keep(session, [self._read(document) for document in fresh])

    def _read(self, document: Document) -> Reading:
        if self.chance.random() < 0.05:
            return processes.unreadable(document.id, document.revision, self.runtime.recipe, "it took too long")
        return pipeline.read(document, self.runtime.recipe)

    def _document(self) -> Document:
        pick = self.chance.random()
        if self.offered and pick < 0.15:
            return self.chance.choice(self.offered)
        old = self.chance.choice(self.offered) if self.offered and pick < 0.45 else None
        said = self.chance.sample(NEWS, self.chance.randrange(0, 4))
        if old and pick < 0.25:  # the same text elsewhere
            said = list(old.paragraphs)
        moved = self.chance.choice([None, 0, 0, 0, -1, -3, -40, 1, 30])
        return identity.document(
            source=self.chance.choice(["feed", "file", "gone"]),
            url=old.url if old and pick >= 0.25 else f"https://{self.chance.choice('abc')}.example/{len(self.offered)}",
            title=self.chance.choice(["", "Ferry withdrawn", "Update"]),
            published=None if moved is None else self.time + timedelta(days=moved),
            paragraphs=tuple(said),
            language="en",
            shuffled=self.chance.random() < 0.5,
        )

    def compose(self, *, late: bool = True) -> None:
        """An edition, today's or a past day's; while it is thought of, something may come in."""
        self._read_all()
        day = self.time.date()
        if late and self.chance.random() < 0.2:
            day -= timedelta(days=1)
        job = compose.compose_job("daily", day, 1)
        work = compose.compose(self.runtime, job)
        if late and self.chance.random() < 0.4:
            self.come()
        with self.runtime.database.writing() as session:
            report = work.save(session).report
        if isinstance(report, Edition):
            self.made.append(report)

    def _read_all(self) -> None:
        """What lay unread is read, as the next round would."""
        with self.runtime.database.writing() as session:
            keys = readings.unread(session, self.runtime.recipe.id, ["daily"])
            readings.keep(session, map(self._read, documents.get(session, keys)))


@contextmanager
def histories(folder: Path, database_url: str = "") -> Iterator[Callable[[int], History]]:
    """Gives a history for each seed, which begins with an empty database: one file, emptied, for a new one costs a second."""
    settings = Settings(
        database_url=SecretStr(database_url or f"sqlite:///{folder / 'unbury.db'}"),
        sources={"file": SourceSettings(), "feed": SourceSettings(kind="feed", url="https://a.example/feed")},
        digests={"daily": DigestSettings(zone="UTC", ranker="luhn", stories=3, words=60, rules=(_RULE,))},
        reading=ReadingSettings(ranker="luhn"),
        feeds=folder / "none.opml",
    )
    runtime = Runtime(settings)
    runtime.database.ready()

    def begun(seed: int) -> History:
        with runtime.database.writing() as session:
            for table in Table.metadata.tables.values():
                session.execute(table.delete())
        lived = History(runtime, random.Random(seed))
        runtime.now = lambda: lived.time
        return lived

    try:
        yield begun
    finally:
        runtime.database.close()


def unaccounted(lived: History) -> list[str]:
    """What is wrong with a history's account, in words; nothing if all is well."""
    with lived.runtime.database.reading() as session:
        revisions = Counter(session.query(RevisionRow.document, RevisionRow.id).all())
        answered = Counter(session.query(DispositionRow.document, DispositionRow.revision).all())
        stored = {name: editions.get(session, name) for (name,) in session.query(EditionRow.id)}
    wrong = [f"no answer for {key}" for key in (revisions - answered)]
    wrong += [f"{count} answers for {key}" for key, count in answered.items() if count > 1 or key not in revisions]
    for edition in stored.values():
        assert edition is not None
        if edition.counts.documents != len(edition.account):
            wrong.append(f"edition {edition.id} counts {edition.counts.documents}, accounts for {len(edition.account)}")
        told = {d.document for d in edition.account if d.verdict is Verdict.told}
        quoted = {s.span.document for item in edition.items for s in item.summary.sentences}
        wrong += [f"quoted, but not told: {name}" for name in quoted - told]
    said = [text for e in stored.values() if e for item in e.items for text in (s.text for s in item.summary.sentences)]
    wrong += [f"told {count} times: {text}" for text, count in Counter(said).items() if count > 1]
    return wrong


def not_the_same(lived: History) -> list[str]:
    """The editions that come out otherwise when they are made again out of what is stored."""
    with lived.runtime.database.reading() as session:
        again = [(edition, compose.again(session, edition, {})) for edition in lived.made]
    return [edition.id for edition, (made, missing) in again if made != edition or missing]
