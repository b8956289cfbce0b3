"""The edition as JSON, for programs: every sentence with its place in its source."""

from __future__ import annotations

import json
from datetime import datetime

from worker.exporters import wording
from worker.model import Disposition, Edition, Item, Link, Rendition, Sentence

_SCHEMA = 1


class Json:
    """Writes an edition as JSON."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as application/json."""
        content = json.dumps(_edition(edition), ensure_ascii=False, indent=2)
        # UTF-8 has no lone surrogates, JSON has escapes for them, and both write them \udXXX.
        safe = content.encode("utf-8", "backslashreplace").decode("utf-8")
        return wording.rendition(edition, "application/json", "json", safe)


def _edition(edition: Edition) -> dict[str, object]:
    return {
        "schema": _SCHEMA,
        "digest": edition.digest,
        "title": edition.title,
        "date": edition.day.isoformat(),
        "edition": edition.number,
        "timezone": edition.zone,
        "generated_at": edition.at.isoformat(),
        "stats": _stats(edition),
        "sections": [{"name": wording.SECTION, "stories": [_story(item) for item in edition.items]}],
        "account": [_disposition(disposition) for disposition in edition.account],
        "failures": [{"source": failure.source, "reason": failure.reason} for failure in edition.failures],
    }


def _stats(edition: Edition) -> dict[str, int]:
    return {
        "documents": edition.counts.documents,
        "sentences_in": edition.counts.sentences,
        "sentences_removed": edition.counts.repeats,
        "stories": len(edition.items),
        "words": wording.words(edition),
        "minutes": wording.minutes(edition),
    }


def _story(item: Item) -> dict[str, object]:
    return {
        "id": item.story.id,
        "headline": item.headline,
        "url": item.links[0].url,
        "status": item.standing.value,
        "articles": len(item.links),
        "sources": wording.sources(item),
        "first_seen": _iso(min((link.published for link in item.links if link.published), default=None)),
        "sentences": [_sentence(sentence, wording.source(item, sentence)) for sentence in item.summary.sentences],
        "also": [{"outlet": link.outlet, "url": link.url, "title": link.title} for link in wording.also(item)],
    }


def _sentence(sentence: Sentence, source: Link) -> dict[str, object]:
    span = sentence.span
    return {
        "text": sentence.text,
        "document_id": span.document,
        "url": source.url,
        "outlet": source.outlet,
        "paragraph": span.paragraph,
        "start": span.start,
        "end": span.end,
        "published": _iso(source.published),
    }


def _disposition(disposition: Disposition) -> dict[str, str]:
    return {
        "document_id": disposition.document,
        "verdict": disposition.verdict.value,
        "because": disposition.because,
    }


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
