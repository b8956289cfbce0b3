"""An edition: which stories are told, in which order, and the account of every document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

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
    desk = _Desk(digest, slot, Memory(told), summarize, _last_revisions(arrivals))
    for arrival in sorted(arrivals, key=_weightiest_first):
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


def _weightiest_first(arrival: Arrival) -> tuple[bool, int, float, str, str]:
    """Copies last, so that their originals are placed before them; then who has most to say, then the newest.

    Not the newest first: all that arrives is new since the last edition, and dates are not to be
    trusted that much.
    """
    when = arrival.document.published or arrival.arrived
    copy = arrival.copy_of is not None
    weight = -len(arrival.reading.sentences)
    return copy, weight, -when.timestamp(), arrival.document.id, arrival.document.revision


def _last_revisions(arrivals: Iterable[Arrival]) -> dict[str, str]:
    """For each document the revision that came last."""
    ordered = sorted(arrivals, key=lambda a: (a.arrived, a.document.revision))
    return {arrival.document.id: arrival.document.revision for arrival in ordered}


def _counts(arrivals: Sequence[Arrival]) -> Counts:
    repeats = sum(len(a.reading.repeats) for a in arrivals)
    return Counts(len(arrivals), sum(len(a.reading.sentences) for a in arrivals) + repeats, repeats)


class _Desk:
    """Takes documents one by one, and places, joins or puts each aside; nothing goes unaccounted."""

    def __init__(self, digest: Digest, slot: Slot, told: Memory, summarize: Summarize, last: Mapping[str, str]) -> None:
        self.items: dict[str, Item] = {}
        self.account: list[Disposition] = []
        self._digest, self._slot, self._told, self._summarize = digest, slot, told, summarize
        self._last = last
        self._placed = Memory()  # all that stands in the stories told today, quoted or not

    def take(self, arrival: Arrival) -> None:
        verdict, because = self._judge(arrival)
        self.account.append(Disposition(arrival.document.id, arrival.document.revision, verdict, because))

    def _judge(self, arrival: Arrival) -> tuple[Verdict, str]:
        if arrival.document.revision != self._last[arrival.document.id]:
            return Verdict.nothing_new, "a later revision of it came in before it was told"
        if arrival.reading.failure is not None:
            return Verdict.unreadable, arrival.reading.failure
        if arrival.copy_of is not None:
            return self._join(arrival, arrival.copy_of)
        fresh = self._placed.fresh(self._told.fresh(arrival.reading.sentences))
        if not fresh:
            return Verdict.nothing_new, self._when_told(arrival)
        if len(self.items) >= self._digest.stories:
            return Verdict.below_budget, f"the digest has room for {self._digest.stories}"
        return self._tell(arrival, Story(arrival.document.id, (arrival.document.id,), fresh))

    def _join(self, arrival: Arrival, original: str) -> tuple[Verdict, str]:
        if item := self.items.get(original):
            self.items[original] = _with_link(item, _link(arrival))
        return Verdict.copy, f"the same text as document {original}"

    def _when_told(self, arrival: Arrival) -> str:
        if not arrival.reading.sentences:
            return "it has no sentences"
        days = [day for sentence in arrival.reading.sentences if (day := self._told.told(sentence.text))]
        return f"told by {max(days).isoformat()}" if days else "all of it stands in other stories of this edition"

    def _tell(self, arrival: Arrival, story: Story) -> tuple[Verdict, str]:
        summary = self._summarize(arrival, story)
        if not summary.sentences:
            return Verdict.nothing_new, "nothing in it but credits and fragments"
        followed = any(self._told.told(sentence.text) for sentence in arrival.reading.sentences)
        standing = Standing.developing if followed else Standing.new
        headline = arrival.document.title or summary.sentences[0].text
        self.items[arrival.document.id] = Item(story, headline, summary, (_link(arrival),), standing)
        for sentence in arrival.reading.sentences:
            self._placed.remember(sentence.text, self._slot.day)
        return Verdict.told, f"told as story {story.id[:6]}"


def _with_link(item: Item, link: Link) -> Item:
    return Item(item.story, item.headline, item.summary, (*item.links, link), item.standing)


def _link(arrival: Arrival) -> Link:
    document = arrival.document
    return Link(document.id, identity.outlet(document.url), document.url, document.title, document.published)
