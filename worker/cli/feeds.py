"""unbury feeds."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from worker.cli.grammar import Group
from worker.cli.known import FEED
from worker.cli.saying import answer, as_json, mark, progress, say
from worker.cli.wiring import content, runtime
from worker.errors import FetchFailed, NotFound, nearest
from worker.fetched import SourceState
from worker.model import Document
from worker.parsers import opml
from worker.parsers.entry import address
from worker.parsers.opml import ListedFeed
from worker.runtime import Runtime
from worker.sources import feedlist
from worker.sources.trial import Trial, tried
from worker.status.feeds import health, hopeless
from worker.store import history
from worker.web.access import Web
from worker.web.urls import without_user

_SHOWN = 3


@click.group(
    cls=Group,
    examples=("unbury feeds add https://blog.example", "unbury feeds list", "unbury feeds import reader.opml"),
)
def feeds() -> None:
    """The feeds that you read, in config/feeds.opml."""


@feeds.command(examples=("unbury feeds add blog.example", "unbury feeds add https://blog.example/feed --section Tech"))
@click.argument("url")
@click.option("--title", default="", help="Its name in lists (its own).")
@click.option("--section", default="", help='The folder it belongs to ("News / Local" for one in another).')
@click.option("--unseen", is_flag=True, help="Add it without fetching it.")
@as_json
@click.pass_context
def add(context: click.Context, url: str, title: str, section: str, unseen: bool, json_: bool) -> int:
    """Add a feed, and show its newest titles.

    URL is its address, or that of a page that names it.
    """
    parts = runtime(context)
    trial = None if unseen else _tried(url, parts.web)
    feed = ListedFeed(trial.url if trial else address(url), title or (trial.title if trial else ""), section)
    if not feed.url:
        raise FetchFailed(f"{without_user(url)!r} is no http or https address")
    done, name, feed = _put(parts, feed)
    if json_:
        answer({"added": done == "added", "name": name, **asdict(feed), **_as_dict(trial)})
        return 0
    click.echo(f"{done}: {_named(feed.title, feed.url)}")
    _show(trial)
    return 0


@feeds.command("list", examples=("unbury feeds list", "unbury feeds list --failing"))
@click.option("--failing", is_flag=True, help="Only those that fail, are retired or silent.")
@as_json
@click.pass_context
def list_(context: click.Context, failing: bool, json_: bool) -> int:
    """List feeds and their health.

    When each last answered, what went wrong, when it is asked next, and who has fallen silent.
    """
    parts = runtime(context)
    found = [one for one in health(parts) if not failing or one["error"] or one["silent"] or one["retired"]]
    if json_:
        answer({"feeds": found})
        return 0
    for one in found:
        click.echo(_line(parts, one))
    if not found:
        click.echo("All feeds are well." if failing else "There are no feeds yet: unbury feeds add URL")
    return 0


@feeds.command(examples=("unbury feeds remove https://blog.example/feed", "unbury feeds remove blog-example-3f9a2c"))
@click.argument("feed", type=FEED)
@as_json
@click.pass_context
def remove(context: click.Context, feed: str, json_: bool) -> int:
    """Take a feed off the list; what it brought is kept."""
    parts = runtime(context)
    names = {one.url: name for name, one in parts.feedlist.named().items()}
    gone = _removed(parts, feed)
    with parts.database.writing() as session:
        history.forget_source(session, names[gone.url])
    return say({"removed": asdict(gone)}, f"removed: {_named(gone.title, gone.url)}", json_=json_)


@feeds.command(
    examples=("unbury feeds test https://blog.example", "unbury feeds test https://blog.example/feed --json")
)
@click.argument("url")
@as_json
@click.pass_context
def test(context: click.Context, url: str, json_: bool) -> int:
    """Fetch a feed once, and say what it gives.

    And what it asks for; nothing of it is kept.
    """
    parts = runtime(context)
    try:
        trial = _tried(url, parts.web)
    except FetchFailed as error:
        raise FetchFailed(error.message, _about(parts, url) or error.hint) from None
    if json_:
        answer({"url": without_user(trial.url), **_as_dict(trial)})
        return 0
    click.echo(f"feed: {_named(trial.title, trial.url)}")
    _show(trial)
    state = trial.fetched.state
    dated = [document for document in trial.fetched.documents if document.published]
    lines = {
        "news": trial.rhythm,
        "next": f"{state.next_check:%Y-%m-%d %H:%M} UTC" if state.next_check else "",
        "conditional": " and ".join(filter(None, (state.etag and "ETag", state.modified and "Last-Modified"))) or "no",
        "dates": f"{len(dated)} of {len(trial.fetched.documents)}",
        "pushes": state.hub,
    }
    for name, value in lines.items():
        click.echo(f"{name + ':':13}{value}") if value else None
    return 0


@feeds.command("import", examples=("unbury feeds import reader.opml", "unbury feeds import - < reader.opml"))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@as_json
@click.pass_context
def import_(context: click.Context, file: Path, json_: bool) -> int:
    """Add all feeds of an OPML file.

    Its folders become sections.
    """
    parts = runtime(context)
    found = feedlist.read(content(file), str(file))
    new = parts.feedlist.add_all(found)
    words = f"{new} added, {len(found) - new} known already"
    return say({"found": len(found), "added": new}, words, json_=json_)


@feeds.command(examples=("unbury feeds export > feeds.opml", "unbury feeds export --json"))
@as_json
@click.pass_context
def export(context: click.Context, json_: bool) -> int:
    """Write the list as OPML.

    With the addresses to which feeds have moved.
    """
    parts = runtime(context)
    with parts.database.reading() as session:
        states = history.source_states(session)
    listed = []
    for name, feed in parts.feedlist.named().items():
        state = states.get(name, SourceState())
        listed.append(ListedFeed(state.url or feed.url, feed.title or state.title, feed.section))
    return say({"feeds": [asdict(feed) for feed in listed]}, opml.written(listed).decode().rstrip("\n"), json_=json_)


def _put(parts: Runtime, feed: ListedFeed) -> tuple[str, str, ListedFeed]:
    """Put a feed into the list, or where it is known into another section; gives what was done, its name, and it."""
    new = parts.feedlist.add(feed)
    name, listed = next((name, one) for name, one in parts.feedlist.named().items() if one.url == feed.url)
    with parts.database.writing() as session:
        if new or history.source_state(session, name).retired:  # it is asked again
            history.forget_source(session, name)
    if new:
        return "added", name, feed
    if feed.section in ("", listed.section):
        return f"known already{f', in {listed.section}' if listed.section else ''}", name, listed
    parts.feedlist.move(listed, feed.section)
    return f"moved to {feed.section}", name, replace(listed, section=feed.section)


def _removed(parts: Runtime, feed: str) -> ListedFeed:
    """The feed, which is taken off the list. Raises NotFound, with the nearest."""
    try:
        return parts.feedlist.remove(feed)
    except NotFound as error:
        listed = parts.feedlist.named().items()
        known = [known for name, one in listed for known in (one.url, name, one.title)]
        near = nearest(feed, known)
        raise NotFound(error.message, f"did you mean {near!r}?" if near else error.hint) from None


def _tried(url: str, web: Web) -> Trial:
    with progress(f"asking {without_user(url)[:50]}"):
        return tried(url, web)


def _line(parts: Runtime, one: dict[str, Any]) -> str:
    now = parts.now()
    well = "quiet" if one["silent"] else "ok" if one["last_success"] else "new"
    state = "gone" if one["retired"] else "FAIL" if one["error"] else well
    said = [*_how(one, now), f"next {_when(one['next'], now)}" if one["next"] else ""]
    said += [_way_out(parts, one)] if hopeless(one) else []
    place = f"  [{one['section']}]" if one["section"] else ""
    heading = f"{mark(state, 6)}{one['title'] or one['url']}{place}"
    below = [one["url"]] if one["title"] else []
    return "\n      ".join([heading, *below, "; ".join(filter(None, said))])


def _how(one: dict[str, Any], now: datetime) -> list[str]:
    """What went wrong with a feed, and since when."""
    said = [one["error"] and f"{one['error']} ({one['failures']}×)" if not one["retired"] else one["error"]]
    said += [one["silent"], one["moved_to"] and f"moved to {one['moved_to']}"]
    return [*said, f"last read {_when(one['last_success'], now)}" if one["last_success"] else "never read yet"]


def _way_out(parts: Runtime, one: dict[str, Any]) -> str:
    if one["name"] in parts.settings.sources:
        return f"it is not on the list: take [sources.{one['name']}] out of the configuration"
    return f"`unbury feeds remove {one['name']}` takes it off the list"


def _about(parts: Runtime, url: str) -> str:
    """What is known of a feed that fails, if you read it."""
    asked = {f"{scheme}{without_user(url)}" for scheme in ("", "https://", "http://")}
    one = next((one for one in health(parts) if asked & {one["url"], one["title"], one["name"]}), None)
    if one is None:
        return ""
    place = "in your configuration" if one["name"] in parts.settings.sources else "on your list"
    said = [f"{place} as {one['title'] or one['name']}", *_how(one, parts.now()), _way_out(parts, one)]
    return "; ".join(filter(None, said))


def _named(title: str, url: str) -> str:
    return f"{title} <{without_user(url)}>" if title else without_user(url)


def _when(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M} UTC"


def _show(trial: Trial | None) -> None:
    """The newest titles, and how many entries there are."""
    if trial is None:
        return
    for document in trial.fetched.documents[:_SHOWN]:
        click.echo(f"  {_titled(document)}")
    hidden = len(trial.fetched.documents) - _SHOWN
    if hidden > 0:
        click.echo(f"  and {hidden} more")


def _titled(document: Document) -> str:
    return f"{document.published:%Y-%m-%d}  {document.title}" if document.published else document.title


def _as_dict(trial: Trial | None) -> dict[str, Any]:
    if trial is None:
        return {}
    state = trial.fetched.state
    return {
        "entries": len(trial.fetched.documents),
        "newest": [
            {"title": one.title, "url": one.url, "published": one.published} for one in trial.fetched.documents[:_SHOWN]
        ],
        "usual_seconds": state.rhythm or None,
        "etag": state.etag,
        "last_modified": state.modified,
        "hub": state.hub,
    }
