"""A year of a digest in a database: its size beside the texts', and how long commands take in it and in an empty one.

    python -m benchmarks.year [--documents 200000] [--days 365] [--data DATA] [--postgresql] [--kept FOLDER]

Texts are the French articles in DATA (stream_fr.jsonl), or generated as by throughput.py; each comes again
after eight days, under another address. Editions are composed of eight days' documents, and stand in the database
on each day of the year with that day's documents. Then `run` takes in 50 new seed files and tells them, `why` asks for
one of the first day's documents, `status` counts; the best of some runs, in processes of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from benchmarks.throughput import _sentence, articles
from tests.postgres import postgres_server
from worker import pipeline
from worker.digest.edition import Dateline
from worker.edition import Edition, Past
from worker.model import Arrival, Document, Reading
from worker.runtime import Runtime
from worker.services import compose
from worker.settings import DigestSettings, Settings, SourceSettings
from worker.store import documents, editions, readings
from worker.store.database import Database
from worker.store.tables import DocumentRow, ReadingRow, RevisionRow, Table
from worker.text import identity

_ROOT = Path(__file__).parents[1]
_LAST = datetime(2026, 11, 22, 6, tzinfo=UTC)
_PERIOD = 8  # days after which the texts come again: longer than the window
_COMMANDS = {
    "status": ["status"],
    "why": ["why", "https://wire0.example/0"],
    "run": ["run", "--date", "2026-11-23"],
}


def texts(data: Path | None, number: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Language, title and paragraphs of so many articles."""
    if data is None:
        chance = random.Random(7)
        yield from (("en", *article(chance)) for _ in range(number))
        return
    with (data / "stream_fr.jsonl").open(encoding="utf-8") as lines:
        for _, line in zip(range(number), lines, strict=False):
            row = json.loads(line)
            yield "fr", row["title"] or "", tuple(row["paragraphs"])


