"""Copies: documents with the whole text of another stand beside it, if that one can be told at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from worker.model import Arrival, Join, Story
from worker.text.identity import body


def settled(arrivals: Sequence[Arrival], before: Collection[tuple[str, str]]) -> tuple[Arrival, ...]:
    """The documents, each a copy only of one that is offered with this text, or had it `before` (document, body).

    Else the text would be lost with its original: muted, unreadable, revised since. Of several copies without
    an original the first that came is the original of the others.
    """
    offered = {(a.document.id, body(a.document.paragraphs)) for a in arrivals if a.copy_of is None}
    first: dict[str, str] = {}  # by text
    originals: dict[str, str | None] = {}
    for one in sorted(arrivals, key=lambda a: (a.arrived, a.document.id)):
        text = body(one.document.paragraphs) if one.copy_of is not None else ""
        if one.copy_of is not None and (one.copy_of, text) not in offered and (one.copy_of, text) not in before:
            originals[one.document.id] = first.get(text)
            first.setdefault(text, one.document.id)
    return tuple(replace(a, copy_of=originals.get(a.document.id, a.copy_of)) for a in arrivals)


def with_copies(stories: Sequence[Story], arrivals: Sequence[Arrival]) -> list[Story]:
    """The stories, with each copy of a document's whole text beside that document."""
    copies: dict[str, list[str]] = {}
    for arrival in arrivals:
        if arrival.copy_of is not None:
            copies.setdefault(arrival.copy_of, []).append(arrival.document.id)
    return [_with(story, [(one, name) for one in story.documents for name in copies.get(one, ())]) for story in stories]


def _with(story: Story, copies: Sequence[tuple[str, str]]) -> Story:
    names = (*story.documents, *(name for _, name in copies))
    joins = (Join(name, original, "the same text", original) for original, name in copies)
    return replace(story, documents=names, joins=(*story.joins, *joins))
