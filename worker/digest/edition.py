"""An edition: which stories are told, in which order, and the account of every document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.digest.novelty import Memory
from worker.model import (
    Arrival,
    Counts,
    Digest,
    Disposition,
    Edition,
    Item,
    Link,
    Standing,
    Story,
    Summary,
    Told,
    Verdict,
)
from worker.text import identity

#: Scores and chooses: (title, sentences of a story, its language, order trusted) -> a summary.
Summarize = Callable[[Arrival, Story], Summary]


@dataclass(frozen=True)
class Slot:
    """Where an edition stands: its day, its number of that day, and when it was made."""

    day: date
    number: int
    at: datetime


def make(
    digest: Digest, slot: Slot, arrivals: Sequence[Arrival], told: Iterable[Told], summarize: Summarize
) -> Edition:
    """The edition that tells what is new in the arrivals, with one disposition for each of them."""
    desk = _Desk(digest, slot, Memory(told), summarize)
    for arrival in sorted(arrivals, key=_freshest_first):
        desk.take(arrival)
    return Edition(
        id=identity.edition(digest.name, slot.day, slot.number),
        digest=digest.name,
        title=digest.title,
        day=slot.day,
        number=slot.number,
        at=slot.at,
        zone=digest.zone,
        items=tuple(desk.items.values()),
        account=tuple(desk.account),
        counts=_counts(arrivals),
    )


def _freshest_first(arrival: Arrival) -> tuple[bool, timedelta, str, str]:
    """Copies last, so that their originals are placed before them; then the newest; ties by content."""
    when = arrival.document.published or arrival.arrived
    age = datetime.max.replace(tzinfo=when.tzinfo) - when
    return arrival.copy_of is not None, age, arrival.document.id, arrival.document.revision


def _counts(arrivals: Sequence[Arrival]) -> Counts:
    repeats = sum(len(a.reading.repeats) for a in arrivals)
    return Counts(len(arrivals), sum(len(a.reading.sentences) for a in arrivals) + repeats, repeats)


class _Desk:
    """Takes documents one by one, and places, joins or puts each aside; nothing goes unaccounted."""

    def __init__(self, digest: Digest, slot: Slot, memory: Memory, summarize: Summarize) -> None:
        self.items: dict[str, Item] = {}
        self.account: list[Disposition] = []
        self._digest, self._slot, self._memory, self._summarize = digest, slot, memory, summarize

    def take(self, arrival: Arrival) -> None:
        verdict, because = self._judge(arrival)
        self.account.append(Disposition(arrival.document.id, arrival.document.revision, verdict, because))

    def _judge(self, arrival: Arrival) -> tuple[Verdict, str]:
        if arrival.reading.failure is not None:
            return Verdict.unreadable, arrival.reading.failure
        if arrival.copy_of is not None:
            return self._join(arrival, arrival.copy_of)
        fresh = self._memory.fresh(arrival.reading.sentences)
        if not fresh:
            return Verdict.nothing_new, self._when_told(arrival)
        if len(self.items) >= self._digest.stories:
            return Verdict.below_budget, f"the digest ends after {self._digest.stories} stories"
        return self._tell(arrival, Story(arrival.document.id, (arrival.document.id,), fresh))

    def _join(self, arrival: Arrival, original: str) -> tuple[Verdict, str]:
        if item := self.items.get(original):
            self.items[original] = _with_link(item, _link(arrival))
        return Verdict.copy, f"the same text as document {original}"

    def _when_told(self, arrival: Arrival) -> str:
        days = Counter(self._memory.told(sentence.text) for sentence in arrival.reading.sentences)
        known = [day for day in days if day is not None]
        if not known:
            return "it has no sentences"
        latest = max(known)
        return "told in this edition" if latest == self._slot.day else f"told by {latest.isoformat()}"

    def _tell(self, arrival: Arrival, story: Story) -> tuple[Verdict, str]:
        summary = self._summarize(arrival, story)
        if not summary.sentences:
            return Verdict.nothing_new, "nothing in it but credits and fragments"
        partly = len(story.sentences) < len(arrival.reading.sentences)
        standing = Standing.developing if partly else Standing.new
        headline = arrival.document.title or summary.sentences[0].text
        self.items[arrival.document.id] = Item(story, headline, summary, (_link(arrival),), standing)
        for sentence in arrival.reading.sentences:  # the rest of it would be no news today either
            self._memory.remember(sentence.text, self._slot.day)
        return Verdict.told, f"told as story {story.id[:6]}"


def _with_link(item: Item, link: Link) -> Item:
    return Item(item.story, item.headline, item.summary, (*item.links, link), item.standing)


def _link(arrival: Arrival) -> Link:
    document = arrival.document
    return Link(document.id, identity.outlet(document.url), document.url, document.title, document.published)
