"""unbury why, unbury account."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from worker import schedule
from worker.cli.grammar import Command
from worker.cli.known import for_digest, on_day
from worker.cli.paper import fitted
from worker.cli.saying import as_json, note, say, several
from worker.cli.wiring import digests, runtime
from worker.edition import Edition
from worker.model import Document
from worker.queue import byhand
from worker.runtime import Runtime
from worker.store import accounts, editions, readings


@click.command(cls=Command, examples=("unbury why https://example.com/story", "unbury why 3f9a2c"))
@click.argument("document")
@as_json
@click.pass_context
def why(context: click.Context, document: str, json_: bool) -> int:
    """Say what became of a document.

    A sentence for each digest, and how the document came to its story. DOCUMENT is an address, a file's path, or an id
    (or its first letters).
    """
    parts = runtime(context)
    with parts.database.reading() as session:
        found = byhand.document(session, document)
    answers = _answers(parts, found)
    about = {"id": found.id, "url": found.url, "title": found.title, "answers": answers}
    return say(about, fitted("\n".join([found.title, found.url, *map(_sentence, answers)])), json_=json_)


def _answers(parts: Runtime, document: Document) -> list[dict[str, Any]]:
    """What each digest said of each revision, and of the newest where none has said anything yet."""
    with parts.database.reading() as session:
        said = accounts.of_document(session, document.id)
        read = readings.is_read(session, document.id, document.revision, parts.recipe.id)
        found = [
            {
                **disposition,
                "newest": disposition["revision"] == document.revision,
                **_joined(editions.get(session, disposition["edition"]), document.id),
            }
            for disposition in said
        ]
    answered = {one["digest"] for one in found if one["newest"]}
    waiting = "it is read and waits for the next edition" if read else "it came in and is not read yet"
    return found + [
        {"digest": name, "date": None, "verdict": "waiting", "because": waiting, "newest": True}
        for name in parts.digests
        if name not in answered
    ]


def _joined(edition: Edition | None, document: str) -> dict[str, Any]:
    """How a document came to its story, where that was told."""
    for item in edition.items if edition else ():
        for join in item.story.joins:
            if join.document == document:
                titles = {link.document: link.title for link in item.links}
                way = {"nearest": join.nearest, "joined_because": join.because, "reprint_of": join.reprint_of}
                nearest = titles.get(join.nearest, "")
                return {"story": item.story.id, "headline": item.headline, "nearest_title": nearest, **way}
    return {}


def _sentence(one: dict[str, Any]) -> str:
    which = "" if one["newest"] else ", an earlier revision of it"
    when = f" on {one['date']}" if one["date"] else ""
    verdict, because = one["verdict"], one["because"]
    said = f"{one['digest']}{when}{which}: " + (because if because.startswith(verdict) else f"{verdict} ({because})")
    if one.get("story"):
        said += f'; the story is "{one["headline"]}"'
    if one.get("nearest"):
        title = f'"{one["nearest_title"]}"' if one["nearest_title"] else f"document {one['nearest']}"
        said += f", joined to {title} by {one['joined_because']}"
    return f"{said}."


@click.command(cls=Command, examples=("unbury account", "unbury account --date 2026-11-23"))
@on_day
@for_digest
@as_json
@click.pass_context
def account(context: click.Context, day: date | None, name: str | None, json_: bool) -> int:
    """Say what became of all documents of a day.

    That is, of all that its editions accounted for. Ends with 1 if one is unaccounted for.
    """
    parts = runtime(context)
    found = [_totals(parts, one, day) for one in digests(parts, name)]
    if not any(one["editions"] for one in found):
        note("hint: there is no edition of this day; `unbury status` says which is the last")
    say({"accounts": found}, "\n".join(map(_table, found)), json_=json_)
    return int(any(one["documents"] != sum(one["dispositions"].values()) for one in found))


def _totals(parts: Runtime, name: str, day: date | None) -> dict[str, Any]:
    """The totals of a digest's editions of a day, by the rows of the account and by what the editions counted."""
    when = day or schedule.today(parts.now(), parts.digest(name).zone)
    with parts.database.reading() as session:
        made = editions.between(session, name, when, when)
        return {
            "digest": name,
            "date": when,
            "editions": len(made),
            "documents": sum(edition.counts.documents for edition in made),
            "dispositions": accounts.tally(session, name, when),
            "waiting": readings.count_waiting(session, name),
        }


def _table(one: dict[str, Any]) -> str:
    total = sum(one["dispositions"].values())
    covered = f"{several(one['documents'], 'document')} in {several(one['editions'], 'edition')}"
    lines = [f"{one['digest']}, {one['date']}: {covered}"]
    lines += [f"{number:7,} {verdict}" for verdict, number in one["dispositions"].items()]
    lines.append(f"{total:7,} accounted for" + ("" if total == one["documents"] else ": THAT IS NOT ALL"))
    return "\n".join([*lines, f"{one['waiting']:7,} wait for the next edition"])
