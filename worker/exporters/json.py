"""The edition as JSON, for programs: every sentence with its place in its source, and what proves it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, repeat

from worker.edition import Correction, Differing, Disposition, Edition, Item, Link, Proof
from worker.exporters import sealed, wording
from worker.model import Join, Rendition, Sentence
from worker.settings import Settings

_SCHEMA = 1


class Json:
    """Writes an edition as JSON."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Nothing is set for it."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as application/json, sealed."""
        return wording.rendition(edition, "application/json", "json", sealed.seal(_edition(edition)))


def _edition(edition: Edition) -> dict[str, object]:
    return {
        "schema": _SCHEMA,
        "id": edition.id,
        "digest": edition.digest,
        "title": edition.title,
        "date": edition.day.isoformat(),
        "edition": edition.number,
        "timezone": edition.zone,
        "generated_at": edition.at.isoformat(),
        "made_by": _plain(edition.made_by),
        "stats": _stats(edition),
        "sections": _sections(edition),
        "corrections": [_correction(correction) for correction in edition.corrections],
        "account": [_disposition(disposition) for disposition in edition.account],
        "failures": [{"source": failure.source, "reason": failure.reason} for failure in edition.failures],
    }


def _plain(made_by: Mapping[str, object]) -> object:
    """As it comes out of any database, whatever that does to the order of names."""
    return json.loads(json.dumps(dict(made_by), sort_keys=True, default=str))


def _stats(edition: Edition) -> dict[str, int]:
    return {
        "documents": edition.counts.documents,
        "sentences_in": edition.counts.sentences,
        "sentences_removed": edition.counts.repeats,
        "stories": len(edition.items),
        "words": wording.words(edition),
        "minutes": wording.minutes(edition),
    }


def _sections(edition: Edition) -> list[dict[str, object]]:
    """The stories under their headings; one heading without stories where there are none."""
    found = wording.sections(edition) or [(wording.say(edition, "top_stories"), [])]
    return [{"name": name, "stories": [_story(edition, item) for item in items]} for name, items in found]


def _story(edition: Edition, item: Item) -> dict[str, object]:
    proofs = chain(item.proofs, repeat(None))  # editions of older versions have none
    return {
        "id": item.story.id,
        "headline": item.headline,
        "url": item.links[0].url,
        "status": item.standing.value,
        "since": item.since.isoformat() if item.since else None,
        "section": wording.section(edition, item.section),
        "articles": len(item.story.documents),
        "sources": len({link.outlet for link in item.links}),
        "publishers": item.publishers,
        "first_seen": _iso(min((link.published for link in item.links if link.published), default=None)),
        "sentences": [
            {"id": wording.sentence_id(item, number)} | _sentence(sentence, wording.source(item, sentence), proof)
            for number, (sentence, proof) in enumerate(zip(item.summary.sentences, proofs, strict=False), 1)
        ],
        "also": [{"outlet": link.outlet, "url": link.url, "title": link.title} for link in wording.also(item)],
        "documents": _documents(item),
        "differing": [_differing(differing) for differing in item.differing],
    }


def _sentence(sentence: Sentence, source: Link, proof: Proof | None) -> dict[str, object]:
    told: dict[str, object] = {
        "text": sentence.text,
        "document_id": sentence.span.document,
        "revision": proof.revision if proof else None,
        "content": proof.content if proof else None,
        "url": source.url,
        "outlet": source.outlet,
        "paragraph": sentence.span.paragraph,
        "start": sentence.span.start,
        "end": sentence.span.end,
        "published": _iso(source.published),
        "place": proof.place if proof else None,
        "repeats": proof.repeats if proof else None,
        "said_by": list(proof.said_by) if proof else [],
        "score": round(proof.score, 6) if proof else None,
    }
    return told | {"hash": sealed.sentence_hash(told)}


def _documents(item: Item) -> list[dict[str, str]]:
    joins = {join.document: join for join in item.story.joins}
    return [_joined(joins.get(document, Join(document))) for document in item.story.documents]


def _joined(join: Join) -> dict[str, str]:
    return {
        "document_id": join.document,
        "nearest": join.nearest,
        "because": join.because,
        "reprint_of": join.reprint_of,
    }


def _differing(differing: Differing) -> dict[str, object]:
    return {
        "what": differing.what,
        "figures": [
            {
                "number": figure.number,
                "text": figure.sentence.text,
                "document_id": figure.sentence.span.document,
                "paragraph": figure.sentence.span.paragraph,
                "start": figure.sentence.span.start,
                "end": figure.sentence.span.end,
            }
            for figure in differing.figures
        ],
    }


def _correction(correction: Correction) -> dict[str, object]:
    link, now, proof = correction.link, correction.now, correction.proof
    corrected: dict[str, object] = {
        "told": correction.told,
        "day": correction.day.isoformat(),
        "now": now.text if now else None,
        "document_id": link.document,
        "revision": proof.revision,
        "content": proof.content,
        "url": link.url,
        "outlet": link.outlet,
        "title": link.title,
        "paragraph": now.span.paragraph if now else None,
        "start": now.span.start if now else None,
        "end": now.span.end if now else None,
        "published": _iso(link.published),
        "place": proof.place,
    }
    return corrected | {"hash": sealed.correction_hash(corrected)}


def _disposition(disposition: Disposition) -> dict[str, str]:
    return {
        "document_id": disposition.document,
        "revision": disposition.revision,
        "verdict": disposition.verdict.value,
        "because": disposition.because,
    }


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
