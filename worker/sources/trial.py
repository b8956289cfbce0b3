"""A feed looked at once, without keeping anything: what `unbury feeds add` and `feeds test` show."""

from __future__ import annotations

from dataclasses import dataclass

from worker.errors import FetchFailed
from worker.fetched import Fetched, SourceState
from worker.settings import SourceSettings
from worker.sources.feeds import Feed
from worker.sources.rhythm import pace
from worker.web.access import Web
from worker.web.urls import checked


@dataclass(frozen=True)
class Trial:
    """A feed's own address (a page's first feed), its title, and what it gave."""

    url: str
    title: str
    fetched: Fetched

    @property
    def rhythm(self) -> str:
        """How often it has news: "every 4 hours", or nothing if it does not tell."""
        seconds = self.fetched.state.rhythm
        return pace(seconds) if seconds else ""


def tried(url: str, web: Web) -> Trial:
    """What an address gives now, page or feed; no entry's page is fetched. Raises FetchFailed, Refused, HostBusy."""
    if "://" in url:
        return _tried(checked(url), web)
    try:
        return _tried(checked(f"https://{url}"), web)
    except FetchFailed:
        return _tried(checked(f"http://{url}"), web)


def _tried(address: str, web: Web) -> Trial:
    settings = SourceSettings(kind="feed", url=address, full_text="never")
    fetched = Feed("trial", settings, web).fetch(SourceState())
    state = fetched.state
    if state.error:
        raise FetchFailed(str(fetched.problems[0]), "is it the right address?")
    # A permanent redirect is believed at once: the user is there to see where it leads.
    return Trial(state.moving or state.url or address, state.title, fetched)
