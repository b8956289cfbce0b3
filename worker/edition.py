"""The words of an edition: what a reader asked for, what is told and by which proof, what became of every document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from worker.model import Member, Sentence, Story, Summary


class Standing(StrEnum):
    """Whether the reader meets a story for the first time."""

    new = "new"
    developing = "developing"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a source: the document's id, its outlet's name, its address, its title and its language."""

    document: str
    outlet: str
    url: str
    title: str
    published: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What can be shown of a sentence that is told, and what was done to it.

    `revision` and `content` (a hash of all that the document says) name the text it stands in; `place` is
    its place in the order found, from 1; `repeats` says how many passages of its document were dropped for
    it; `said_by` are the story's other documents that say it as well; `score` is the ranker's.
    """

    revision: str
    content: str
    place: int = 0
    repeats: int = 0
    said_by: tuple[str, ...] = ()
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a source gives, as written, and the sentence it stands in."""

    number: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Differing:
    """Figures of different outlets about the same thing, which the reader sees side by side."""

    what: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Sentences chosen from a story's documents, in the order to be read; for each its score, and who else says it.

    `differing` are figures on which outlets do not agree, each with a sentence of those that give it.
    """

    sentences: tuple[Sentence, ...] = ()
    scores: tuple[float, ...] = ()
    said_by: tuple[tuple[str, ...], ...] = ()
    differing: tuple[Differing, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A story as a digest tells it.

    `links` are the ways to its documents, those quoted first. `publishers` counts who tells it, reprints of one text
    once. A developing story says when it was told last (`since`). `proofs` has an entry for each sentence.
    """

    story: Story
    headline: str
    summary: Summary
    links: tuple[Link, ...]
    standing: Standing
    since: date | None = None
    section: str = ""
    publishers: int = 1
    proofs: tuple[Proof, ...] = ()
    differing: tuple[Differing, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence that was told, and what its source says there now (None: it does not say it any more)."""

    link: Link
    told: str
    day: date
    now: Sentence | None
    proof: Proof


class Verdict(StrEnum):
    """What became of a document in a digest."""

    told = "told"
    copy = "same text as another"
    nothing_new = "nothing new"
    below_budget = "below the budget"
    filtered = "filtered"
    older = "older than the feed's first fetch"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class Disposition:
    """The verdict on one revision of a document, and the reason in words."""

    document: str
    revision: str
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with documents that have any of the words, or come from any of the outlets, sources or sections.

    Matching ones are muted (not told), or weigh so many times as much, or stand under a section.
    """

    name: str
    words: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    mute: bool = False
    weight: float = 1.0
    section: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a reader asked for: how many stories, sentences of each and words (0: no limit), out of what, and when.

    `times` are times of day like "07:00" in the zone, `days` are weekdays (0 is Monday); an edition that is missed is
    caught up for so long. `empty`: an edition with nothing new is sent as well. `sources` and `sections` are patterns,
    `languages` codes of what it is made of (none: of everything); in `language` it speaks itself.
    """

    name: str
    title: str
    zone: str
    stories: int
    sentences: int
    ranker: str
    memory: int
    forms: tuple[str, ...]
    words: int = 0
    rules: tuple[Rule, ...] = ()
    times: tuple[str, ...] = ("07:00",)
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    catch_up: timedelta = timedelta(hours=12)
    empty: bool = False
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that a digest told before, the day it did, and the revision of a document that it stood in."""

    text: str
    day: date
    document: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What a digest did before: what it told, and which documents it had in the last days.

    `told_on` has the documents of stories that were told, and the last day of that; `stood` what they say, sentence
    by sentence: it was there to be told, and is no news when it comes again. `originals` are (document, body) of
    texts that could be told, for the copies that came in now.
    """

    told: tuple[Told, ...] = ()
    members: tuple[Member, ...] = ()
    told_on: Mapping[str, date] = field(default_factory=dict)
    stood: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    originals: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Counts:
    """What went into an edition: documents read, sentences found in them, repeats removed."""

    documents: int
    sentences: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, and why, as a digest's last lines say it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A digest of one day, frozen: what is told, and the account of every document.

    `number` is 1 for the day's first edition, 2 for a further one of the same day; `time` is its time of day, if the
    digest has several. `language` is the one that the digest speaks. `made_by` are the version,
    the digest's settings and the recipe that made it: with them it can be made again.
    """

    id: str
    digest: str
    title: str
    day: date
    number: int
    at: datetime
    zone: str
    items: tuple[Item, ...]
    account: tuple[Disposition, ...]
    counts: Counts
    failures: tuple[Failure, ...] = ()
    corrections: tuple[Correction, ...] = ()
    made_by: Mapping[str, object] = field(default_factory=dict)
    time: str = ""
    language: str = "en"

    @property
    def tells(self) -> bool:
        """Whether there is anything in it to be read."""
        return bool(self.items or self.corrections)


@dataclass(frozen=True, slots=True)
class Entry:
    """An edition as lists and the archive show it: where it stands, its stories' ids and headlines in their order."""

    id: str
    digest: str
    day: date
    number: int
    stories: int
    time: str = ""
    headlines: tuple[tuple[str, str], ...] = ()
