"""Memory: what is told again, and what is kept back though it is new.

    python -m benchmarks.memory DATA

`again` are sentences of real articles as they come back: with a dateline, an agency's credit, without
their commas, cut. `new` are the same with another number or name or a "not"; `msrp` pairs that people
found to differ, `headlines` those scored 3 and less of 5. `stream` are reprints in a stream of French
articles: sentences of which nineteen of twenty letters are those of one told before. Both ways of a pair
are asked. `old` is text/likeness.py alone. The last lines are for 20,000 sentences of equal marks.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from worker.digest.novelty import Memory
from worker.edition import Told
from worker.text.likeness import passage, repeats

Pair = tuple[str, str]
_DAY = date(2026, 11, 16)
_SENTENCES = 1500
_GROUPS = 25

_AGAIN: dict[str, Callable[[str], str]] = {
    "LONDON (Reuters) -": lambda said: f"LONDON (Reuters) - {said}",
    "PARIS —": lambda said: f"PARIS — {said}",
    "ROME, Nov 23 (AP) --": lambda said: f"ROME, Nov 23 (AP) -- {said}",
    "UPDATE 2-": lambda said: f"UPDATE 2-{said}",
    "(AFP).": lambda said: f"{said[:-1]} (AFP).",
    ", Reuters reported.": lambda said: f"{said[:-1]}, Reuters reported.",
    "no commas": lambda said: re.sub(r",(?!\d)", "", said[:-1]) + "!",
    "no capital": lambda said: said[0].lower() + said[1:],
    "in quotes": lambda said: f"“{said}”",
    "cut to 80 %": lambda said: _cut(said, 0.8) + "...",
    "cut to 55 %": lambda said: _cut(said, 0.55) + " [...]",
}
_NEW: dict[str, Callable[[str], str]] = {
    "number": lambda said: re.sub(r"\d+", lambda found: str(int(found[0]) + 1), said, count=1),
    "name": lambda said: re.sub(r"(?<=[a-z] )[A-Z][a-z]{3,}", "Zorblatt", said, count=1),
    "not": lambda said: re.sub(r"\b(is|was|are|were|will|has|have|had|would|could)\b", r"\1 not", said, count=1),
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sentences(data: Path) -> list[str]:
    """Whole sentences that have no dateline of their own."""
    found = [str(row.get("description") or "") for row in rows(data / "rss_2022.jsonl")]
    found += [paragraph for row in rows(data / "basil.jsonl") for paragraph in row["paragraphs"]]
    said = [sentence for text in found for sentence in split(text)]
    said = [one for one in said if len(one.split()) >= 8 and re.fullmatch(r"[A-Z](?!.{0,30} (?:—|--)).*[.!?]", one)]
    random.Random(1).shuffle(said)
    return said[:_SENTENCES]


def split(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def pairs(data: Path) -> Iterator[tuple[str, list[Pair]]]:
    said = sentences(data)
    for name, change in _AGAIN.items():
        yield f"again, {name}", [(one, change(one)) for one in said]
    for name, change in _NEW.items():
        yield f"new, {name}", [(one, change(one)) for one in said if change(one) != one]
    msrp = [(row["a"], row["b"]) for row in rows(data / "msrp.jsonl") if row["label"] == 0]
    yield "new, msrp", msrp + [(b, a) for a, b in msrp]
    headlines = [(row["a"], row["b"]) for row in rows(data / "sts_headlines.jsonl") if row["score"] <= 3]
    yield "new, headlines", headlines + [(b, a) for a, b in headlines]


def stream(data: Path) -> list[Pair]:
    """Sentences of reprints, each with the one told before that it is most like."""
    documents = {row["id"]: row for row in rows(data / "stream_fr.jsonl")}
    groups = list(rows(data / "stream_fr_duplicates.jsonl"))[:_GROUPS]
    found = []
    for group in groups:
        told: list[str] = []
        for row in sorted((documents[name] for name in group if name in documents), key=lambda row: row["published"]):
            said = [one for paragraph in row["paragraphs"] for one in split(paragraph) if len(one.split()) >= 5]
            found += [(before, one) for one in said if (before := _alike(one, told))]
            told += said
    return found


def report(name: str, of: list[Pair]) -> None:
    told = sum(Memory([Told(a, _DAY)]).told(b) is not None for a, b in of)
    old = sum(repeats(passage(a), passage(b)) > 0 for a, b in of)
    print(f"{name:28} {len(of):6,} pairs, held as told {told / len(of):7.2%}, old {old / len(of):7.2%}")


def speed(name: str, sentence: Callable[[], str]) -> None:
    told = [sentence() for _ in range(20_000)]
    begun = time.perf_counter()
    memory = Memory(Told(text, _DAY) for text in told)
    made = time.perf_counter()
    for _ in range(1000):
        memory.told(sentence())
    asked = time.perf_counter() - made
    print(f"{name:28} 20,000 remembered in {made - begun:.1f} s, asked in {asked:.2f} ms each")


def _cut(said: str, share: float) -> str:
    words = said.split()
    return " ".join(words[: max(6, int(len(words) * share))])


def _alike(said: str, told: list[str]) -> str:
    for before in told:
        matcher = SequenceMatcher(None, said, before)
        if matcher.real_quick_ratio() >= 0.95 and matcher.quick_ratio() >= 0.95 and matcher.ratio() >= 0.95:
            return before
    return ""


def main() -> None:
    data = Path(sys.argv[1])
    for name, of in pairs(data):
        report(name, of)
    report("again, stream", stream(data))
    chance = random.Random(3)
    signs = [chr(number) for number in range(0x4E00, 0x4E00 + 2500)]
    speed("Chinese", lambda: "，".join("".join(chance.choices(signs, k=6)) for _ in range(chance.randint(3, 8))) + "。")
    words = ["".join(chance.choices("abcdefghijklm", k=6)) for _ in range(3000)]
    speed("no capitals", lambda: " ".join(chance.choices(words, k=18)) + ".")
    speed("one pattern", lambda: f"all of these sentences begin and end the same but for {chance.choice(words)} here.")


if __name__ == "__main__":
    main()
