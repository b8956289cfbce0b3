"""Is nothing told twice, and nothing new withheld? Weeks of news replayed day by day, beside two other rules.

    python -m benchmarks.replay DATA_DIR [--days 45] [--stories 40]

The stream is made of rss_2022, basil and stream_fr (whose labelled duplicates are laid on the days after one another),
and of follow-ups planted on the day after an edition told of an article: each repeats what was told, word for word or
with a slip of the pen, and adds what was told with another number, another name or a negation. These are labelled.

Printed for our memory, for none, and for the rule that others use (a headline with a cosine of .35 and more to one of
the last 7 days is not told): the share of told sentences that repeat one told in the 14 days before, and the share of
the labelled new facts that were withheld. What repeats is measured here, not by Unbury's own likeness.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.data import document, records
from worker.digest.edition import Dateline, member_of
from worker.digest.novelty import Memory
from worker.edition import Digest, Edition, Past, Told
from worker.model import Arrival, Document, Reading
from worker.pipeline import Recipe, compose, read

_START = date(2022, 1, 3)
_MEMORY, _WINDOW = 14, 7
_RECIPE = Recipe()
_NUMBER = re.compile(r"(?<![\w.,])\d{2,3}(?![\w.,%])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?(?=[ ,.])")
_VERB = re.compile(r"\b(was|were|is|are|has|have|will|would|can|could|est|sont|a été|sera)\b (?!not\b|pas\b)")
_OTHERS = ("Tarrable", "Oldacre", "Vosk", "Penhallin", "Larkspur")


@dataclass
class Planted:
    """What follow-ups brought: the texts that repeat, and those that are new, by the day they came."""

    repeats: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    news: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))


def stream(data: Path, days: int) -> dict[date, list[Document]]:
    """The documents by day: each source's in its own order, spread over the days."""
    found: dict[date, list[Document]] = defaultdict(list)
    rss = [
        (r["url"] or r["id"], r["title"], [r["description"]], "en")
        for r in records(data / "rss_2022.jsonl")
        if r.get("description")
    ]
    basil = [(r["url"] or r["id"], r["title"], r["paragraphs"], "en") for r in records(data / "basil.jsonl")]
    for articles in (rss, basil):
        for place, given in enumerate(articles):
            found[_START + timedelta(days=place * days // len(articles))].append(document(*given))
    french = {r["id"]: r for r in records(data / "stream_fr.jsonl")}
    later = {name: n for group in records(data / "stream_fr_duplicates.jsonl") for n, name in enumerate(group)}
    first = {name: group[0] for group in records(data / "stream_fr_duplicates.jsonl") for name in group}
    places = {name: place * days // len(french) for place, name in enumerate(french)}
    for name, row in french.items():
        at = places[first.get(name, name)] + later.get(name, 0)
        found[_START + timedelta(days=at)].append(document(row["url"] or name, row["title"], row["paragraphs"], "fr"))
    return {day: found[day] for day in sorted(found) if (day - _START).days < days}


def follow_up(item: Any, day: date, chance: random.Random, planted: Planted) -> Document | None:
    """A document on what an edition told: all of it again, and what is changed in it so that it says something new."""
    again, new = [], []
    for sentence in item.summary.sentences:
        again.append(slipped(sentence.text, chance) if chance.random() < 0.5 else sentence.text)
        if (changed := altered(sentence.text, chance)) and changed != sentence.text:
            new.append(changed)
    if not new:
        return None
    planted.repeats[day] += again
    planted.news[day] += new
    paragraphs = [*again, *new]
    chance.shuffle(paragraphs)
    language = "fr" if re.search(r"\b(?:les|des|une|est)\b", " ".join(again)) else "en"
    return document(f"https://follow.example/{day}/{item.story.id}", item.headline, paragraphs, language)


def slipped(text: str, chance: random.Random) -> str:
    """The text with a small word of it doubled in its last letter: it says the same."""
    words = text.split(" ")
    small = [i for i, word in enumerate(words) if i and word.isalpha() and word.islower() and len(word) > 4]
    if len(words) > 9 and small:
        place = chance.choice(small)
        words[place] += words[place][-1]
    return " ".join(words)


def altered(text: str, chance: random.Random) -> str:
    """The text with another number, another name, or a negation; as it is where nothing can be changed."""
    ways = [_with_number, _with_name, _negated]
    chance.shuffle(ways)
    return next((found for way in ways if (found := way(text, chance)) != text), text)


def _with_number(text: str, chance: random.Random) -> str:
    return _NUMBER.sub(lambda found: str(int(found[0]) + chance.randrange(1, 9)), text, count=1)


def _with_name(text: str, chance: random.Random) -> str:
    return _NAME.sub(chance.choice(_OTHERS), text, count=1)


def _negated(text: str, chance: random.Random) -> str:
    return _VERB.sub(
        lambda found: f"{found[1]} {'pas' if found[1] in ('est', 'sont', 'a été', 'sera') else 'not'} ", text, count=1
    )


class Seen:
    """What was told, found again by a rule of our own: the words agree by .8, numbers and inner capitals all."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[tuple[date, Counter[str], tuple[str, ...]]]] = defaultdict(list)

    def has(self, text: str, day: date) -> bool:
        words, marks = _signature(text)
        for rare in sorted(words, key=len)[-4:]:
            for told, other, others in self._by_word[rare]:
                near = 0 < (day - told).days <= _MEMORY and marks == others
                if near and (words & other).total() >= 0.8 * (words | other).total():
                    return True
        return False

    def add(self, text: str, day: date) -> None:
        words, marks = _signature(text)
        for rare in sorted(words, key=len)[-4:]:
            self._by_word[rare].append((day, words, marks))


def _signature(text: str) -> tuple[Counter[str], tuple[str, ...]]:
    tokens = re.findall(r"\w+", text)
    marks = tuple(
        t for i, t in enumerate(tokens) if t[0].isdigit() or (i and t[0].isupper()) or t in ("not", "pas", "no")
    )
    return Counter(t.lower() for t in tokens), marks


@cache
def reading(one: Document) -> Reading:
    """A document read, once for all rules."""
    return read(one, _RECIPE)


@dataclass
class Rule:
    """How a digest remembers: `memory` is Unbury's, `cosine` the headline rule (0: none)."""

    name: str
    memory: bool = True
    cosine: float = 0.0


def replay(rule: Rule, days: dict[date, list[Document]], stories: int) -> dict[str, Any]:
    """The stream day by day under a rule, and what came of it."""
    digest = Digest("daily", "Unbury", "UTC", stories, 3, "unbury", _MEMORY, ("text",))
    chance, planted, seen = random.Random(6), Planted(), Seen()
    editions: list[tuple[date, Edition]] = []
    came: dict[date, list[Arrival]] = {}
    told = repeated = news = withheld = 0
    started = time.monotonic()
    for day, news_of_day in days.items():
        before = editions[-1][1].items if editions else ()
        extra = (follow_up(item, day, chance, planted) for item in before if chance.random() < 0.4)
        given = [*news_of_day, *filter(None, extra)]
        at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
        arrivals = [Arrival(one, reading(one), at - timedelta(hours=chance.randrange(1, 24))) for one in given]
        arrivals = list({a.document.id: a for a in arrivals}.values())
        if rule.cosine:
            arrivals = [a for a in arrivals if not _headline_told(a, editions, day, rule.cosine)]
        past = _past(editions, came, day) if rule.memory else Past()
        edition = compose(digest, Dateline(day, 1, at), arrivals, past, _RECIPE)
        there = {s.text for a in arrivals for s in a.reading.sentences}
        memory = Memory(past.told)
        for fact in planted.news[day]:
            news += 1
            withheld += not any(fact in s or s in fact for s in there) or memory.told(fact) is not None
        said = [s.text for item in edition.items for s in item.summary.sentences]
        again = [text for text in said if seen.has(text, day) or text in planted.repeats[day]]
        told, repeated = told + len(said), repeated + len(again)
        for text in said:
            seen.add(text, day)
        editions.append((day, edition))
        came[day] = arrivals
    return {
        "rule": rule.name, "told": told, "repeated": repeated, "share": repeated / max(1, told),
        "new facts": news, "withheld": withheld, "withheld share": withheld / max(1, news), "seconds": time.monotonic() - started,
    }  # fmt: skip


def _past(editions: list[tuple[date, Edition]], came: dict[date, list[Arrival]], day: date) -> Past:
    recent = [(when, e) for when, e in editions if e.items][-_MEMORY:]
    told = tuple(
        Told(s.text, when, s.span.document) for when, e in recent for i in e.items for s in i.summary.sentences
    )
    near = [(when, e) for when, e in editions if (day - when).days <= _WINDOW]
    members = tuple({m.document: m for when, _ in near for m in map(member_of, came[when])}.values())
    on = {name: when for when, e in near for item in e.items for name in item.story.documents}
    stood = {a.document.id: tuple(s.text for s in a.reading.sentences) for when, _ in near for a in came[when]}
    return Past(told, members, on, {name: stood[name] for name in on if name in stood})


def _headline_told(arrival: Arrival, editions: list[tuple[date, Edition]], day: date, least: float) -> bool:
    mine = Counter(re.findall(r"\w+", arrival.document.title.lower()))
    near = [e for when, e in editions if 0 < (day - when).days <= 7]
    return any(_cosine(mine, Counter(re.findall(r"\w+", i.headline.lower()))) >= least for e in near for i in e.items)


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    size = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return sum(a[w] * b[w] for w in a.keys() & b.keys()) / size if size else 0.0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("--days", type=int, default=45)
    asked.add_argument("--stories", type=int, default=40)
    given = asked.parse_args()
    days = stream(given.data, given.days)
    print(f"{sum(map(len, days.values()))} documents on {len(days)} days, and follow-ups\n")
    print("| rule | told | repeat one of 14 days | share | new facts | withheld | share | s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for rule in (
        Rule("memory"),
        Rule("memory off", memory=False),
        Rule("headline cosine >= .35", memory=False, cosine=0.35),
    ):
        found = replay(rule, days, given.stories)
        print(
            f"| {found['rule']} | {found['told']:,} | {found['repeated']:,} | {found['share']:.2%} | {found['new facts']:,} | {found['withheld']:,} | {found['withheld share']:.2%} | {found['seconds']:.0f} |"
        )


if __name__ == "__main__":
    main()
