"""The search over all editions: a page with a small script, and for each month a file that it reads when it is asked.

A page opened from a folder may read no file but a script's. So each month is one: a single call, with nothing in it but
strings. The policy lets one script run, known by its hash, and what that one loads.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence

from markupsafe import Markup

from worker.edition import Edition, Entry
from worker.exporters import places, templates, wording
from worker.exporters.phrases import Phrases

#: What would end a script, if somebody were to put the file into a page.
_ESCAPES = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(folder: str, title: str, words: Phrases, entries: Sequence[Entry]) -> str:
    """The page that searches. Raises ConfigError for a template of the user's that is broken."""
    script = templates.filled(folder, "search.js.j2", {})
    values = {
        "title": title,
        "words": words,
        "months": sorted({places.month(one) for one in entries}, reverse=True),
        "script": Markup(script),  # noqa: S704  our own; its hash stands in the page's policy
        "hash": b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    return templates.filled(folder, "search.html.j2", values)


def month(editions: Sequence[Edition]) -> str:
    """The stories of a month's editions, the newest first, as a script that hands them to the page."""
    newest = sorted(editions, key=lambda one: (one.day, one.time, one.number), reverse=True)
    written = json.dumps([_edition(one) for one in newest], ensure_ascii=False, separators=(",", ":"))
    for letter, escape in _ESCAPES.items():
        written = written.replace(letter, escape)
    return f"unbury({json.dumps(places.month(newest[0]))},{written})\n"


def _edition(edition: Edition) -> list[object]:
    names = places.names(item.story.id for item in edition.items)
    stories = [
        [
            places.story(edition, names[item.story.id]),
            wording.headline(edition, item),
            *(wording.line(sentence.text) for sentence in item.summary.sentences),
        ]
        for item in edition.items
    ]
    return [wording.dateline(edition), *stories]
