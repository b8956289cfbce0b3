"""An edition: which stories are told, in which order, and the account of every document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from worker.digest import rules
from worker.digest.corrections import corrections
from worker.digest.coverage import Coverage, covered, heaviest_first
from worker.digest.headline import headline
from worker.digest.novelty import Memory
from worker.digest.proof import content_hash, prove
from worker.digest.sifting import Sifted, disposed
from worker.edition import (
    Correction,
    Counts,
    Digest,
    Disposition,
    Edition,
    Item,
    Past,
    Proof,
    Standing,
    Telling,
    Verdict,
)
from worker.errors import UnburyError
from worker.model import Arrival, Member, Sentence, Story, Summary
from worker.text import identity
from worker.text.words import count


@dataclass(frozen=True)
class Offer:
    """What a document of a story offers: sentences that may be told, and others; whether it gives a text again."""

    arrival: Arrival
    fresh: tuple[Sentence, ...]
    known: tuple[Sentence, ...]
    reprint: bool


#: Scores and chooses among what the documents of a story offer.
Tell = Callable[[Sequence[Offer]], Telling]


@dataclass(frozen=True)
class Dateline:
    """What stands above an edition: its day, its number of that day, when it was made, and its time if it has one."""

    day: date
    number: int
    at: datetime
    time: str = ""


def make(
    digest: Digest,
    dateline: Dateline,
    came: Sequence[Arrival],
    sifted: Sifted,
    stories: Sequence[Story],
    past: Past,
    tell: Tell,
) -> Edition:
    """The edition that tells what is new, with one disposition for each document that came in.

    Raises UnburyError if one has none or two, which would be a bug of ours.
    """
    desk = _Desk(digest, dateline, past, tell)
    desk.correct(sifted.arrivals)
    members = {member.document: member for member in (*past.members, *map(member_of, sifted.arrivals))}
    coverages = covered(stories, sifted.arrivals, members, past, desk.told)
    for coverage in heaviest_first(coverages, digest.rules):
        desk.take(coverage)
    account = (*sifted.account, *desk.account)
    _check(came, account)
    return Edition(
        id=identity.edition(digest.name, dateline.day, dateline.number),
        digest=digest.name,
        title=digest.title,
        day=dateline.day,
        number=dateline.number,
        at=dateline.at,
        zone=digest.zone,
        items=tuple(desk.items),
        account=account,
        counts=_counts(came),
        corrections=desk.corrections,
        time=dateline.time,
        language=digest.language,
    )


def member_of(arrival: Arrival) -> Member:
    """A document that came in, as it is placed among stories."""
    document = arrival.document
    when = document.published or arrival.arrived
    publisher = identity.publisher(document.url)
    return Member(document.id, publisher, when, arrival.reading.sketch, document.language)


def _check(came: Sequence[Arrival], account: Sequence[Disposition]) -> None:
    wanted = Counter((a.document.id, a.document.revision) for a in came)
    answered = Counter((d.document, d.revision) for d in account)
    if wanted != answered:
        raise UnburyError(f"{len(came)} documents came in, {len(account)} are accounted for", "please report this")


def _counts(arrivals: Sequence[Arrival]) -> Counts:
    repeats = sum(len(a.reading.repeats) for a in arrivals)
    return Counts(len(arrivals), sum(len(a.reading.sentences) for a in arrivals) + repeats, repeats)


class _Desk:
    """Takes stories one by one, and tells each or puts it aside; no document of theirs goes unaccounted."""

    def __init__(self, digest: Digest, dateline: Dateline, past: Past, tell: Tell) -> None:
        self.items: list[Item] = []
        self.account: list[Disposition] = []
        self.corrections: tuple[Correction, ...] = ()
        self.told = Memory(past.told)
        self._digest, self._dateline, self._past, self._tell = digest, dateline, past, tell
        self._now = Memory()  # what this edition tells
        self._words = 0
        self._full = ""  # why nothing more has room
        self._no_room = ""  # why the story at hand has none

    def correct(self, arrivals: Sequence[Arrival]) -> None:
        self.corrections = corrections(arrivals, self._past.told, self._past.corrections)
        for correction in self.corrections:
            if correction.now:
                self._now.remember(correction.now.text, self._dateline.day)

    def take(self, coverage: Coverage) -> None:
        offers = self._offers(coverage)
        telling = Telling()
        self._no_room = self._full
        if any(offer.fresh for offer in offers) and not self._is_full():
            telling = self._tell([offer for offer in offers if offer.arrival.copy_of is None])
            if telling.sentences and not self._fits(telling):
                telling = Telling()
        if telling.sentences:
            self._print(coverage, telling)
        for offer in offers:
            verdict, because = self._judged(coverage, offer, telling)
            if verdict in (Verdict.told, Verdict.below_budget):
                because += rules.moved(self._digest.rules, offer.arrival)
            self.account.append(disposed(offer.arrival, verdict, because))

    def _offers(self, coverage: Coverage) -> list[Offer]:
        """What each of its documents offers; nothing is told of a full digest's, and one fresh sentence says enough."""
        reprints = {join.document for join in coverage.story.joins if join.reprint_of}
        most, offers = 1 if self._is_full() else None, []
        for arrival in coverage.arrivals:
            name, copy = arrival.document.id, arrival.copy_of is not None
            fresh = () if copy else tuple(islice(self._now.unknown(coverage.fresh[name]), most))
            taken = set(fresh)
            known = tuple(s for s in arrival.reading.sentences if s not in taken)
            offers.append(Offer(arrival, fresh, known, copy or name in reprints))
        return offers

    def _is_full(self) -> bool:
        if not self._full and len(self.items) >= self._digest.stories:
            self._full = f"the digest has room for {self._digest.stories} stories"
        return bool(self._full)

    def _fits(self, telling: Telling) -> bool:
        """Whether there is room for it. The first story always has room; after one that had none, the rest has none.

        A story that would have none in an empty digest either is put aside by itself.
        """
        words, most = sum(count(sentence.text) for sentence in telling.sentences), self._digest.words
        if most and self.items and self._words + words > most:
            self._no_room = f"the digest has room for {most} words"
            self._full = self._no_room if words <= most else ""
            return False
        self._words += words
        return True

    def _print(self, coverage: Coverage, telling: Telling) -> None:
        for sentence in telling.sentences:
            self._now.remember(sentence.text, self._dateline.day)
        self.items.append(_item(self._digest, coverage, telling))

    def _judged(self, coverage: Coverage, offer: Offer, telling: Telling) -> tuple[Verdict, str]:
        name, story = offer.arrival.document.id, coverage.story
        if name in {sentence.span.document for sentence in telling.sentences}:
            return Verdict.told, f"told in story {story.id[:6]}"
        if offer.arrival.copy_of is not None:
            return Verdict.copy, f"the same text as document {offer.arrival.copy_of}"
        if corrected := self._corrected(offer.arrival):
            return Verdict.told, corrected
        original = next((join.reprint_of for join in story.joins if join.document == name), "")
        if original and (telling.sentences or not offer.fresh):
            return Verdict.copy, f"a reprint of document {original}"
        return self._unquoted(coverage, offer, telling)

    def _unquoted(self, coverage: Coverage, offer: Offer, telling: Telling) -> tuple[Verdict, str]:
        """What is said of a text of its own that is not quoted."""
        if not offer.fresh:
            return Verdict.nothing_new, self._when_told(coverage, offer.arrival)
        if telling.sentences:
            return Verdict.told, f"told in story {coverage.story.id[:6]}, in the words of other documents"
        if self._no_room:
            return Verdict.below_budget, self._no_room
        return Verdict.nothing_new, "nothing in it but headlines, credits, fragments, and what is too long or was told"

    def _corrected(self, arrival: Arrival) -> str:
        mine = (c for c in self.corrections if c.link.document == arrival.document.id)
        return next((f"told as a correction of what was told on {c.day.isoformat()}" for c in mine), "")

    def _when_told(self, coverage: Coverage, arrival: Arrival) -> str:
        days = [day for s in arrival.reading.sentences if (day := self.told.told(s.text))]
        if not days and not coverage.fresh[arrival.document.id] and coverage.since:
            days = [coverage.since]
        if not days:
            return "all of it stands in other stories of this edition"
        partly = "partly " if coverage.fresh[arrival.document.id] else ""
        return f"{partly}told on {max(days).isoformat()}" + (", the rest in this edition" if partly else "")