def article(chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """A title, and paragraphs that are shuffled and partly repeated, as throughput.py's are."""
    paragraphs = [" ".join(_sentence(chance) for _ in range(chance.randint(2, 4))) for _ in range(chance.randint(6, 9))]
    paragraphs += chance.sample(paragraphs, 2)
    chance.shuffle(paragraphs)
    return _sentence(chance).rstrip("."), tuple(paragraphs)


class Year:
    """Documents, readings and editions, day by day."""

    def __init__(self, runtime: Runtime, data: Path | None, number: int, days: int) -> None:
        self.runtime, self.days, self.a_day = runtime, days, number // days
        self.bytes = 0
        self._made = 0
        self._read = [self._reading(*one) for one in texts(data, self.a_day * _PERIOD)]
        self._editions: dict[int, tuple[list[Arrival], Edition]] = {}

    def _reading(self, language: str, title: str, paragraphs: tuple[str, ...]) -> tuple[Document, Reading]:
        document = identity.document(
            source="seeds", url=title, title=title, published=None,
            paragraphs=paragraphs, language=language, shuffled=True,
        )  # fmt: skip
        return document, pipeline.read(document, self.runtime.recipe)

    def fill(self) -> None:
        """Put all days into the database."""
        for number in range(self.days):
            day = _LAST - timedelta(days=self.days - 1 - number)
            came = self._day(number % _PERIOD, day)
            with self.runtime.database.writing() as session:
                self._keep(session, came, day)
                if number or self.days > 1:
                    editions.add(session, self._edition(number % _PERIOD, came, day))

    def _day(self, place: int, day: datetime) -> list[Arrival]:
        found = []
        for at in range(self.a_day):
            document, reading = self._read[(place * self.a_day + at) % len(self._read)]
            url = f"https://wire{self._made % 40}.example/{self._made}"
            self._made += 1
            self.bytes += len("\n".join((document.title, *document.paragraphs)).encode())
            made = identity.document(
                source="seeds", url=url, title=document.title, published=day - timedelta(minutes=at),
                paragraphs=document.paragraphs, language=document.language, shuffled=True,
            )  # fmt: skip
            found.append(Arrival(made, _moved(reading, made), day))
        return found

    def _keep(self, session: Any, came: Sequence[Arrival], day: datetime) -> None:
        put: dict[type[Table], list[dict[str, object]]] = {DocumentRow: [], RevisionRow: [], ReadingRow: []}
        batch = self._made // self.a_day
        for one in came:
            document = one.document
            put[DocumentRow].append(
                {
                    "id": document.id,
                    "source": document.source,
                    "url": document.url,
                    "newest": document.revision,
                    "first_seen": day,
                }
            )
            row = documents._revision_row(document, identity.identity(document.url), None, day)
            put[RevisionRow].append({**row, "batch": batch})
            put[ReadingRow].append(readings._reading_row(one.reading))
        for table, rows in put.items():
            session.execute(insert(table), rows)

    def _edition(self, place: int, came: Sequence[Arrival], day: datetime) -> Edition:
        """The edition composed of the same texts before, with these documents in the place of those."""
        if place not in self._editions:
            digest = self.runtime.digest("daily")
            made = compose.Made(digest, self.runtime.recipe_of(digest), {"seeds": {"section": "", "feed": False}})
            dateline = Dateline(day.date(), 1, day)
            self._editions[place] = (
                list(came),
                compose.edition_of(made, compose.Material(tuple(came), Past()), dateline, ()),
            )
        before, edition = self._editions[place]
        names = {
            getattr(a.document, n): getattr(b.document, n)
            for a, b in zip(before, came, strict=True)
            for n in ("id", "revision", "url")
        }
        content = json.dumps(editions._EDITION.dump_python(edition, mode="json"))
        content = re.sub(r"[0-9a-f]{24}|https://wire[^\"]*", lambda found: names.get(found[0], found[0]), content)
        moved: Edition = editions._EDITION.validate_python(json.loads(content))
        return replace(moved, id=identity.edition("daily", day.date(), 1), day=day.date(), at=day)


def _moved(reading: Reading, document: Document) -> Reading:
    """A reading as if it were another document's of the same text; its spans name it by its row."""

    def sentence(one: Any) -> Any:
        return replace(one, span=replace(one.span, document=document.id))

    repeats = tuple(
        replace(r, dropped=replace(r.dropped, document=document.id), kept=replace(r.kept, document=document.id))
        for r in reading.repeats
    )
    summary = replace(reading.summary, sentences=tuple(map(sentence, reading.summary.sentences)))
    return replace(
        reading, document=document.id, revision=document.revision, repeats=repeats,
        sentences=tuple(map(sentence, reading.sentences)), summary=summary,
    )  # fmt: skip


def settings(url: str, folder: Path) -> Settings:
    return Settings(
        database_url=url, out=folder / "out", feeds=folder / "none.opml",  # type: ignore[arg-type]
        sources={"seeds": SourceSettings(path=str(folder / "seeds"))},
        digests={"daily": DigestSettings(zone="UTC")},
    )  # fmt: skip


def rooms(database: Database) -> tuple[int, dict[str, int]]:
    """The bytes the database takes, and each table and index of it."""
    with database.reading() as session:
        if database.file:
            found = dict(session.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")).all())
            return sum(found.values()), found
        rows = session.execute(text(
            "SELECT relname, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) FROM pg_class"
            " WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
        )).all()  # fmt: skip
        return session.scalar(text("SELECT pg_database_size(current_database())")) or 0, dict(rows)


def timed(url: str, folder: Path, name: str, most: int) -> tuple[float, float]:
    """The least wall and CPU seconds that a command takes."""
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "UNBURY_DATABASE_URL": url, "OPENBLAS_NUM_THREADS": "1"}
    found: list[tuple[float, float]] = []
    for _ in range(most):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", "from worker.cli.main import main; main()", *_COMMANDS[name]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 2):
            sys.stdout.write(f"{name}: {done.returncode} {done.stderr[-500:]}\n")
        found.append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def measure(
    url: str, place: Path, asked: argparse.Namespace, days: int, number: int
) -> Mapping[str, tuple[float, float]]:
    """Fill a database, say what room it takes, and time the commands."""
    place.mkdir(parents=True)
    articles(place / "seeds", 50)
    (place / "out").mkdir()
    (place / "out" / "index.html").touch()  # the archive of the year is there: an empty one would be filled first
    (place / "config").mkdir()
    (place / "config/unbury.toml").write_text(
        f'out = "{place}/out"\nfeeds = "{place}/none.opml"\n[sources.seeds]\npath = "{place}/seeds"\n[digests.daily]\nzone = "UTC"\n'
    )
    runtime = Runtime(settings(url, place))
    runtime.database.upgrade()
    year = Year(runtime, asked.data, number, days)
    year.fill()
    total, found = rooms(runtime.database)
    if asked.vacuum and runtime.database.file is None:
        with runtime.database._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    sys.stdout.write(
        f"{place.name}: {year._made:,} documents, {year.bytes / year._made:.0f} bytes of text each, {total / year._made:.0f} in the database: {total / year.bytes:.2f} times\n"
    )
    for name, size in sorted(found.items(), key=lambda entry: -entry[1])[:12]:
        sys.stdout.write(f"    {name:32} {size / year._made:7.0f} bytes a document\n")
    runtime.database.close()
    times = {name: timed(url, place, name, 1 if name == "run" else asked.runs) for name in _COMMANDS}
    for name, (wall, cpu) in times.items():
        sys.stdout.write(f"    {name:8} {wall * 1000:7.0f} ms wall {cpu * 1000:7.0f} ms CPU\n")
    sys.stdout.flush()
    return times


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--documents", type=int, default=200_000)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--data", type=Path)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--vacuum", action="store_true")
    options.add_argument("--kept", type=Path, help="a folder where the databases stay")
    asked = options.parse_args()
    a_day = asked.documents // asked.days
    with ExitStack() as open_:
        place = asked.kept or Path(open_.enter_context(tempfile.TemporaryDirectory()))
        server = open_.enter_context(postgres_server()) if asked.postgresql else None
        for name, days in (("a week", 8), ("a year", asked.days)):
            folder = place / name.replace(" ", "-")
            shutil.rmtree(folder, ignore_errors=True)
            url = server.fresh() if server else f"sqlite:///{folder}/unbury.db"
            measure(url, folder, asked, days, a_day * days)


if __name__ == "__main__":
    main()
