"""How good the summaries are: ours beside sumy's best and the first sentences of the true order.

    python -m benchmarks.quality [DATA]

Without DATA the small set of tests/quality is measured; with it, each of its sets that is there.
Articles are damaged as seed texts are: paragraphs shuffled, a fifth of them repeated (half of those with
a word changed), apostrophes, quotes, brackets and dashes lost; datelines are cut off, since they give
the first paragraph away. ROUGE-1 F (Lin 2004) of stems, x100.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.data import document, records
from worker.model import Document, Reading, Sentence, Span
from worker.pipeline import Recipe, read
from worker.summaries import rankers
from worker.text.languages import stemmer
from worker.text.sentences import spans, split

OWN = Path(__file__).parents[1] / "tests" / "quality" / "own.jsonl"
#: Name: language, and the sentences that a summary has.
SETS = {"own": ("", 2), "inshorts": ("en", 3), "cnndm": ("en", 3), "orangesum": ("fr", 1), "gum": ("en", 2), "basil": ("en", 3)}  # fmt: skip
LOST = re.compile(r"[’'\"“”«»()\[\]—–‐‑]")
DATELINE = re.compile(
    r"^\s*(?:\([A-Z]{2,5}[^)]*\)\s*(?:--)?|[A-Z][A-Za-z ,.]+ \(CNN\)\s*--"
    r"|[A-Z][A-Z .'’]{2,30}(?:, [A-Z][A-Za-z. ]{1,20})?(?:\s*\([^)]*\))?(?:\s*(?:—|--)|\s+[–-]\s))\s*"
)
DATE = re.compile(r"\W*(?:\w+day\W+)?[A-Z][a-z]+ \d{1,2}\W+\d{4}\W*$")  # a line of its own, no text
DANGLING = {
    "en": re.compile(r"\W*(he|she|they|it|his|her|their|its|this|that|these|those|but|and|however|also|so|then)\b", re.IGNORECASE),
    "fr": re.compile(r"\W*(ils?|elles?|ce|cet|cette|ces|cela|celui|celle|mais|et|or|cependant|ainsi|lui|son|sa|ses)\b", re.IGNORECASE),
}  # fmt: skip


@dataclass(frozen=True)
class Article:
    """An article in its true order, and what a human wrote to sum it up."""

    id: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    reference: str
    count: int

    def damaged(self, seed: int) -> tuple[Document, tuple[int, ...]]:
        """The article as a seed would have it, and the true place of each of its paragraphs."""
        repeats, shuffle = random.Random(self.id), random.Random(f"{seed}/{self.id}")
        rows = [(place, LOST.sub("", text)) for place, text in enumerate(self.paragraphs)]
        rows += [(place, _slipped(text, repeats)) for place, text in repeats.sample(rows, max(1, len(rows) // 5))]
        shuffle.shuffle(rows)
        return self._document([text for _, text in rows], shuffled=True), tuple(place for place, _ in rows)

    def whole(self) -> Document:
        """The article as it was written, but for what the damaged one has lost."""
        return self._document([LOST.sub("", text) for text in self.paragraphs], shuffled=False)

    def _document(self, paragraphs: Sequence[str], *, shuffled: bool) -> Document:
        return document(self.id, LOST.sub("", self.title), paragraphs, self.language, shuffled=shuffled)


def _slipped(text: str, chance: random.Random) -> str:
    words = text.split()
    place = chance.randrange(len(words))
    if len(words) > 12 and chance.random() < 0.5 and words[place].islower():
        words[place] += "s"
    return " ".join(words)


def articles(path: Path) -> Iterator[Article]:
    """The articles of a set that have six paragraphs at least; flat text gets a paragraph a sentence."""
    language, count = SETS[path.stem]
    for record in records(path):
        spoken = language or record["language"]
        title = record.get("title") or ""
        rows = record.get("paragraphs") or record["text"].split("\n")
        rows = [
            row
            for row in (DATELINE.sub("", row).strip() for row in rows)
            if row and bare(row) != bare(title) and not DATE.match(row)
        ]
        if len(rows) < 4:
            rows = [row[a:b] for row in rows for a, b in spans(row, spoken)]
        if len(rows) >= 6:
            yield Article(str(record["id"]), spoken, title, tuple(rows), LOST.sub("", reference(record)), count)


def bare(text: str) -> str:
    """The letters and digits, in lower case."""
    return re.sub(r"\W", "", text.lower())


def reference(record: dict[str, Any]) -> str:
    """The summary that a human wrote; nothing where there is none."""
    found = record.get("highlights") or record.get("summary") or record.get("summaries") or ""
    if isinstance(found, list):
        rows = [row for row in found if not isinstance(row, dict)]
        return "\n".join(rows or [str(row["text"]) for row in found if str(row["by"]).startswith("human")][:1])
    return str(found)


def rouge(texts: Sequence[str], reference: str, language: str) -> float:
    """ROUGE-1 F x100 of the stems of all words."""
    stem = stemmer(language)
    ours, theirs = (Counter(map(stem, re.findall(r"\w+", text.lower()))) for text in ("\n".join(texts), reference))
    return 200 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def tau(places: Sequence[int]) -> float:
    """Kendall's tau of an order of 0, 1, 2, ... with the true one."""
    pairs = list(combinations(places, 2))
    return sum(1 if a < b else -1 for a, b in pairs) / len(pairs)


