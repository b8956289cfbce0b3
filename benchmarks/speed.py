"""Speed of reading, each figure beside sumy's in the same run, on one core.

    python -m benchmarks.speed ARTICLES

ARTICLES is a file of JSON lines as `unbury read --jsonl` takes them, 500 at best. Measured are LexRank and
TextRank on 55 and on 1,000 sentences, ours and sumy's own; and articles a second of `unbury read` (the
time of all less that of the first 100, so that starting up is left out) beside sumy's LexRank alone on the
same sentences, with its stemmer as it comes and with one that remembers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from worker.model import Sentence, Span
from worker.summaries.graphs import LexRank, TextRank
from worker.summaries.rankers import SumyRanker
from worker.text.languages import stop_words
from worker.text.sentences import spans

FIRST = 100


def seconds(work: Callable[[], object], times: int) -> float:
    """The least of so many tries."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def sentences(record: dict[str, Any]) -> list[Sentence]:
    """The distinct sentences of a record."""
    rows = record.get("paragraphs") or record["text"].split("\n")
    found = dict.fromkeys(row[a:b] for row in rows for a, b in spans(row, "en"))
    return [Sentence(text, Span("", number, 0, len(text))) for number, text in enumerate(found)]


def ranker(kind: Any, stem: Any) -> SumyRanker:
    """A summarizer of sumy's kind, ready to rank."""
    method = kind(stem)
    method.stop_words = stop_words("en")
    return SumyRanker(method, most=10_000)


def graphs(pool: Sequence[Sentence]) -> Iterator[str]:
    """LexRank and TextRank, ours and sumy's, words stemmed before."""
    stem = lru_cache(None)(Stemmer("en"))
    for size in (55, 1000):
        given = pool[:size]
        for name, own, plain in (("LexRank", LexRank, LexRankSummarizer), ("TextRank", TextRank, TextRankSummarizer)):
            times = 30 if size < 100 else 3
            ours = seconds(lambda: ranker(own, stem).rank("", given, ordered=False), times)  # noqa: B023
            theirs = seconds(lambda: ranker(plain, stem).rank("", given, ordered=False), max(1, times // 3))  # noqa: B023
            yield f"{name:9s}{size:6d} sentences  ours {1000 * ours:8.2f} ms  sumy {1000 * theirs:9.2f} ms  {theirs / ours:6.1f} times"


def reading(path: Path) -> Iterator[str]:
    """`unbury read --jsonl` beside sumy's LexRank alone."""
    lines = path.read_bytes().splitlines(keepends=True)

    def run(given: Sequence[bytes]) -> Callable[[], object]:
        command = [str(Path(sys.executable).with_name("unbury")), "read", "--jsonl", "--sentences", "3"]
        return lambda: subprocess.run(command, input=b"".join(given), stdout=subprocess.DEVNULL, check=True)

    rest = len(lines) - FIRST
    each = (seconds(run(lines), 5) - seconds(run(lines[:FIRST]), 5)) / rest
    yield f"unbury read              {1000 * each:8.2f} ms an article: {1 / each:.0f} articles a second"
    given = [sentences(json.loads(line)) for line in lines[FIRST:]]
    for name, stem in (("as it comes", Stemmer("en")), ("stems kept", lru_cache(None)(Stemmer("en")))):
        method = ranker(LexRankSummarizer, stem)
        took = seconds(lambda: [method.rank("", one, ordered=False) for one in given], 1) / rest  # noqa: B023
        yield f"sumy LexRank, {name:11s}{1000 * took:8.2f} ms an article: {took / each:.1f} times ours"


def main() -> None:
    """Print what was measured."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    path = Path(sys.argv[1])
    texts = dict.fromkeys(s.text for line in path.read_text().splitlines() for s in sentences(json.loads(line)))
    pool = [Sentence(text, Span("", number, 0, len(text))) for number, text in enumerate(texts)]
    for line in (*graphs(pool), *reading(path)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
