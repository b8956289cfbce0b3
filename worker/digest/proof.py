"""Proof: what can be shown of a sentence that is told, so that anybody can check it later."""

from __future__ import annotations

from datetime import UTC

from worker.edition import Proof
from worker.model import Arrival, Document, Sentence, Span
from worker.text.identity import identity


def content_hash(document: Document) -> str:
    """The id of all that a document says, exactly as it stands, down to the order of its paragraphs."""
    published = document.published.astimezone(UTC).isoformat() if document.published else ""
    order = "shuffled" if document.shuffled else "ordered"
    about = (document.url, document.title, published, document.language, order, document.author)
    return identity(*about, *document.paragraphs)


def prove(
    arrival: Arrival, sentence: Sentence, *, content: str, said_by: tuple[str, ...] = (), score: float = 0.0
) -> Proof:
    """The proof of a sentence of an arrival; `content` is its document's `content_hash`, computed once for all."""
    reading = arrival.reading
    places = {known.span: place for place, known in enumerate(reading.sentences, start=1)}
    repeats = sum(overlap(repeat.kept, sentence.span) for repeat in reading.repeats)
    revision = arrival.document.revision
    return Proof(revision, content, places.get(sentence.span, 0), repeats, said_by, score)


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a character: what was kept may be a whole paragraph, or a sentence of it."""
    same = (one.document, one.paragraph) == (other.document, other.paragraph)
    return same and one.start < other.end and other.start < one.end
