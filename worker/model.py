"""The words of Unbury: immutable values that every stage speaks in, without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a document: half-open character offsets into one of its paragraphs."""

    document: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and where it stands: `document.quote(sentence.span) == sentence.text`, always."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One text from one address, as it came in.

    `id` is computed from the address, `revision` from what the text says, so the same thing
    taken in twice is the same document. `shuffled` means: the paragraphs' order is lost. `enclosures`
    are addresses of what hangs on it. `names` are all ids by which a feed's entry can be known; the one
    that is known already becomes its id.
    """

    id: str
    revision: str
    source: str
    url: str
    title: str
    published: datetime | None
    paragraphs: tuple[str, ...]
    language: str = "en"
    shuffled: bool = False
    author: str = ""
    enclosures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def quote(self, span: Span) -> str:
        """The words that stand at the span."""
        return self.paragraphs[span.paragraph][span.start : span.end]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A passage that was dropped, the one that was kept for it, and how alike they are (0 to 1)."""

    dropped: Span
    kept: Span
    similarity: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences that were chosen, in the order found, and the ranker that scored them."""

    sentences: tuple[Sentence, ...]
    ranker: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one recipe made of one revision: distinct sentences in order, repeats, a summary."""

    document: str
    revision: str
    recipe: str
    sentences: tuple[Sentence, ...]
    repeats: tuple[Repeat, ...]
    summary: Summary
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that came in and was read, but is not yet accounted for by a digest."""

    document: Document
    reading: Reading
    arrived: datetime
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Documents that tell the same, and the sentences they tell it in."""

    id: str
    documents: tuple[str, ...]
    sentences: tuple[Sentence, ...]


class Standing(StrEnum):
    """Whether the reader meets a story for the first time."""

    new = "new"
    developing = "developing"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a source: the document's id, its outlet's name, its address and its title."""

    document: str
    outlet: str
    url: str
    title: str
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A story as a digest tells it."""

    story: Story
    headline: str
    summary: Summary
    links: tuple[Link, ...]
    standing: Standing


class Verdict(StrEnum):
    """What became of a document in a digest."""

    told = "told"
    copy = "same text as another"
    nothing_new = "nothing new"
    below_budget = "below the budget"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class Disposition:
    """The verdict on one revision of a document, and the reason in words."""

    document: str
    revision: str
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What a reader asked for: when, how many stories, how many sentences of each."""

    name: str
    title: str
    at: str
    zone: str
    stories: int
    sentences: int
    ranker: str
    memory: int
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that a digest told before, and the day it did."""

    text: str
    day: date


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

    `number` is 1 for the day's first edition, 2 for a further one of the same day.
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


@dataclass(frozen=True, slots=True)
class Part:
    """One form of a rendition: its media type, and the text."""

    media_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """An edition in a form that can be handed over."""

    edition: str
    subject: str
    filename: str
    parts: tuple[Part, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets a digest: the channel, the address on it, and the forms wanted."""

    channel: str
    address: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The handing over of one edition to one subscriber.

    `status` is pending, sending, committing (nobody can tell whether it arrived), sent, failed or
    unknown (held until somebody decides). `doubts` counts how often it was sent again although it may
    have arrived; `packed` are the bytes of a delivery that is under way.
    """

    id: str
    edition: str
    subscriber: Subscriber
    status: str
    receipt: str = ""
    attempt: int = 0
    doubts: int = 0
    first_tried: datetime | None = None
    packed: bytes = b""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work in the database's queue, named by its kind and key."""

    kind: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)
    not_before: datetime | None = None
    attempt: int = 0
    token: int = 0
