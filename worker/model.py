"""The words of Unbury: immutable values that every stage speaks in, without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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

    def says(self, sentence: Sentence) -> bool:
        """Whether the sentence stands there, word for word."""
        span = sentence.span
        return 0 <= span.paragraph < len(self.paragraphs) and self.quote(span) == sentence.text


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
class Sketch:
    """What a document is about, small enough to keep: its words, names and numbers by stem, and marks of its sentences.

    `title` are the stems of the title; `terms` (stem, how often) those of the body that tell most, sorted;
    `names` and `numbers` are written in lower case, sorted; `prints` are 32-bit marks of the sentences, by
    which a reprint is known, sorted; `words` is how many running words the body has.
    """

    title: tuple[str, ...] = ()
    terms: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    prints: tuple[int, ...] = ()
    words: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one recipe made of one revision: distinct sentences in order, repeats, a summary, a sketch."""

    document: str
    revision: str
    recipe: str
    sentences: tuple[Sentence, ...]
    repeats: tuple[Repeat, ...]
    summary: Summary
    failure: str | None = None
    sketch: Sketch = Sketch()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that came in and was read, but is not yet accounted for by a digest.

    `first_fetch` is when its feed was first read; None for files, which are always news. `section` is what
    its source belongs to. `superseded`: a later revision was accounted for before this one.
    """

    document: Document
    reading: Reading
    arrived: datetime
    copy_of: str | None = None
    first_fetch: datetime | None = None
    section: str = ""
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A document as it is placed among stories; `when` it was published, or else came in (None: unknown)."""

    document: str
    outlet: str
    when: datetime | None
    sketch: Sketch
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Join:
    """How a document came to its story: the document there that it is most like, and why, in words.

    The story's first document has no `nearest`. `reprint_of` is the document whose text it gives again.
    """

    document: str
    nearest: str = ""
    because: str = ""
    reprint_of: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """Documents that tell of the same event, the earliest first, and how each came to it."""

    id: str
    documents: tuple[str, ...]
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One form of a rendition: its media type, and the text; or its bytes (`packed`), if it is no text."""

    media_type: str
    content: str
    packed: bytes = b""


#: Stands in a rendition where each subscriber's own address to unsubscribe goes; no server has this name (RFC 2606).
UNSUBSCRIBE = "https://unsubscribe.invalid/"


@dataclass(frozen=True, slots=True)
class Rendition:
    """An edition in a form that can be handed over; `digest` and `title` name the digest it is of."""

    edition: str
    subject: str
    filename: str
    parts: tuple[Part, ...]
    at: datetime | None = None
    digest: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets a digest: the channel, the address on it, the forms wanted, and where to unsubscribe (https or mailto).

    `options` are the configuration's for a channel of the user's own.
    On the channel "files" the address is a folder, on "mail" an e-mail address, on "webhook" a name in the settings.
    """

    channel: str
    address: str
    forms: tuple[str, ...]
    unsubscribe: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the database knows of a reader by e-mail: active, paused, or removed (by either side), and since when.

    `round` counts how often the reader subscribed anew: a link to unsubscribe is good for one round only.
    """

    digest: str
    address: str
    state: str
    since: datetime
    round: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """A time at which an edition was due, and what came of it: an edition, merged (into a later one), or empty.

    `slot` is the day and time in the digest's zone, like "2026-11-23T07:00"; `edition` is empty if there is none.
    """

    digest: str
    slot: str
    due: datetime
    outcome: str
    edition: str = ""


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
