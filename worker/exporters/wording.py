"""The wording that all forms of an edition share, in its language: its dates, counts, badges and sources."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote

from worker.edition import Correction, Edition, Entry, Item, Link, Standing, Verdict
from worker.exporters import places
from worker.exporters.phrases import Phrases, phrases
from worker.model import Part, Rendition, Sentence
from worker.text.clean import cleaned
from worker.text.words import count

_WORDS_A_MINUTE = 230
_SUBJECT_HEADLINE = 55
_SHORT_ID = 6
_ALSO_SHOWN = 3
_FAILURES_SHOWN = 3
_LANGUAGE = re.compile("[a-z]{2,3}")
_NO_ADDRESS = re.compile(r"[\s<>\"\\^`{|}]|%(?![0-9A-Fa-f]{2})")
# Not str.split: a no-break space belongs to what is quoted.
_ENDS = " ,;:.–—-"
_BREAKS = re.compile("[ \t\n\u2028\u2029]+")


@dataclass(frozen=True)
class Quote:
    """Sentences that follow one another, all from one document, and the way to it."""

    link: Link
    sentences: tuple[Sentence, ...]


def line(text: str) -> str:
    """The text on one line, without control characters."""
    return _BREAKS.sub(" ", cleaned(text)).strip()


def shortened(text: str, most: int) -> str:
    """The text, if need be cut after a word, with a mark that it goes on."""
    if len(text) <= most:
        return text
    whole = text[:most].rpartition(" ")[0].rstrip(_ENDS)
    return f"{whole or text[: most - 1].rstrip(_ENDS)}…"


def is_web(url: str) -> bool:
    """Whether an address may become a link: nothing but http and https may."""
    return url.lower().startswith(("http://", "https://"))


def address(url: str) -> str:
    """The address with what no address may hold written as %XX, so that nothing in it ends it early."""
    return _NO_ADDRESS.sub(lambda found: quote(found[0], safe=""), line(url))


def say(edition: Edition, phrase: str, **parts: object) -> str:
    """A phrase in the edition's language, with its parts filled in."""
    return _phrases(edition).say(phrase, **parts)


def several(edition: Edition, plural: str, number: int) -> str:
    """So many of something in the edition's language: "1 story", "1,204 stories"."""
    return _phrases(edition).several(plural, number)


def language(edition: Edition) -> str:
    """The language that the edition's own words are in."""
    return _phrases(edition).language


def foreign(edition: Edition, link: Link) -> str:
    """The language of a document if it is known and not the edition's."""
    known = _LANGUAGE.fullmatch(link.language) and link.language != language(edition)
    return link.language if known else ""


def dateline(edition: Edition) -> str:
    """How the edition is called."""
    return named(_phrases(edition), edition)


def named(words: Phrases, one: Edition | Entry) -> str:
    """An edition's day, with its time if it has one, otherwise its number if it is not the day's first."""
    day = words.long_date(one.day)
    if one.time:
        return words.say("timed", day=day, time=one.time)
    if one.number == 1:
        return day
    return words.say("second_edition" if one.number == 2 else "further_edition", day=day, number=one.number)


def words(edition: Edition) -> int:
    """How many words are quoted."""
    return sum(count(s.text) for item in edition.items for s in item.summary.sentences)


def minutes(edition: Edition) -> int:
    """How many minutes it takes to read the edition, at least one."""
    return max(1, round(words(edition) / _WORDS_A_MINUTE))


def counts(edition: Edition) -> str:
    """What the edition saves its reader: "4 min read · 26 documents read · ...", in one line."""
    counted = {
        "minutes": minutes(edition),
        "documents": edition.counts.documents,
        "repeats": edition.counts.repeats,
        "stories": len(edition.items),
    }
    return " · ".join(several(edition, plural, number) for plural, number in counted.items())


def headline(edition: Edition, item: Item) -> str:
    """The story's headline, on one line and never empty."""
    return line(item.headline) or say(edition, "untitled")


def badge(edition: Edition, item: Item) -> str:
    """What the reader may know of the story already: "New", or "2 new sentences since Tuesday"."""
    if item.standing is Standing.new or item.since is None:
        return say(edition, "new" if item.standing is Standing.new else "more_to_it")
    sentences = several(edition, "new_sentences", len(item.summary.sentences))
    return say(edition, "new_since", sentences=sentences, since=_when(edition, "since", item.since))


def _when(edition: Edition, phrase: str, told: date) -> str:
    """A phrase that names an earlier day, as its reader calls that day: yesterday, Tuesday, 3 November."""
    words, days = _phrases(edition), (edition.day - told).days
    called = {0: "edition", 1: "yesterday"}.get(days, "weekday" if 1 < days < 7 else "date")
    return words.say(f"{phrase}_{called}", weekday=words.weekday(told), date=words.day(told))


def sections(edition: Edition) -> list[tuple[str, list[Item]]]:
    """The stories under their headings, that of the lead first; those without a section last, unless they have it."""
    names = list(dict.fromkeys(item.section for item in edition.items))
    named = [*names[:1], *sorted(names[1:], key=lambda name: not name)]
    return [(section(edition, name), [item for item in edition.items if item.section == name]) for name in named]


