"""How long a new edition takes to get into an archive of many: seconds, and how many files are written.

    python -m benchmarks.archive [EDITIONS]

The editions are one edition of 12 stories out of the sample week, given to as many days.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from pydantic import SecretStr

from worker.edition import Edition
from worker.model import Subscriber
from worker.queue import rounds
from worker.runtime import Runtime
from worker.services import deliver, shelf
from worker.settings import DigestSettings, Settings, SourceSettings
from worker.store import editions
from worker.text.identity import identity

FORMS = ("html", "text", "markdown", "json", "atom", "epub")


def main(arguments: Sequence[str]) -> None:
    """Print what one more edition costs."""
    number = int(arguments[0]) if arguments else 1000
    with tempfile.TemporaryDirectory() as folder:
        parts = _parts(Path(folder))
        first = _edition(parts)
        last = _filled(parts, first, number)
        to = Subscriber("archive", str(parts.settings.out), FORMS)
        for again in ("cold", "once more", "unchanged"):
            began, cpu = time.perf_counter(), time.process_time()
            made = shelf.Shelf(parts, last.digest).renditions(last, FORMS)
            thought = time.perf_counter() - began
            parts.deliverer("archive").deliver(made, to, deliver.Unmarked())
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            size = sum(len(part.packed or part.content.encode()) for one in made for part in one.parts)
            print(
                f"{again:10} {number} editions: {wall:.2f} s ({thought:.2f} s thinking, {cpu:.2f} s CPU),"
                f" {len(made)} files, {size / 1e6:.1f} MB"
            )
            if again == "cold":
                last = _more(parts, first, last.day + timedelta(days=1))
        parts.database.close()


def _parts(folder: Path) -> Runtime:
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{folder / 'unbury.db'}"),
        out=folder / "out",
        sources={"seeds": SourceSettings(path="seeds/sample/*.txt")},
        digests={"daily": DigestSettings(zone="UTC", forms=FORMS)},
    )
    made = Runtime(settings)
    made.database.ready()
    return made


def _edition(parts: Runtime) -> Edition:
    result = rounds.run(parts, rounds.intake(parts), ["daily"])
    return result.editions[0]


def _filled(parts: Runtime, first: Edition, number: int) -> Edition:
    last = first
    with parts.database.writing() as session:
        for ago in range(number - 1, 0, -1):
            last = _given(first, date(2023, 1, 1) + timedelta(days=number - ago))
            editions.add(session, last)
    return last


def _more(parts: Runtime, first: Edition, day: date) -> Edition:
    made = _given(first, day)
    with parts.database.writing() as session:
        editions.add(session, made)
    return made


def _given(edition: Edition, day: date) -> Edition:
    return replace(edition, id=identity("benchmark", day.isoformat()), day=day, account=(), number=1)


if __name__ == "__main__":
    main(sys.argv[1:])
