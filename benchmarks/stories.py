"""A window of documents to group into stories, mixed from real ones, and what grouping it takes.

Members are made from the French and English articles of the evaluation's folder (stream_fr.jsonl, rss_2022.jsonl): an
event takes two fifths of its terms, names and numbers from another article, and each report of it a fifth of another's,
so that no two documents are the same and words are about as rare as in news. One document in three is retold by up to
five others within two days. Their times fill seven days, however many there are.
"""

from __future__ import annotations

import json
import random
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.data import document
from worker.model import Member, Sketch
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.text.identity import identity
from worker.text.sentences import split

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
        paragraphs = row.get("paragraphs") or [row["description"] or ""]
        made = document(row["url"] or row["id"], row["title"], paragraphs, language)
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
