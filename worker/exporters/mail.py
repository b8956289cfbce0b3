"""The edition as an e-mail: the text, and the page that mail programs show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

from css_inline import CSSInliner
from markupsafe import Markup

from worker.edition import Edition
from worker.exporters import addresses, places, templates, wording
from worker.exporters.phrases import phrases
from worker.exporters.text import Text
from worker.model import UNSUBSCRIBE, Part, Rendition
from worker.settings import Settings

#: Bytes of each part. Gmail cuts a mail off after 102 KB of HTML, and the way to unsubscribe with it.
BUDGET = 90_000
_PREHEADER = 110


class Mail:
    """Writes an edition as the two parts of an e-mail, neither longer than the budget."""

    def __init__(self, settings: Settings | None = None, budget: int = BUDGET) -> None:
        """By the user's template, if there is one."""
        self._settings = settings or Settings()
        self._budget = budget

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/plain and text/html. Raises ConfigError for a template of the user's that is broken."""
        plain = self._most(edition, self._text)
        page = self._page(edition, 0)
        if self._is_long(page):
            page = self._most(edition, self._page_alone)
        parts = Part("text/plain", plain), Part("text/html", page)
        return wording.of_edition(edition, places.name(edition, "eml"), *parts)

    def _most(self, edition: Edition, write: Callable[[Edition, int], str]) -> str:
        """As much as the budget allows: all, or the first corrections and stories, and at least one."""
        written = write(edition, 0)
        if not self._is_long(written):
            return written
        parts = len(edition.corrections) + len(edition.items)
        fit = bisect_left(range(2, parts + 1), True, key=lambda n: self._is_long(write(*_first(edition, n))))
        return write(*_first(edition, min(fit + 1, parts)))

    def _is_long(self, written: str) -> bool:
        return len(written.encode()) > self._budget

    def _text(self, edition: Edition, more: int) -> str:
        """The text form, where nothing but its end is for the mail."""
        (part,) = Text(self._settings).export(edition).parts
        browser = addresses.page(self._settings, edition)
        ends = (
            wording.several(edition, "more_in_full", more) if more else "",
            _made(edition),
            f"{wording.say(edition, 'view_in_browser')}: {browser}" if browser else "",
            f"{wording.say(edition, 'unsubscribe')}: {UNSUBSCRIBE}",
        )
        return templates.unmarked(part.content) + "\n" + "".join(f"{end}\n" for end in ends if end)

    def _page_alone(self, edition: Edition, more: int) -> str:
        return self._page(edition, more, also=False)

    def _page(self, edition: Edition, more: int, *, also: bool = True) -> str:
        """The page with its styles in its tags, as mail programs want them."""
        values = {
            "edition": edition,
            "preheader": _preheader(edition),
            "also": also,
            "more": wording.several(edition, "more_in_full", more) if more else "",
            "made": _made(edition),
            "browser": addresses.page(self._settings, edition),
            "unsubscribe": Markup(UNSUBSCRIBE),  # noqa: S704  ours, and not to be cleaned away as a stranger's
        }
        page = templates.filled(self._settings.templates, "mail.html.j2", values)
        return _inliner().inline(page).rstrip("\n") + "\n"


def _first(edition: Edition, number: int) -> tuple[Edition, int]:
    """The edition's first corrections and stories, so many, and how many more it has."""
    corrections, items = edition.corrections[:number], edition.items[: max(0, number - len(edition.corrections))]
    more = len(edition.corrections) + len(edition.items) - number
    return replace(edition, corrections=corrections, items=items), more


def _preheader(edition: Edition) -> str:
    """What an inbox shows beside the subject: the next headlines, or else the counts."""
    others = "; ".join(wording.headline(edition, item) for item in edition.items[1:4]) or wording.counts(edition)
    return wording.shortened(others, _PREHEADER)


def _made(edition: Edition) -> str:
    """When the edition was made, and by which version."""
    at = edition.at.astimezone(ZoneInfo(edition.zone))
    said = phrases(edition.language)
    parts = {
        "day": said.long_date(at.date()),
        "time": f"{at:%H:%M} ({edition.zone})",
        "version": str(edition.made_by.get("version", "")).partition("/")[0],
    }
    return said.say("made" if at.date() == edition.day else "made_on", **parts).strip() + "."


@cache
def _inliner() -> CSSInliner:
    """What writes the styles into the tags; it reaches for nothing that a template names."""
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
