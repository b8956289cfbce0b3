"""unbury explain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import click

from worker import pipeline
from worker.cli.grammar import Command
from worker.cli.known import DAY, for_digest
from worker.cli.paper import fitted
from worker.cli.saying import as_json, say
from worker.cli.wiring import runtime
from worker.digest.proof import content_hash, overlap
from worker.edition import Edition, Item, Link, Proof
from worker.errors import NotFound, UsageError
from worker.exporters import wording
from worker.model import Document, Repeat, Sentence
from worker.runtime import Runtime
from worker.store import documents, editions


@dataclass(frozen=True)
class _Found:
    """A sentence that was told, where, and the text that it stands in, if that is still kept."""

    edition: Edition
    item: Item
    number: int
    document: Document | None

    @property
    def sentence(self) -> Sentence:
        return self.item.summary.sentences[self.number - 1]

    @property
    def link(self) -> Link:
        return wording.source(self.item, self.sentence)

    @property
    def proof(self) -> Proof:
        return self.item.proofs[self.number - 1] if self.item.proofs else Proof("", "")


@click.command(cls=Command, examples=("unbury explain 1a2b3c.2", "unbury explain 1a2b3c.2 --date 2026-11-23 --json"))
@click.argument("sentence")
@click.option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help="The day (any that told it).")
@for_digest
@as_json
@click.pass_context
def explain(context: click.Context, sentence: str, day: date | None, name: str | None, json_: bool) -> int:
    """Show a sentence that was told.

    Where it stands in its source, what was dropped for it, who else says it. SENTENCE is the id that stands behind it
    in the digest's text and JSON: its story's, a dot, its number; 1a2b3c.1-3 is a range, 1a2b3c the whole story.
    """
    story, first, last = _named(sentence)
    parts = runtime(context)
    found = [_find(parts, story, first, day, name)]
    last = last or len(found[0].item.summary.sentences)
    found += [_find(parts, story, number, day, name) for number in range(first + 1, last + 1)]
    told = [(one, _dropped(parts, one)) for one in found]
    shown = [_as_dict(*one) for one in told]
    words = "\n\n".join(_as_text(*one) for one in told)
    return say(shown[0] if len(shown) == 1 else {"sentences": shown}, fitted(words), json_=json_)


def _named(name: str) -> tuple[str, int, int]:
    """The story that an id names, and its first and last sentence, 0 for the story's last. Raises UsageError."""
    written = re.fullmatch(r"\[?([0-9a-f]{6,64})(?:\.([1-9]\d{0,3})(?:-([1-9]\d{0,3}))?)?\]?", name)
    if not written:
        raise UsageError(f"{name!r} is no sentence's id", "it looks like 1a2b3c.2 and stands behind each sentence")
    story, first, last = written.groups()
    return story, int(first or 1), int(last or first or 0)


def _find(parts: Runtime, story: str, number: int, day: date | None, digest: str | None) -> _Found:
    """The sentence of a number in a story. Raises NotFound."""
    name = f"{story}.{number}"
    with parts.database.reading() as session:
        told = _telling(editions.telling(session, story), story, number)
    meant = [one for one in told if day in (None, one.edition.day) and digest in (None, one.edition.digest)]
    if not meant:
        of_day = f" of {day}" if day else ""
        raise NotFound(f"no edition{of_day} told a sentence {name}", "`unbury digest` prints their ids")
    if len(meant) > 1:
        where = ", ".join(f"{one.edition.digest}/{one.edition.day} ({one.item.story.id})" for one in meant)
        hint = "add --date or --digest, or more of the story's id"
        raise NotFound(f"several editions told a sentence {name}: {where}", hint)
    [found] = meant
    with parts.database.reading() as session:
        kept = documents.get(session, [(found.sentence.span.document, found.proof.revision)])
    return replace(found, document=next((one for one in kept if one.paragraphs), None))


def _telling(several: Sequence[Edition], story: str, number: int) -> list[_Found]:
    """The sentences of a number in stories whose id begins so."""
    items = [(edition, item) for edition in several for item in edition.items if item.story.id.startswith(story)]
    return [_Found(edition, item, number, None) for edition, item in items if number <= len(item.summary.sentences)]


def _dropped(parts: Runtime, found: _Found) -> list[Repeat]:
    """What was dropped in the same text, because this sentence says it."""
    if found.document is None:
        return []
    repeats = pipeline.read(found.document, parts.recipe).repeats
    return [repeat for repeat in repeats if overlap(repeat.kept, found.sentence.span)]


def _verdict(found: _Found) -> str:
    """Whether the source, as it is kept, says it there, word for word."""
    if found.document is None:
        return "the text was forgotten, as [retention] says; its hash is kept"
    same = content_hash(found.document) == found.proof.content or not found.proof.content
    stands = same and found.document.says(found.sentence)
    return "it stands there, word for word" if stands else "IT DOES NOT STAND THERE: `unbury verify` says more"


def _said_by(found: _Found) -> list[Link]:
    return [link for link in found.item.links if link.document in found.proof.said_by]


def _as_text(found: _Found, dropped: list[Repeat]) -> str:
    span, proof, link = found.sentence.span, found.proof, found.link
    when = f", {_time(link.published)}" if link.published else ""
    lines = [
        found.sentence.text,
        "",
        f"told      {found.edition.digest}, {found.edition.day}, edition {found.edition.number}: {found.item.headline}",
        f"source    {link.outlet}{when}: {link.title}",
        f"          {link.url}",
        f"place     paragraph {span.paragraph + 1}, characters {span.start} to {span.end}; {_verdict(found)}",
        f"order     sentence {proof.place} in the order found; score {proof.score:.4f}",
        f"proof     document {span.document}, revision {proof.revision}, content {proof.content}",
    ]
    if found.document:
        lines += [f"dropped   {r.similarity:.0%} like it: {found.document.quote(r.dropped)}" for r in dropped]
    lines += [f"said by   {other.outlet} as well: {other.url}" for other in _said_by(found)]
    return "\n".join(lines)


def _time(published: datetime) -> str:
    """A day and its time; at midnight sharp, only a day was given."""
    return f"{published:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


def _as_dict(found: _Found, dropped: list[Repeat]) -> dict[str, Any]:
    span, proof, link, document = found.sentence.span, found.proof, found.link, found.document
    return {
        "sentence": wording.sentence_id(found.item, found.number),
        "text": found.sentence.text,
        "edition": found.edition.id,
        "digest": found.edition.digest,
        "date": found.edition.day,
        "story": found.item.story.id,
        "headline": found.item.headline,
        "document_id": span.document,
        "revision": proof.revision,
        "content": proof.content,
        "url": link.url,
        "outlet": link.outlet,
        "title": link.title,
        "published": link.published,
        "paragraph": span.paragraph,
        "start": span.start,
        "end": span.end,
        "place": proof.place,
        "score": proof.score,
        "kept": document is not None,
        "stands": None if document is None else document.says(found.sentence),
        "dropped": [{"text": document.quote(r.dropped), "similarity": r.similarity} for r in dropped if document],
        "said_by": [{"outlet": other.outlet, "url": other.url} for other in _said_by(found)],
    }
