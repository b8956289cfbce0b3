"""Where the archive's pages lie: names by which they can be linked for ever, each relative to the archive's folder."""

from __future__ import annotations

from collections.abc import Iterable

from worker.edition import Edition, Entry

#: The folder in which the newest edition lies once more, whatever day it is.
LATEST = "latest"
#: What an edition's own files begin with, and its evidence.
OWN, EVIDENCE = "digest", "story-"
_SHORT = 6
_WHOLE = 24


def folder(one: Edition | Entry) -> str:
    """The folder of an edition: its day, and its time if it has one."""
    time = one.time.replace(":", "")
    return f"{one.day.isoformat()}-{time}" if time else one.day.isoformat()


def page(one: Edition | Entry) -> str:
    """An edition's page."""
    return f"{folder(one)}/{name(one, 'html')}"


def name(one: Edition | Entry, suffix: str) -> str:
    """The name of one of an edition's own files: "digest.html", of a second edition that day "digest-2.html"."""
    return f"{OWN}{_further(one)}.{suffix}"


def story(one: Edition | Entry, name: str) -> str:
    """The evidence of an edition's story, which has this name there."""
    return f"{folder(one)}/{EVIDENCE}{name}{_further(one)}.html"


def month(one: Edition | Entry) -> str:
    """What the search reads of the editions of a month."""
    return f"search/{one.day:%Y-%m}.js"


def names(stories: Iterable[str]) -> dict[str, str]:
    """Names for an edition's stories by their ids: the first digits, so many that no two are the same.

    Whoever publishes chooses the address that an id is made of: six digits could be made to meet another story's.
    """
    ids = list(dict.fromkeys(stories))
    lengths = range(_SHORT, _WHOLE)
    short = next((length for length in lengths if len({one[:length] for one in ids}) == len(ids)), _WHOLE)
    return {one: one[:short] for one in ids}


def _further(one: Edition | Entry) -> str:
    # An edition with a time has a folder of its own.
    return "" if one.number == 1 or one.time else f"-{one.number}"
