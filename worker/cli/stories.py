"""unbury stories: the filter that groups documents, from JSON lines to JSON lines, without a store."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

from worker.cli.grammar import Command
from worker.cli.read import SOME_FAILED, parsed
from worker.cli.saying import progress
from worker.cli.slips import complain
from worker.errors import UsageError
from worker.model import Document, Member


@click.command(
    cls=Command,
    examples=("unbury stories --jsonl < articles.jsonl", "unbury stories --jsonl < news.jsonl > stories.jsonl"),
)
@click.option("--jsonl", is_flag=True, required=True, help="JSON lines in and out.")
@click.option("--json", "_json", is_flag=True, help="JSON lines are JSON already.")
def stories(jsonl: bool, _json: bool) -> int:
    """Group documents, an object a line, and answer with a line each.

    in:  {"id", "title", "paragraphs": [..] or "text", "language",
         "published", "url"}
    out: {"id", "story", "nearest", "because", "reprint_of"}
         a story is named by the id of its earliest document
         (of two with one id, one is called "id (2)")
    """
    given, bad = [], 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            try:
                given.append(parsed(line))
            except UsageError as error:
                complain(f"line {number}: {error}", error.hint)
                bad += 1
    names = _names(given)
    with progress("grouping"):
        found = _placed([_member(name, document) for name, (_, document) in zip(names, given, strict=True)])
    for (own, _), name in zip(given, names, strict=True):
        click.echo(json.dumps({"id": own, **found[name]}))
    return SOME_FAILED if bad else 0


def _names(given: Sequence[tuple[Any, Document]]) -> list[str]:
    """A name for each document: its own id; where several have the same one, they are numbered by what they say."""
    own = [name if isinstance(name, str) else json.dumps(name) for name, _ in given]
    names, taken, count = list(own), set(own), Counter[str]()
    for place in sorted(range(len(given)), key=lambda place: (own[place], given[place][1].revision)):
        count[own[place]] += 1
        number = count[own[place]]
        while number > 1 and names[place] in taken:
            names[place] = f"{own[place]} ({number})"
            number += 1
        taken.add(names[place])
    return names


def _member(name: str, document: Document) -> Member:
    from worker.stories.sketch import sketch
    from worker.text.sentences import split

    return Member(name, document.source, document.published, sketch(document, split(document)), document.language)


def _placed(members: Sequence[Member]) -> Mapping[str, Mapping[str, str]]:
    """What is said of each document, by its name."""
    from worker.stories.grouping import group

    return {
        join.document: {
            "story": story.id,
            "nearest": join.nearest,
            "because": join.because,
            "reprint_of": join.reprint_of,
        }
        for story in group(members)
        for join in story.joins
    }
