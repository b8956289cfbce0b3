"""How many documents are joined on a day on which no two tell of the same event.

    python -m benchmarks.strangers DATA

DATA is a folder of JSON lines. Articles, short news and feed entries of many years, drawn at random, are laid into one day; a few are relatives
all the same (two reports of one war, of one championship), so the true share is somewhat less than what is printed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.data import records
from benchmarks.story_weights import _DAY, member
from worker.model import Member
from worker.stories.grouping import group

#: Of which sets, and how much of a day each is.
_SHARES = {"cnndm": 0.4, "inshorts": 0.2, "rss_2022": 0.4}
_SIZES, _DAYS = (10, 40, 90, 160, 300), 6


def drawn(data: Path) -> Iterator[tuple[int, list[Member]]]:
    """Days of so many documents each."""
    chance = random.Random(1)
    sets = {name: [row for row in records(data / f"{name}.jsonl") if _english(row)] for name in _SHARES}
    for size in _SIZES:
        for _ in range(_DAYS):
            yield size, [made for name, some in sets.items() for made in _day(name, some, size, chance)]


def _english(row: dict[str, Any]) -> bool:
    return str(row.get("lang") or "en").startswith("en")


def _day(name: str, some: list[dict[str, Any]], size: int, chance: random.Random) -> Iterator[Member]:
    for row in chance.sample(some, max(1, int(size * _SHARES[name]))):
        said = row.get("paragraphs") or [row.get("text") or row.get("description") or ""]
        when = _DAY + timedelta(minutes=chance.randrange(-720, 720))
        yield member(f"{name}-{row.get('id', row.get('url'))}", row.get("title"), when, said)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    joined: dict[int, list[int]] = {}
    for size, members in drawn(options.parse_args().data):
        joined.setdefault(size, []).append(len(members) - len(group(members)))
    for size, several in joined.items():
        print(f"{size:4d} documents a day: {sum(several) / size / _DAYS:.1%} joined")


if __name__ == "__main__":
    main()