def _item(digest: Digest, coverage: Coverage, telling: Telling) -> Item:
    came = {arrival.document.id: arrival for arrival in coverage.arrivals}
    quoted = list(dict.fromkeys(sentence.span.document for sentence in telling.sentences))
    arrivals = [*(came[name] for name in quoted), *(a for a in coverage.arrivals if a.document.id not in quoted)]
    lead = arrivals[0].document
    return Item(
        story=coverage.story,
        headline=headline(lead) or telling.sentences[0].text,
        summary=Summary(telling.sentences, digest.ranker),
        links=tuple(identity.link(arrival.document) for arrival in arrivals),
        standing=Standing.developing if coverage.since else Standing.new,
        since=coverage.since,
        section=rules.section(digest.rules, [came[name] for name in quoted]),
        publishers=coverage.publishers,
        proofs=_proofs(came, telling),
        differing=telling.differing,
    )


def _proofs(came: Mapping[str, Arrival], telling: Telling) -> tuple[Proof, ...]:
    content = {s.span.document: content_hash(came[s.span.document].document) for s in telling.sentences}
    return tuple(
        prove(came[s.span.document], s, content=content[s.span.document], said_by=said_by, score=score)
        for s, score, said_by in zip(telling.sentences, telling.scores, telling.said_by, strict=True)
    )
