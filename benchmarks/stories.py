"""How grouping into stories grows with the window: time and memory for 2,000 to 50,000 documents.

    python -m benchmarks.stories DATA [--sizes 2000 5000]

Members are made from the French and English articles in DATA (stream_fr.jsonl, rss_2022.jsonl): an event takes
two fifths of its terms, names and numbers from another article, and each report of it a fifth of another's, so that no two documents
are the same and words are about as rare as in news. One document in three is retold by up to five others within two days. Their times fill seven days,
however many there are. Each size runs in a process of its own, on one core.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from worker.model import Member, Sketch
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.text.identity import document, identity
from worker.text.sentences import split

_SIZES = (2_000, 5_000, 10_000, 20_000, 50_000)
_SOURCES = 4_000  # articles that the members are made from
_MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
_WEEK = 7 * 24 * 60


def articles(data: Path) -> Iterator[dict[str, Any]]:
    for name in ("stream_fr", "rss_2022"):
        with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for _, line in zip(range(_SOURCES // 2), lines, strict=False):
                yield json.loads(line)


def portraits(data: Path) -> list[tuple[str, Sketch]]:
    found = []
    for row in articles(data):
        language = "fr" if "paragraphs" in row else "en"
        made = document(
            source="",
            url=row["url"] or row["id"],
            title=row["title"] or "",
            published=None,
            paragraphs=tuple(row.get("paragraphs") or [row["description"] or ""]),
            language=language,
            shuffled=False,
        )
        found.append((language, sketch(made, split(made))))
    return found


def mixed(chance: random.Random, one: Sketch, other: Sketch, share: float) -> Sketch:
    """One's portrait, a share of it given in exchange for the other's."""
    parts = [
        tuple(
            sorted(
                {part for part in mine if chance.random() > share} | {part for part in its if chance.random() < share}
            )
        )
        for mine, its in zip(
            (one.title, one.terms, one.names, one.numbers, one.prints),
            (other.title, other.terms, other.names, other.numbers, other.prints),
            strict=True,
        )
    ]
    return Sketch(parts[0], tuple(dict(parts[1]).items()), parts[2], parts[3], parts[4], one.words)


def members(size: int, known: Sequence[tuple[str, Sketch]]) -> list[Member]:
    chance = random.Random(1)
    made: list[Member] = []
    while len(made) < size:
        language, own = chance.choice(known)
        event = mixed(
            chance,
            own,
            chance.choice([s for tongue, s in chance.sample(known, 40) if tongue == language] or [own]),
            0.4,
        )
        minute = chance.uniform(0, _WEEK)
        for _ in range(1 if chance.random() < 2 / 3 else chance.randint(2, 6)):
            told = mixed(chance, event, chance.choice(known)[1], 0.2)
            when = _MONDAY + timedelta(minutes=min(_WEEK, minute + chance.uniform(0, 48 * 60)))
            made.append(Member(identity(str(len(made))), f"outlet {len(made) % 200}", when, told, language))
    return made[:size]


def measured(given: Sequence[Member]) -> dict[str, Any]:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = group(given)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    several = sum(len(story.documents) > 1 for story in found)
    return {
        "size": len(given),
        "seconds": seconds,
        "given": before / 1024,
        "peak": peak / 1024,
        "stories": len(found),
        "several": several,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("--sizes", type=int, nargs="+", default=_SIZES)
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(measured(members(asked.one, portraits(asked.data)))))
        return
    print("documents   seconds   of each (ms)   peak MB   stories   of several")
    table = []
    for size in asked.sizes:
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.stories", asked.data, "--one", str(size)],
            capture_output=True,
            text=True,
            check=True,
        )
        row = json.loads(run.stdout)
        table.append(row)
        print(
            f"{size:9,} {row['seconds']:9.1f} {row['seconds'] / size * 1000:14.2f} {row['peak']:9.0f} {row['stories']:9,} {row['several']:12,}",
            flush=True,
        )
    xs, ys = [math.log(row["size"]) for row in table], [math.log(row["seconds"]) for row in table]
    if len(table) > 1:
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum(
            (x - mean_x) ** 2 for x in xs
        )
        print(f"exponent {slope:.2f}")


if __name__ == "__main__":
    main()
