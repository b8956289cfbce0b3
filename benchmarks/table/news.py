"""News to measure with: real sentences from the folder named by UNBURY_EVAL_DATA, or generated ones.

Generated words are the stems that Unbury ships with how common each is, drawn as often as that, so that rare words
are about as rare as in news; an event has words, names and numbers of its own. All by seeds: the same at each run.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from itertools import accumulate, islice
from pathlib import Path

from worker.model import Document, Reading, Sentence, Span, Summary
from worker.stories import background
from worker.stories.sketch import sketch
from worker.text.identity import document
from worker.text.sentences import spans

DATA = os.environ.get("UNBURY_EVAL_DATA", "")
#: Files with articles, English first; of these are the real sentences.
_FILES = ("cnndm", "basil", "allsides_neus", "stream_fr")
_PARAGRAPH = 3  # sentences
_SYLLABLES = "ba be bo ca co da de di do fa fo ga ka ko la le li lo ma me mi mo na ne no pa po ra re ro sa so ta te to va vo".split()


def article(number: int, size: int, start: int | None = None) -> Document:
    """A shuffled article of so many sentences, one paragraph in ten of them said twice."""
    chance = random.Random(number)
    said = sentences(size, start=number * size if start is None else start)
    rows = [" ".join(said[place : place + _PARAGRAPH]) for place in range(0, len(said), _PARAGRAPH)]
    again = chance.sample(range(len(rows)), max(1, len(rows) // 10))
    rows = [row for place, row in enumerate(rows) if place < len(rows) - len(again)]
    rows += [rows[place % len(rows)] for place in again]
    chance.shuffle(rows)
    return document(
        source="bench", url=f"https://wire{number % 40}.example/{number}", title=said[0][:70], published=None,
        paragraphs=tuple(rows), language="en", shuffled=True,
    )  # fmt: skip


def sentences(number: int, start: int = 0) -> Sequence[str]:
    """So many distinct sentences; beyond the real ones, generated ones."""
    pool = _real() if DATA else ()
    if number <= len(pool):
        start %= max(1, len(pool) - number + 1)
        return pool[start : start + number]
    return [*pool, *islice(made(start), number - len(pool))]


@cache
def _real() -> tuple[str, ...]:
    found = dict.fromkeys(
        row[a:b]
        for name in _FILES
        if (file := Path(DATA) / f"{name}.jsonl").exists()
        for record in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        for row in (record.get("paragraphs") or str(record.get("text", "")).split("\n"))
        for a, b in spans(row, "en")
    )
    return tuple(said for said in found if len(said.split()) >= 5)


def made(seed: int) -> Iterator[str]:
    """Generated sentences, without end."""
    chance = random.Random(f"sentences {seed}")
    while True:
        event = Event(chance.getrandbits(40))
        yield from (event.sentence(chance) for _ in range(12))


@dataclass(frozen=True)
class Event:
    """Something that happened, and has words, names and numbers of its own."""

    seed: int
    _parts: dict[str, list[str]] = field(default_factory=dict, init=False, compare=False)

    def _of(self, kind: str, make: Callable[[random.Random], list[str]]) -> list[str]:
        if kind not in self._parts:
            self._parts[kind] = make(random.Random(f"{kind} {self.seed}"))
        return self._parts[kind]

    @property
    def words(self) -> list[str]:
        """The rare words that its reports use."""
        return self._of("words", lambda chance: chance.sample(_vocabulary().rare, 30))

    @property
    def names(self) -> list[str]:
        """Who and where."""
        return self._of("names", lambda chance: [_name(chance) for _ in range(6)])

    @property
    def numbers(self) -> list[str]:
        """How many, how much."""
        return self._of("numbers", lambda chance: [str(chance.randint(3, 9000)) for _ in range(4)])

    def sentence(self, chance: random.Random) -> str:
        """A sentence of a report of it."""
        words = _vocabulary().draw(chance, chance.randint(9, 22))
        for place in range(2, len(words), 3):
            words[place] = chance.choice(self.words)
        words[chance.randrange(1, len(words))] = chance.choice(self.names)
        if chance.random() < 0.4:
            words[chance.randrange(1, len(words))] = chance.choice(self.numbers)
        return f"{words[0].capitalize()} {' '.join(words[1:])}."


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).capitalize()


class _Vocabulary:
    """Stems as words, each drawn as often as it is common."""

    def __init__(self) -> None:
        shares = background.shares("en")
        self._words = [word for word in shares if len(word) > 1]
        self._weights = list(accumulate(shares[word] for word in self._words))

    @cached_property
    def rare(self) -> list[str]:
        """Those that tell of an event, and as many that no list knows."""
        known = [word for word in self._words if background.share(word, "en") < 0.01]
        chance = random.Random(1)
        return known + ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]

    def draw(self, chance: random.Random, number: int) -> list[str]:
        """So many words."""
        return chance.choices(self._words, cum_weights=self._weights, k=number)


@cache
def _vocabulary() -> _Vocabulary:
    return _Vocabulary()


def reports(number: int, seed: int = 1, size: tuple[int, int] = (8, 20)) -> Iterator[list[str]]:
    """Reports, each a title and paragraphs: of one event in three up to five more follow, one after the other."""
    chance = random.Random(f"reports {seed}")
    made = 0
    while made < number:
        event = Event(chance.getrandbits(40))
        for _ in range(1 if chance.random() < 2 / 3 else chance.randint(2, 6)):
            said = [event.sentence(chance) for _ in range(chance.randint(*size))]
            rows = [" ".join(said[place : place + _PARAGRAPH]) for place in range(0, len(said), _PARAGRAPH)]
            yield [event.sentence(chance).rstrip("."), *rows]
            made += 1
            if made == number:
                return


def came_in(report: Sequence[str], number: int, when: datetime, source: str = "seeds") -> Document:
    """The document that a report is."""
    title, *paragraphs = report
    return document(
        source=source, url=f"https://wire{number % 200}.example/{number}", title=title, published=when,
        paragraphs=tuple(paragraphs), language="en", shuffled=True,
    )  # fmt: skip


def reading(of: Document, recipe: str) -> Reading:
    """Its reading without the reading: the sentences are known, the first three are the summary."""
    said = tuple(
        Sentence(row[start:end], Span(of.id, place, start, end))
        for place, row in enumerate(of.paragraphs)
        for start, end in _ends(row)
    )
    return Reading(of.id, of.revision, recipe, said, (), Summary(said[:3], "unbury"), sketch=sketch(of, said))


def _ends(row: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(row):
        end = row.find(". ", start) + 1 or len(row)
        yield start, end
        start = end + 1
