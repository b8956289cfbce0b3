"""The evidence of a story: what is told and by which proof, how the story came together, the texts that are quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from worker.edition import Edition, Item, Link, Proof
from worker.exporters import places, templates, wording
from worker.exporters.passages import Passages, passages
from worker.exporters.phrases import Phrases, phrases
from worker.exporters.timeline import Timeline, timeline
from worker.model import Arrival, Join, Sentence
from worker.text import identity

#: So many documents of a story are listed.
_LISTED = 100
#: About so many characters of all quoted texts are shown on a page, in each of their two orders.
_CHARACTERS = 120_000


@dataclass(frozen=True)
class Source:
    """A document of a story: the way to it (none: it is of an earlier edition), when it came out, how it joined."""

    document: str
    link: Link | None
    when: str
    quoted: bool
    join: Join
    nearest: Mapping[str, str]
    original: Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """A sentence that is told: its number, its proof, who else says it, whether it is marked in its text."""

    number: int
    id: str
    sentence: Sentence
    link: Link
    when: str
    proof: Proof | None
    said_by: str
    place: str
    marked: bool


@dataclass(frozen=True)
class QuotedText:
    """A document that is quoted; without passages, its text was forgotten.

    `shuffled`: its paragraphs came in another order than the one found. `other`: it is not the version quoted.
    """

    link: Link
    when: str
    shuffled: bool
    other: bool
    passages: Passages | None


@dataclass(frozen=True)
class Story:
    """All that a story's page shows."""

    said: tuple[Said, ...]
    sources: tuple[Source, ...]
    unlisted: str
    timeline: Timeline | None
    published: str
    first: str
    last: str
    texts: tuple[QuotedText, ...]


def page(folder: str, edition: Edition, item: Item, documents: Mapping[str, Arrival]) -> str:
    """The evidence of a story as a page. Raises ConfigError for a template of the user's that is broken."""
    names = places.names(one.story.id for one in edition.items)
    values = {
        "edition": edition,
        "item": item,
        "name": names[item.story.id],
        "words": phrases(edition.language),
        "story": _Desk(edition, item, documents).story(),
        "back": places.page(edition).partition("/")[2],
    }
    return templates.filled(folder, "evidence.html.j2", values)


class _Desk:
    """Puts together what is known of one story."""

    def __init__(self, edition: Edition, item: Item, documents: Mapping[str, Arrival]) -> None:
        self._edition, self._item, self._documents = edition, item, documents
        self._words: Phrases = phrases(edition.language)
        self._links = {link.document: link for link in item.links}
        self._numbered = dict(enumerate(item.summary.sentences, 1))
        self._proofs = dict(enumerate(item.proofs, 1))
        self._quoted = tuple(dict.fromkeys(one.span.document for one in item.summary.sentences))

    def story(self) -> Story:
        sources = list(self._sources())
        listed = [one for place, one in enumerate(sources) if one.quoted or place < _LISTED]
        unlisted = len(sources) - len(listed)
        texts = {name: self._text(name) for name in self._quoted}
        times = self._timeline()
        first, last = self._when(times.first if times else None), self._when(times.last if times else None)
        articles = self._words.several("articles", times.documents if times else 0)
        return Story(
            said=tuple(self._said(number, sentence, texts) for number, sentence in self._numbered.items()),
            sources=tuple(listed),
            unlisted=self._words.several("more_documents", unlisted) if unlisted else "",
            timeline=times,
            published=self._words.say("timeline", articles=articles, first=first, last=last),
            first=first,
            last=last,
            texts=tuple(texts.values()),
        )

    def _link(self, document: str) -> Link | None:
        """The way to a document; to one of an earlier edition, if it is still known."""
        if document not in self._links and document in self._documents:
            return identity.link(self._documents[document].document)
        return self._links.get(document)

    def _sources(self) -> Iterator[Source]:
        joins = {join.document: join for join in self._item.story.joins}
        for name in self._item.story.documents:
            join, link = joins.get(name, Join(name)), self._link(name)
            yield Source(
                document=name,
                link=link,
                when=self._when(link.published if link else None),
                quoted=name in self._quoted,
                join=join,
                nearest=self._named(join.nearest),
                original=self._named(join.reprint_of),
            )

    def _named(self, document: str) -> dict[str, str]:
        """A document's title and outlet, as far as they are known."""
        link = self._link(document)
        title, name = (link.title, link.outlet) if link else ("", document[:6])
        return {"title": wording.line(title) or "…", "outlet": wording.line(name)}

    def _said(self, number: int, sentence: Sentence, texts: Mapping[str, QuotedText]) -> Said:
        name, proof = sentence.span.document, self._proofs.get(number)
        link, shown = self._links[name], texts[name].passages
        others = [other.outlet for other in map(self._link, proof.said_by if proof else ()) if other]
        found = len(self._documents[name].reading.sentences) if shown else 0
        return Said(
            number=number,
            id=wording.sentence_id(self._item, number),
            sentence=sentence,
            link=link,
            when=texts[name].when,
            proof=proof,
            said_by=", ".join(map(wording.line, dict.fromkeys(others))),
            place=f"{proof.place} / {found}" if proof and found else str(proof.place if proof else ""),
            marked=shown is not None and number in shown.in_order | shown.only_as_it_came,
        )

    def _text(self, name: str) -> QuotedText:
        link, arrival = self._links[name], self._documents.get(name)
        quoted = {number: one for number, one in self._numbered.items() if one.span.document == name}
        known = arrival is not None and bool(arrival.document.paragraphs)
        return QuotedText(
            link=link,
            when=self._when(link.published),
            shuffled=arrival is not None and _in_disorder(arrival),
            other=arrival is not None and known and any(self._differs(number, arrival) for number in quoted),
            passages=passages(self._words, arrival, quoted, _CHARACTERS // len(self._quoted))
            if arrival is not None and known
            else None,
        )

    def _differs(self, number: int, arrival: Arrival) -> bool:
        """Whether what was kept is not what the sentence was quoted from."""
        proof = self._proofs.get(number)
        return proof is not None and proof.revision != arrival.document.revision

    def _timeline(self) -> Timeline | None:
        links = {name: link for name in self._item.story.documents if (link := self._link(name))}
        dated = [(link.published, name in self._quoted) for name, link in links.items() if link.published]
        return timeline(dated)

    def _when(self, at: datetime | None) -> str:
        """When it came out, in the digest's zone. At midnight sharp, only a day was given."""
        if at is None:
            return self._words.say("undated")
        utc = at.astimezone(UTC)
        local = utc if utc.strftime("%H%M%S") == "000000" else utc.astimezone(ZoneInfo(self._edition.zone))
        day = self._words.day(local.date(), year=local.year != self._edition.day.year)
        return day if local is utc else self._words.say("timed", day=day, time=f"{local:%H:%M}")


def _in_disorder(arrival: Arrival) -> bool:
    """Whether the order found is another than the one in which the sentences came."""
    places = [(one.span.paragraph, one.span.start) for one in arrival.reading.sentences]
    return arrival.document.shuffled and places != sorted(places)
