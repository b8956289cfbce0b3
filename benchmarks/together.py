"""How good the summaries of several documents are: ours beside sumy's best over all their text, and their leads.

    python -m benchmarks.together DATA [RANKER]

DATA holds multiling_clusters.jsonl with multiling_docs.jsonl (20 clusters of ten documents, English and French,
two to five human summaries of 250 words each; budget: 250 words) and allsides_neus.jsonl (600 clusters of three
short articles; budget: three sentences). Each system has the same budget, and fills it alike: the best sentence
that still fits. ROUGE-1, -2 and -L F (Lin 2004) of stems, x100; the mean over the human summaries, then over
clusters. sumy sees the documents one after another; "distinct": exact repeats taken out. The two weights in
summaries/together.py were picked on these sets, of some twenty pairs; all of them came out above sumy's best R-1.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, zip_longest
from pathlib import Path
from statistics import fmean

from benchmarks.data import document, records
from worker.model import Sentence
from worker.plugins import RANKERS, Ranker
from worker.summaries import rankers
from worker.summaries.choice import Budget
from worker.summaries.together import Version, tell
from worker.text.languages import stemmer
from worker.text.sentences import split

FACTORIES: dict[str, Callable[..., rankers.SumyRanker]] = {
    "LexRank": rankers.plain_lexrank,
    "TextRank": rankers.plain_textrank,
    "Luhn": rankers.luhn,
    "LSA": rankers.lsa,
}
Scores = tuple[float, float, float]
System = Callable[["Cluster"], Sequence[str]]


@dataclass(frozen=True)
class Cluster:
    """Documents of one event, what humans wrote to sum them up, and the length that a summary may have."""

    title: str
    language: str
    versions: tuple[Version, ...]
    references: tuple[str, ...]
    budget: Budget


def multiling(folder: Path) -> Iterator[Cluster]:
    texts = {row["id"]: row for row in records(folder / "multiling_docs.jsonl")}
    for row in records(folder / "multiling_clusters.jsonl"):
        found = [texts[key] for key in row["docs"]]
        versions = tuple(_version(d["id"], d["title"], d["paragraphs"], row["lang"], _day(d["date"])) for d in found)
        yield Cluster(versions[0].title, row["lang"], versions, tuple(row["summaries"]), Budget(99, 250))


def neus(folder: Path) -> Iterator[Cluster]:
    for row in records(folder / "allsides_neus.jsonl"):
        versions = tuple(
            _version(f"{row['id']}-{number}", d["title"], d["text"].split("\n"), "en", None)
            for number, d in enumerate(row["docs"])
        )
        yield Cluster(versions[0].title, "en", versions, (row["summary"],), Budget(3))


def _version(key: str, title: str, paragraphs: Sequence[str], language: str, when: datetime | None) -> Version:
    sentences = split(document(key, title, paragraphs, language))
    return Version(key, key, when, title, language, ordered=True, sentences=sentences)


def _day(written: str) -> datetime | None:
    """The day of an English date ("Saturday, January 8, 2005"); None where there is none."""
    found = re.search(r"([A-Z][a-z]+ \d{1,2}, \d{4})", written)
    try:
        return datetime.strptime(found[1], "%B %d, %Y").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def rouge(texts: Sequence[str], references: Sequence[str], language: str) -> Scores:
    """ROUGE-1, -2 and -L F x100 of the stems of all words, the mean over the references."""
    ours = _stems("\n".join(texts), language)
    rows = [_compared(ours, _stems(reference, language)) for reference in references]
    one, two, longest = (fmean(column) for column in zip(*rows, strict=True))
    return one, two, longest


def _stems(text: str, language: str) -> list[str]:
    return list(map(stemmer(language), re.findall(r"\w+", text.lower())))


def _compared(a: list[str], b: list[str]) -> Scores:
    one = (Counter(a) & Counter(b)).total()
    two = (Counter(pairwise(a)) & Counter(pairwise(b))).total()
    size = max(1, len(a) + len(b))
    return 200 * one / size, 200 * two / max(1, size - 2), 200 * _longest(a, b) / size


def _longest(a: Sequence[str], b: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for at, other in enumerate(b, 1):
            above = row[at]
            row[at] = before + 1 if word == other else max(above, row[at - 1])
            before = above
    return row[-1]


def ours(ranker: str) -> System:
    factory: Callable[..., Ranker] = RANKERS.find(ranker)
    return lambda c: [s.text for s in tell(c.title, c.versions, c.budget, factory).sentences]


def sumy(factory: Callable[..., rankers.SumyRanker], *, distinct: bool) -> System:
    def told(cluster: Cluster) -> Sequence[str]:
        pool = [s for version in cluster.versions for s in version.sentences]
        pool = list({s.text: s for s in reversed(pool)}.values())[::-1] if distinct else pool
        scores = factory(cluster.language).rank(cluster.title, pool, ordered=True)
        best = sorted(range(len(pool)), key=lambda place: (-round(scores[place], 9), place))
        taken = _within([pool[place] for place in best], cluster.budget)
        return [s.text for s in pool if s in taken]

    return told


def lead(cluster: Cluster) -> Sequence[str]:
    """The first document's first sentences."""
    return [s.text for s in _within(cluster.versions[0].sentences, cluster.budget)]


def leads(cluster: Cluster) -> Sequence[str]:
    """The first sentence of each document, then the second of each, and so on."""
    rows = zip_longest(*(version.sentences for version in cluster.versions))
    return [s.text for s in _within([s for row in rows for s in row if s], cluster.budget)]


def _within(ranked: Sequence[Sentence], budget: Budget) -> list[Sentence]:
    taken: list[Sentence] = []
    room = budget.words or sys.maxsize
    for sentence in ranked:
        if len(taken) < budget.sentences and len(sentence.text.split()) <= room:
            taken.append(sentence)
            room -= len(sentence.text.split())
    return taken


def measure(system: System, given: Sequence[Cluster]) -> Scores:
    rows = [rouge(system(c), c.references, c.language) for c in given]
    one, two, longest = (fmean(column) for column in zip(*rows, strict=True))
    return one, two, longest


def systems(ranker: str) -> dict[str, System]:
    found = {f"unbury (together, {ranker})": ours(ranker)}
    for distinct in (False, True):
        names = {f"sumy {name}{', distinct' if distinct else ''}": factory for name, factory in FACTORIES.items()}
        found |= {name: sumy(factory, distinct=distinct) for name, factory in names.items()}
    return found | {"lead of the first document": lead, "leads of all in turn": leads}


def main() -> None:
    """Print a row a system."""
    sets = {"multiling": list(multiling(Path(sys.argv[1]))), "neus": list(neus(Path(sys.argv[1])))}
    print("| system |" + "".join(f" {name} ({len(given)}) R-1 | R-2 | R-L |" for name, given in sets.items()))
    print("| --- |" + " ---: | ---: | ---: |" * len(sets))
    for name, system in systems(sys.argv[2] if len(sys.argv) > 2 else "unbury").items():
        cells = [f"{value:.2f}" for given in sets.values() for value in measure(system, given)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
