"""unbury read: the filter, from JSON lines to JSON lines, without a store."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from worker.cli.grammar import Command
from worker.cli.slips import complain
from worker.errors import UsageError

SOME_FAILED = 5
_MANY = 1000


@click.command(
    cls=Command, examples=("unbury read --jsonl < articles.jsonl", "unbury read --jsonl --words 100 < articles.jsonl")
)
@click.option("--jsonl", is_flag=True, required=True, help="JSON lines in and out.")
@click.option("--json", "_json", is_flag=True, help="JSON lines are JSON already.")
@click.option(
    "--sentences",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="A summary's sentences, at most (3, or what --words allows).",
)
@click.option("--words", type=click.IntRange(1), metavar="N", help="A summary's words, at most.")
@click.option("--ranker", default=None, help="Who scores the sentences (as configured).")
@click.pass_context
def read(
    context: click.Context, jsonl: bool, _json: bool, sentences: int | None, words: int | None, ranker: str | None
) -> int:
    """Read documents, an object a line, and answer with a line each.

    in:  {"id", "title", "paragraphs": [..] or "text", "language",
         "shuffled", "published", "url"}
    out: {"id", "summary", "order", "repeats"}, places in the paragraphs as they
         came in: {"paragraph", "start", "end"} (a text is split at newlines)
    """
    from worker import pipeline
    from worker.cli.saying import progress
    from worker.cli.wiring import loaded
    from worker.plugins import RANKERS

    reading = loaded(context).settings.reading
    cues = reading.edmundson
    length = sentences or (_MANY if words else 3)
    recipe = pipeline.Recipe(ranker or reading.ranker, length, cues.bonus, cues.stigma, words or 0)
    RANKERS.check(recipe.ranker, "en", bonus=cues.bonus, stigma=cues.stigma)
    bad = 0
    with progress("reading", streams=True) as step:
        for number, line in enumerate(sys.stdin.buffer, 1):
            step(f"reading line {number}", 1)
            try:
                click.echo(json.dumps(_answer(line, recipe))) if line.strip() else None
            except UsageError as error:
                complain(f"line {number}: {error}", error.hint)
                bad += 1
    return SOME_FAILED if bad else 0


def _answer(line: bytes, recipe: Any) -> dict[str, Any]:
    from worker import pipeline

    name, document = parsed(line)
    reading = pipeline.read(document, recipe)
    return {
        "id": name,
        "summary": [{"text": s.text, **_place(s.span)} for s in reading.summary.sentences],
        "order": [_place(s.span) for s in reading.sentences],
        "repeats": [
            {"dropped": _place(r.dropped), "kept": _place(r.kept), "similarity": r.similarity} for r in reading.repeats
        ],
    }


def parsed(line: bytes) -> tuple[Any, Any]:
    """The record's own id, and the document; its words are left as they are. Raises UsageError."""
    from worker.text.identity import document

    record = _record(line)
    paragraphs = _paragraphs(record)
    url = str(record.get("url") or record.get("id") or "")
    made = document(
        source="stdin",
        url=url,
        title=str(record.get("title") or ""),
        published=_published(record.get("published")),
        paragraphs=paragraphs,
        language=_language(record.get("language"), paragraphs),
        shuffled=bool(record.get("shuffled", False)),
    )
    return record.get("id"), made


def _record(line: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise UsageError(f"this is {type(record).__name__}, but should be an object")
    return record


def _paragraphs(record: Mapping[str, Any]) -> tuple[str, ...]:
    given = record.get("paragraphs")
    if given is None and isinstance(record.get("text"), str):
        given = record["text"].split("\n")
    if not isinstance(given, list) or not all(isinstance(paragraph, str) for paragraph in given):
        raise UsageError('"paragraphs" should be a list of strings, or "text" a string')
    return tuple(given)


def _language(value: object, paragraphs: tuple[str, ...]) -> str:
    from worker.text.languages import detect

    return value if isinstance(value, str) and value.isascii() and value else detect(sorted(set(paragraphs)))


def _published(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _place(span: Any) -> dict[str, int]:
    return {"paragraph": span.paragraph, "start": span.start, "end": span.end}
