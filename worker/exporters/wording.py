"""The wording that all forms of an edition share: its dates, counts, badges and sources."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote

from worker.edition import Correction, Edition, Item, Link, Standing, Verdict
from worker.model import Part, Rendition, Sentence
from worker.text.clean import cleaned

#: The heading above the stories.
SECTION = "Top stories"
#: What stands there when nothing is new.
NOTHING = "Nothing new today."
#: What every edition says of its sentences.
PROMISE = "Every sentence is quoted word for word from the linked source."

# The locale of the machine must never change an edition's bytes.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LEFT_OUT = {
    Verdict.copy: "the same text as another",
    Verdict.nothing_new: "nothing new",
    Verdict.below_budget: "below the budget",
    Verdict.filtered: "filtered by your rules",
    Verdict.older: "older than their feed's first fetch",
    Verdict.unreadable: "unreadable",
}
_WORDS_A_MINUTE = 230
_SUBJECT_HEADLINE = 55
_SHORT_ID = 6
_ALSO_SHOWN = 3
_FAILURES_SHOWN = 3
_NO_ADDRESS = re.compile(r"[\s<>\"\\^`{|}]|%(?![0-9A-Fa-f]{2})")
# Not str.split: a no-break space belongs to what is quoted.
_BREAKS = re.compile("[ \t\n\u2028\u2029]+")


@dataclass(frozen=True)
class Quote:
    """Sentences that follow one another, all from one document, and the way to it."""

    link: Link
    sentences: tuple[Sentence, ...]


def line(text: str) -> str:
    """The text on one line, without control characters."""
    return _BREAKS.sub(" ", cleaned(text)).strip()


def is_web(url: str) -> bool:
    """Whether an address may become a link: nothing but http and https may."""
    return url.lower().startswith(("http://", "https://"))


def address(url: str) -> str:
    """The address with what no address may hold written as %XX, so that nothing in it ends it early."""
    return _NO_ADDRESS.sub(lambda found: quote(found[0], safe=""), line(url))


def long_date(day: date) -> str:
    """The day in full: "Monday 23 November 2026"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """The day in short: "Mon 23 Nov"."""
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def dateline(edition: Edition) -> str:
    """The edition's day, and its number if it is not the day's first."""
    day = long_date(edition.day)
    if edition.number == 1:
        return day
    return f"{day}, second edition" if edition.number == 2 else f"{day}, edition {edition.number}"


def words(edition: Edition) -> int:
    """How many words are quoted."""
    return sum(len(s.text.split()) for item in edition.items for s in item.summary.sentences)


def minutes(edition: Edition) -> int:
    """How many minutes it takes to read the edition, at least one."""
    return max(1, round(words(edition) / _WORDS_A_MINUTE))


def counts(edition: Edition) -> str:
    """What the edition saves its reader: "4 min read · 26 documents read · ...", in one line."""
    repeats = _several(edition.counts.repeats, "repeated sentence")
    told = _several(len(edition.items), "story", "stories")
    documents = _several(edition.counts.documents, "document")
    return f"{minutes(edition)} min read · {documents} read · {repeats} removed · {told}"


def headline(item: Item) -> str:
    """The story's headline, on one line and never empty."""
    return line(item.headline) or "Untitled"


def badge(edition: Edition, item: Item) -> str:
    """What the reader may know of the story already: "New", or "2 new sentences since Tuesday"."""
    if item.standing is Standing.new or item.since is None:
        return "New" if item.standing is Standing.new else "More to a story told before"
    return f"{_several(len(item.summary.sentences), 'new sentence')} since {_since(edition.day, item.since)}"


def _since(day: date, told: date) -> str:
    """A day before another one as its reader calls it."""
    days = (day - told).days
    if days == 1:
        return "yesterday"
    if 1 < days < 7:
        return _WEEKDAYS[told.weekday()]
    return "the last edition" if days == 0 else f"{told.day} {_MONTHS[told.month - 1]}"


def sections(edition: Edition) -> list[tuple[str, list[Item]]]:
    """The stories under their headings: first those without a section, then each section as it first appears."""
    named = dict.fromkeys(["", *(item.section for item in edition.items)])
    found = [(line(name) or SECTION, [item for item in edition.items if item.section == name]) for name in named]
    return [(name, items) for name, items in found if items]


def differing(item: Item) -> list[str]:
    """The figures on which the sources differ, a line each: "Figures differ: 12 (a.example), 15 (b.example) dead"."""
    outlets = {link.document: line(link.outlet) for link in item.links}
    return [
        "Figures differ: "
        + ", ".join(f"{line(f.number)} ({outlets.get(f.sentence.span.document, '')})" for f in one.figures)
        + f" {line(one.what)}"
        for one in item.differing
    ]