def section(edition: Edition, name: str) -> str:
    """A section's heading. Stories without one are the top stories only if the lead is among them."""
    leads = not edition.items or not edition.items[0].section
    return line(name) or say(edition, "top_stories" if leads else "other_stories")


def differing(edition: Edition, item: Item) -> list[str]:
    """The figures on which the sources differ, a line each: "Figures differ: 12 (a.example), 15 (b.example) dead"."""
    outlets = {link.document: line(link.outlet) for link in item.links}
    return [
        say(
            edition,
            "figures_differ",
            figures=", ".join(f"{line(f.number)} ({outlets.get(f.sentence.span.document, '')})" for f in one.figures),
            what=line(one.what),
        )
        for one in item.differing
    ]


def corrected(edition: Edition, correction: Correction) -> tuple[str, str]:
    """How a correction begins, and what stands between what was told and what the source says now."""
    return _when(edition, "quoted", correction.day), say(edition, "says_now" if correction.now else "says_no_more")


def short_id(item: Item) -> str:
    """The story's id as it is shown: its first six digits."""
    return item.story.id[:_SHORT_ID]


def sentence_id(item: Item, number: int) -> str:
    """The id by which `unbury explain` knows a story's sentence; the first is number 1."""
    return f"{short_id(item)}.{number}"


def coverage(edition: Edition, item: Item) -> str:
    """How many articles of how many publishers tell the story, or nothing if there is one."""
    articles = len(item.story.documents)
    if articles == 1:
        return ""
    return f"{several(edition, 'articles', articles)}, {several(edition, 'sources', item.publishers)}"


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


def also_shown(edition: Edition, item: Item) -> tuple[tuple[Link, ...], str]:
    """The first few of those ways, one for each outlet, and how many more there are in words, if any."""
    others = also(item)
    first: dict[str, Link] = {}
    for link in others:
        first.setdefault(link.outlet, link)
    shown = tuple(first.values())[:_ALSO_SHOWN]
    hidden = len(others) - len(shown)
    return shown, several(edition, "more", hidden) if hidden > 0 else ""


def dated(edition: Edition, link: Link) -> str:
    """When a source was published, or nothing if unknown or on the edition's day."""
    if link.published is None or link.published.date() == edition.day:
        return ""
    day = link.published.date()
    return _phrases(edition).day(day, year=day.year != edition.day.year)


def left_out(edition: Edition) -> list[tuple[int, str]]:
    """How many documents are not told, for each reason that occurs."""
    tally = Counter(disposition.verdict for disposition in edition.account)
    found = [(tally[verdict], verdict.name) for verdict in Verdict if verdict is not Verdict.told and tally[verdict]]
    return [(number, several(edition, reason, number)) for number, reason in found]


def told(edition: Edition) -> tuple[int, str]:
    """How many documents are told, and how that is called."""
    number = sum(disposition.verdict is Verdict.told for disposition in edition.account)
    return number, several(edition, "told", number)


def account(edition: Edition) -> str:
    """The account in one line: "Left out: 3 the same text as another, 2 nothing new."."""
    reasons = [f"{_phrases(edition).number(number)} {reason}" for number, reason in left_out(edition)]
    return say(edition, "left_out", reasons=", ".join(reasons)) if reasons else say(edition, "nothing_left_out")


def failures(edition: Edition) -> str:
    """Which sources could not be read today, the first few by name: nothing if all could."""
    if not edition.failures:
        return ""
    shown = [f"{line(failure.source)} – {line(failure.reason)}" for failure in edition.failures[:_FAILURES_SHOWN]]
    hidden = len(edition.failures) - len(shown)
    more = f" {several(edition, 'more_unread', hidden)}" if hidden else ""
    return say(edition, "unread", sources=f"{'; '.join(shown)}{more}")


def subject(edition: Edition) -> str:
    """The edition in one line: its lead's headline, how many stories follow, and the day."""
    day = _phrases(edition).short_date(edition.day)
    if not edition.items:
        return f"{say(edition, 'correction' if edition.corrections else 'nothing')} · {day}"
    more = f" +{len(edition.items) - 1}" if len(edition.items) > 1 else ""
    return f"{shortened(headline(edition, edition.items[0]), _SUBJECT_HEADLINE)}{more} · {day}"


def rendition(edition: Edition, media_type: str, suffix: str, content: str) -> Rendition:
    """The edition's rendition in one part that ends with one newline."""
    return of_edition(edition, places.name(edition, suffix), Part(media_type, content.rstrip("\n") + "\n"))


def of_edition(edition: Edition, filename: str, *parts: Part) -> Rendition:
    """The edition's rendition in these parts."""
    return Rendition(edition.id, subject(edition), filename, parts, edition.at, edition.digest, edition.title)


def _phrases(edition: Edition) -> Phrases:
    return phrases(edition.language)
