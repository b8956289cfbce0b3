"""Feeds: asked politely, parsed elsewhere, each entry taken once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from worker.errors import ConfigError, FetchFailed, ParsingFailed, UnburyError, Unparsable
from worker.fetched import Fetched, Problem, SourceState
from worker.model import Document
from worker.parsers.entry import Entry, address, documented, keys, received
from worker.parsing import parsed
from worker.settings import SourceSettings
from worker.sources import rhythm
from worker.sources.pages import Pages
from worker.text.clean import cleaned
from worker.text.identity import identity
from worker.web.access import Answer, Web
from worker.web.caching import LONGEST_AGE, freshness, retry_after
from worker.web.urls import without_user

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
#: Seconds for one feed in the parser: an honest one of 10 MB takes 3.4 s here.
_SECONDS = 5.0
#: While a feed fails where it moved to, so often the address in the user's list is asked first.
_PATIENCE = 4
_BROKEN = {
    401: "it wants a name and a password: write them into its address",
    403: "it refuses us (403)",
    404: "there is nothing at its address (404)",
    410: "it is gone for good (410)",
    429: "it was asked too often (429)",
}


@dataclass(frozen=True)
class Feed:
    """One feed, or a page that names its feed. What it does wrong is said in the state, and stops nobody else."""

    name: str
    settings: SourceSettings
    web: Web

    def __post_init__(self) -> None:
        """Raises ConfigError without an address."""
        if not address(self.settings.url):
            raise ConfigError(f"sources.{self.name} is a feed without an address", 'set url = "https://…"')

    def fetch(self, state: SourceState) -> Fetched:
        """The entries that are new or were edited, by one conditional request; none before the feed wants one."""
        now, mine = self.web.now(), identity(self.settings.url)
        if state.address != mine:  # the user wrote another address: what the old one said counts no more
            state = SourceState(address=mine, seen=state.seen)
        if state.retired or now < max(state.not_before or now, rhythm.outside(now, state.wishes)):
            return Fetched((), (), state)
        if state.url and state.failures % _PATIENCE == _PATIENCE - 1:
            home = self._looked(_at_home(state), now)
            if not home.state.error:
                return home
        return self._looked(state, now)

    def _looked(self, state: SourceState, now: datetime) -> Fetched:
        try:
            answer = self._asked(state)
            if answer.status == 304:
                return Fetched((), (), self._unchanged(state, answer, now), len(state.seen))
            if answer.status in (200, 226):
                return self._read(self._settled(state, answer), answer, now)
            return self._refused(state, answer, now)
        except FetchFailed as error:
            return self._failed(state, error, now, most=rhythm.OUTAGE)
        except (Unparsable, ParsingFailed) as error:
            return self._failed(state, error, now)

    def _asked(self, state: SourceState) -> Answer:
        headers = {"Accept": _ACCEPT}
        if state.etag or state.modified:
            headers["A-IM"] = "feed"  # RFC 3229: what changed is enough
        if state.etag:
            headers["If-None-Match"] = state.etag
        if state.modified:
            headers["If-Modified-Since"] = state.modified
        return self.web.client.get(state.url or self.settings.url, headers)

    def _read(self, state: SourceState, answer: Answer, now: datetime) -> Fetched:
        """A body: the same as last time, a page that names feeds, or a feed."""
        body = identity(answer.content.decode("latin-1"))
        if body == state.body:
            return Fetched((), (), self._unchanged(state, answer, now), len(state.seen))
        found = parsed(
            "feed",
            answer.content,
            seconds=_SECONDS,
            url=answer.url,
            media_type=answer.headers.get("content-type", ""),
        )
        if "alternates" in found:
            return self._followed(state, found["alternates"], answer, now)
        return self._taken(replace(state, body=body), found, answer, now)

    def _followed(self, state: SourceState, alternates: Sequence[str], answer: Answer, now: datetime) -> Fetched:
        """What the feed gives that a page names; from then on it is asked itself."""
        if not alternates or state.url or alternates[0] == answer.url:
            raise Unparsable("it answers with a page, and that names no feed")
        there = replace(state, url=alternates[0], etag="", modified="", moving="")
        second = self._asked(there)
        if second.status != 200:
            return self._refused(state, second, now)
        return self._read(self._settled(there, second), second, now)

    def _taken(self, state: SourceState, found: Mapping[str, Any], answer: Answer, now: datetime) -> Fetched:
        entries = [received(one) for one in found["entries"]]
        twins = zip(entries, keys(self.name, entries), strict=True)
        named = list({(names, entry.print): (entry, names) for entry, names in twins}.values())
        fresh = [(entry, names) for entry, names in named if state.seen.get(names[0]) != entry.print]
        pages = Pages(self.web, self.settings.full_text)
        documents: list[Document] = []
        seen = dict(state.seen) if answer.status == 226 else {}
        seen |= {names[0]: entry.print for entry, names in named}
        for entry, names in fresh:
            whole = pages.whole(entry)
            if not whole.empty:
                documents.append(
                    documented(whole, names, source=self.name, home=answer.url, speaks=self.settings.language)
                )
            if pages.again:
                seen.pop(names[0], None)  # two entries may have one name
        kept = self._after(state, found, entries, bool(fresh), now)
        kept = replace(kept, seen=seen, **_validators(answer, again=pages.left))
        return Fetched(tuple(documents), (), self._planned(kept, answer, now), len(named) - len(fresh))

    def _after(
        self, state: SourceState, found: Mapping[str, Any], entries: Sequence[Entry], news: bool, now: datetime
    ) -> SourceState:
        """What a feed that was read says of itself."""
        dates = [entry.when for entry in entries if entry.when and entry.when <= now]
        first = max(dates, default=now) if state.succeeded is None else now
        return replace(
            state,
            title=found["title"] or state.title,
            hub=found["hub"],
            wishes={name: found[name] for name in ("ttl", "skip_hours", "skip_days") if found[name]},
            rhythm=rhythm.usual(dates, now) or state.rhythm,
            changed=first if news else state.changed,
        )

    def _unchanged(self, state: SourceState, answer: Answer, now: datetime) -> SourceState:
        same = self._settled(state, answer)
        told = answer.status == 200 or "etag" in answer.headers
        return self._planned(replace(same, **(_validators(answer) if told else {})), answer, now)

    def _settled(self, state: SourceState, answer: Answer) -> SourceState:
        """Where the feed is from now on: it moves when it says so for good at two fetches in a row."""
        if not answer.moved:
            return replace(state, moving="")
        if answer.moved == state.moving:
            return replace(state, url=answer.moved, moving="")
        return replace(state, moving=answer.moved)

    def _planned(self, state: SourceState, answer: Answer, now: datetime) -> SourceState:
        """The state after a success: when the feed may and will be asked again."""
        wish = max(freshness(answer.headers, now), min(timedelta(seconds=state.wishes.get("ttl", 0)), LONGEST_AGE))
        wait = rhythm.interval(self.settings.every, state.rhythm, wish)
        at = rhythm.outside(now + rhythm.jittered(wait, self.name, now), state.wishes)
        allowed = now + wish
        return replace(
            state,
            not_before=allowed if allowed > now else None,
            next_check=max(at, allowed),
            failures=0,
            error="",
            succeeded=now,
        )

    def _refused(self, state: SourceState, answer: Answer, now: datetime) -> Fetched:
        message = _BROKEN.get(answer.status, f"it answers with {answer.status}")
        if answer.status in (404, 410) and state.url:  # where it moved to it is no more
            return self._failed(_at_home(state), FetchFailed(message), now)
        if answer.status == 410:
            gone = replace(state, retired=True, error=message, failed=now, next_check=None)
            return Fetched((), (self._problem(f"{message}; it is not asked again"),), gone)
        wait = retry_after(answer.headers, now) if answer.status in (429, 503) else None
        return self._failed(state, FetchFailed(message), now, wait)

    def _failed(
        self,
        state: SourceState,
        error: UnburyError,
        now: datetime,
        wait: timedelta | None = None,
        most: timedelta = rhythm.SELDOM,
    ) -> Fetched:
        """The state after a failure: left alone for as long as the server says, or longer each time up to a limit."""
        failures, message = state.failures + 1, f"{error}; {error.hint}" if error.hint else str(error)
        pause = rhythm.jittered(rhythm.backoff(self.settings.every, failures, most), self.name, now)
        at = now + (max(wait, pause) if wait else pause)
        kept = replace(
            state,
            failures=failures,
            error=cleaned(message),
            failed=now,
            next_check=at,
            # By hand, a first failure and an outage may be looked at again at once; a server's word counts always.
            not_before=at if wait or (failures > 1 and most is rhythm.SELDOM) else None,
        )
        return Fetched((), (self._problem(message),), kept)

    def _problem(self, message: str) -> Problem:
        return Problem(without_user(self.settings.url), message)


def _at_home(state: SourceState) -> SourceState:
    """What is known of a feed that is asked at the user's address again; what its new one said does not count there."""
    return replace(state, url="", moving="", etag="", modified="", body="")


def _validators(answer: Answer, *, again: bool = False) -> dict[str, Any]:
    """What to ask conditionally with; nothing if all of it shall come again."""
    if again:
        return {"etag": "", "modified": "", "body": ""}
    return {"etag": answer.headers.get("etag", "")[:500], "modified": answer.headers.get("last-modified", "")[:100]}