@dataclass(frozen=True)
class Measured:
    """What a set came to; means over its articles, ROUGE x100, all else from 0 (tau: -1) to 1."""

    articles: int
    promises: bool
    rouge: float
    lead: float
    tau: float
    first: float
    dangling: float
    own_dangling: float
    found: float
    accounted: float


def measure(given: Sequence[Article]) -> Measured:
    """Read all articles, damaged in two ways, and compare."""
    rows = [_one(article) for article in given]
    columns = list(zip(*rows, strict=True))
    means = [_mean([value for value in column if value is not None]) for column in columns[:-1]]
    return Measured(len(given), all(columns[-1]), *means)


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0


def _one(article: Article) -> tuple[float | None, ...]:
    given, origin = article.damaged(1)
    reading = read(given, Recipe(sentences=article.count))
    said = [sentence.text for sentence in reading.summary.sentences]
    lead = [sentence.text for sentence in split(article.whole())][: article.count]
    order = list(dict.fromkeys(origin[s.span.paragraph] for s in reading.sentences))
    told = bool(article.reference)
    return (
        rouge(said, article.reference, article.language) if told else None,
        rouge(lead, article.reference, article.language) if told else None,
        tau(order),
        float(order[0] == 0),
        float(bool(said) and bool(DANGLING[article.language].match(said[0]))),
        float(bool(DANGLING[article.language].match(lead[0]))),
        _found(given, origin, reading),
        _accounted(given, reading),
        _promises(article, given, reading),
    )


def _found(given: Document, origin: Sequence[int], reading: Reading) -> float:
    """The share of the planted repeats of which one copy, or as much of both, was dropped."""
    gone = [repeat.dropped for repeat in reading.repeats]
    copies = [[at for at, place in enumerate(origin) if place == one] for one, n in Counter(origin).items() if n > 1]
    sizes = [_letters(given, at) for at in range(len(origin))]
    dropped = [sum(_covered(given, gone, at) for at in both) >= 0.95 * min(sizes[at] for at in both) for both in copies]
    return _mean(dropped)


def _accounted(given: Document, reading: Reading) -> float:
    """The share of letters and digits that are in the order or in a dropped sentence."""
    places = [*(s.span for s in reading.sentences), *(repeat.dropped for repeat in reading.repeats)]
    every = range(len(given.paragraphs))
    return sum(_covered(given, places, at) for at in every) / sum(_letters(given, at) for at in every)


def _letters(given: Document, paragraph: int) -> int:
    return sum(map(str.isalnum, given.paragraphs[paragraph]))


def _covered(given: Document, places: Sequence[Span], paragraph: int) -> int:
    return sum(sum(map(str.isalnum, given.quote(span))) for span in set(places) if span.paragraph == paragraph)


def _promises(article: Article, given: Document, reading: Reading) -> bool:
    """Quoted word for word, and the same for another shuffle."""
    other = read(article.damaged(2)[0], Recipe(sentences=article.count))
    quoted = all(given.quote(s.span) == s.text for s in reading.summary.sentences)
    return quoted and [s.text for s in other.summary.sentences] == [s.text for s in reading.summary.sentences]


def sumy(given: Sequence[Article]) -> tuple[str, float]:
    """sumy's best algorithm on the damaged text, exact repeats taken out; and how good it is."""
    factories: dict[str, Callable[..., rankers.SumyRanker]] = {
        "LexRank": rankers.plain_lexrank,
        "TextRank": rankers.plain_textrank,
        "Luhn": rankers.luhn,
        "LSA": rankers.lsa,
        "SumBasic": rankers.sumbasic,
    }
    means = {name: fmean(_by_sumy(factory, a) for a in given if a.reference) for name, factory in factories.items()}
    best = max(means, key=means.__getitem__)
    return best, means[best]


def _by_sumy(factory: Callable[..., rankers.SumyRanker], article: Article) -> float:
    distinct: dict[str, Sentence] = {s.text: s for s in split(article.damaged(1)[0])}
    scores = factory(article.language).rank(article.title, list(distinct.values()), ordered=False)
    best = sorted(range(len(scores)), key=lambda place: (-round(scores[place], 9), place))[: article.count]
    return rouge([list(distinct)[place] for place in sorted(best)], article.reference, article.language)


def main() -> None:
    """Print a row a set."""
    paths = [OWN, *(Path(sys.argv[1]) / f"{name}.jsonl" for name in SETS)] if len(sys.argv) > 1 else [OWN]
    print("set        articles  ours   sumy's best      lead  |  tau    first | dangling (own) | repeats  accounted")
    for path in filter(Path.exists, paths):
        given = list(articles(path))
        m = measure(given)
        name, score = sumy(given) if any(a.reference for a in given) else ("", 0.0)
        print(
            f"{path.stem:10s} {m.articles:8d}  {m.rouge:5.2f}  {name:>9s} {score:5.2f}  {m.lead:5.2f}  | {m.tau:6.3f}  "
            f"{m.first:5.3f} |  {m.dangling:.3f}  {m.own_dangling:.3f}  |  {m.found:.4f}  {m.accounted:.4f}"
            + ("" if m.promises else "  A PROMISE IS BROKEN"),
            flush=True,
        )


if __name__ == "__main__":
    main()
