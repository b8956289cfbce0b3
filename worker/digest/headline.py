"""A story's headline: its lead's title, in whole words where a feed cut it from the text."""

from __future__ import annotations

from worker.model import Document

#: A title shorter than this that the text begins with is no cut one ("Ferry": "Ferry halted …").
_SHORTEST = 40
_STOPS = tuple(".!?…:")


def headline(document: Document) -> str:
    """The title; if it is a paragraph's beginning, as feeds make one, marked as going on and without half a word."""
    title = document.title
    if len(title) < _SHORTEST or title.endswith(_STOPS):
        return title
    goes_on = next((p[len(title) :] for p in document.paragraphs if p.startswith(title) and p != title), "")
    if not goes_on or goes_on[0] in _STOPS:
        return title
    whole = title.rpartition(" ")[0] if goes_on[0].isalnum() and title[-1].isalnum() else title
    return f"{(whole or title).rstrip(' ,;–—-')}…"
