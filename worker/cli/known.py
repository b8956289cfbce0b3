"""Parameters that name something there is: a digest, a source, a feed, a day, a form. A shell completes them.

What completes has to be there before a key is pressed again: it reads the file of settings as plain TOML and the
folder of editions, and opens no database.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from worker.plugins import forms


class Known(click.ParamType[Any]):
    """A name; which names there are depends on what it names."""

    def __init__(self, what: str) -> None:
        self.name = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin so; none where the file cannot be read, for no error can be said here."""
        try:
            found = _NAMES[self.name](_table(ctx))
        except (OSError, ValueError, AttributeError):
            return []
        names = [name for name in sorted(set(found)) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in names]


class Day(Known):
    """A day as YYYY-MM-DD, or by its name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day. Fails for what is none."""
        try:
            return value if isinstance(value, date) else as_day(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it like 2026-11-23.", param, ctx)


class Key(Known):
    """What a job is about: which names there are depends on its kind."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The sources of an ingestion, the digests of a composition; what else there is, only the database knows."""
        known = {"ingest": SOURCE, "compose": DIGEST}.get(ctx.params.get("kind", ""))
        return known.shell_complete(ctx, param, incomplete) if known else []


class Target(Known):
    """A day that has an edition, or a file."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The days that begin so; if none does, the shell looks for files."""
        return super().shell_complete(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def as_day(written: str) -> date:
    """A day as YYYY-MM-DD, or today or yesterday by this machine's clock. Raises ValueError."""
    ago = {"today": 0, "yesterday": 1}.get(written)
    if ago is None:
        return date.fromisoformat(written)
    from worker.runtime import clock

    return clock().astimezone().date() - timedelta(days=ago)


DIGEST, SOURCE, FEED, FORM = map(Known, ("digest", "source", "feed", "form"))
DAY, KEY, TARGET = Day("day"), Key("key"), Target("target")
for_digest = click.option("--digest", "name", type=DIGEST, metavar="NAME", help="Which digest (all there are).")
for_one_digest = click.option("--digest", "name", type=DIGEST, metavar="NAME", help="Which digest (the first).")
on_day = click.option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help="The day (today); yesterday is one, too.")


def said_of_forms(default: str, *more: str) -> str:
    """The help of an option that takes a form."""
    known = (f"{form} (default)" if form == default else form for form in (*forms(), *more))
    return f"{', '.join(known)}, or one of your own."


def _table(context: click.Context) -> Mapping[str, Any]:
    """The file of settings as it stands; empty if there is none."""
    import tomllib

    named = context.find_root().params.get("config") or os.environ.get("UNBURY_CONFIG")
    files = map(Path, [named] if named else ["config/local.toml", "config/unbury.toml"])
    file = next(filter(Path.is_file, files), None)  # as `loading.chosen`, without what that imports
    return tomllib.loads(file.read_text(encoding="utf-8")) if file else {}


def _digests(table: Mapping[str, Any]) -> Iterable[str]:
    return list(table.get("digests", {"daily": {}}))


def _sources(table: Mapping[str, Any]) -> Iterable[str]:
    return [*table.get("sources", {"seeds": {}}), *_feeds(table)]


def _feeds(table: Mapping[str, Any]) -> Iterable[str]:
    """The names of the feeds in the list: their addresses have colons, at which bash ends a word."""
    import html
    import re

    file = _place(os.environ.get("UNBURY_FEEDS") or table.get("feeds", "config/feeds.opml"))
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    listed = re.findall(r"""xmlUrl\s*=\s*(["'])(.*?)\1""", text, re.IGNORECASE)
    if not listed:
        return []
    from worker.parsers.opml import ListedFeed
    from worker.sources.feedlist import named

    return named(ListedFeed(html.unescape(url)) for url in dict.fromkeys(url for _, url in listed))


def _place(path: str) -> Path:
    return Path(os.path.expanduser(path))  # noqa: PTH111  # a home that nobody has is no error here


def _days(table: Mapping[str, Any]) -> Iterable[str]:
    """The days that have a folder of editions."""
    out = _place(os.environ.get("UNBURY_OUT") or table.get("out", "out"))
    day = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]"
    return [folder.name for pattern in (day, f"*/{day}") for folder in out.glob(pattern)]


_NAMES: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "digest": _digests,
    "source": _sources,
    "feed": _feeds,
    "day": _days,
    "target": _days,
    "form": lambda _: forms(installed=True),
}