def corrected(edition: Edition, correction: Correction) -> tuple[str, str]:
    """How a correction begins, and what stands between what was told and what the source says now."""
    since = _since(edition.day, correction.day)
    when = {"yesterday": "Yesterday", "the last edition": "In the last edition"}.get(since, f"On {since}")
    return f"{when} we quoted", "The source now says" if correction.now else "The source does not say so any more."


def short_id(item: Item) -> str:
    """The story's id as it is shown: its first six digits."""
    return item.story.id[:_SHORT_ID]


def coverage(item: Item) -> str:
    """How many articles of how many publishers tell the story, or nothing if there is one."""
    articles = len(item.story.documents)
    if articles == 1:
        return ""
    return f"{_several(articles, 'article')}, {_several(item.publishers, 'source')}"


def source(item: Item, sentence: Sentence) -> Link:
    """The way to the document that a sentence is quoted from."""
    return {link.document: link for link in item.links}[sentence.span.document]


def quotes(item: Item) -> list[Quote]:
    """The summary in its order, cut where the document changes."""
    runs = groupby(item.summary.sentences, key=lambda sentence: source(item, sentence))
    return [Quote(link, tuple(sentences)) for link, sentences in runs]


def also(item: Item) -> tuple[Link, ...]:
    """The ways to documents that tell the story and are not quoted."""
    quoted = {sentence.span.document for sentence in item.summary.sentences}
    return tuple(link for link in item.links if link.document not in quoted)


def also_shown(item: Item) -> tuple[tuple[Link, ...], str]:
    """The first few of those ways, and how many more there are in words, if any."""
    others = also(item)
    hidden = len(others) - _ALSO_SHOWN
    return others[:_ALSO_SHOWN], f"and {hidden} more" if hidden > 0 else ""


def dated(edition: Edition, link: Link) -> str:
    """When a source was published, or nothing if unknown or on the edition's day."""
    if link.published is None or link.published.date() == edition.day:
        return ""
    day = link.published.date()
    year = "" if day.year == edition.day.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def left_out(edition: Edition) -> list[tuple[int, str]]:
    """How many documents are not told, for each reason that occurs."""
    tally = Counter(disposition.verdict for disposition in edition.account)
    return [(tally[verdict], reason) for verdict, reason in _LEFT_OUT.items() if tally[verdict]]


def told(edition: Edition) -> int:
    """How many documents are told."""
    return sum(disposition.verdict is Verdict.told for disposition in edition.account)


def account(edition: Edition) -> str:
    """The account in one line: "Left out: 3 the same text as another, 2 nothing new."."""
    reasons = [f"{number:,} {reason}" for number, reason in left_out(edition)]
    return f"Left out: {', '.join(reasons)}." if reasons else "Nothing was left out."


def failures(edition: Edition) -> str:
    """Which sources could not be read today, the first few by name: nothing if all could."""
    if not edition.failures:
        return ""
    shown = [f"{line(failure.source)} ({line(failure.reason)})" for failure in edition.failures[:_FAILURES_SHOWN]]
    hidden = len(edition.failures) - len(shown)
    more = f" and {hidden} more (unbury feeds list)" if hidden else ""
    return f"Could not be read today: {', '.join(shown)}{more}."


def subject(edition: Edition) -> str:
    """The edition in one line: its lead's headline, how many stories follow, and the day."""
    day = short_date(edition.day)
    if not edition.items:
        return f"{'Correction' if edition.corrections else 'Nothing new'} · {day}"
    more = f" +{len(edition.items) - 1}" if len(edition.items) > 1 else ""
    return f"{_cut(headline(edition.items[0]), _SUBJECT_HEADLINE)}{more} · {day}"


def rendition(edition: Edition, media_type: str, suffix: str, content: str) -> Rendition:
    """The edition's rendition in one part that ends with one newline."""
    number = "" if edition.number == 1 else f"-{edition.number}"
    part = Part(media_type, content.rstrip("\n") + "\n")
    name = f"digest{number}.{suffix}"
    return Rendition(edition.id, subject(edition), name, (part,), edition.at, edition.digest, edition.title)


def _several(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _cut(text: str, most: int) -> str:
    """The text, if need be cut after a word, with a mark that it goes on."""
    if len(text) <= most:
        return text
    whole, _, _ = text[:most].rpartition(" ")
    return f"{(whole or text[: most - 1]).rstrip(' ,;:.–—-')}…"
