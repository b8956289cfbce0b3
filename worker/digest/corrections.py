"""Corrections: what was told, and what its source says there since.

A source that revises a text after a sentence of it was told is not caught by asking what is new: the
reader would go on believing what he read. So the next edition says what the source says now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from worker.digest.novelty import Memory
from worker.digest.proof import content_hash, prove
from worker.digest.wrapping import is_cut
from worker.edition import Correction, Proof, Told
from worker.model import Arrival, Sentence
from worker.text.identity import link
from worker.text.likeness import passage, similarity

#: A sentence less alike than this is another one, not the same one changed.
_CHANGED = 0.5
#: A text of fewer sentences may be a teaser, which leaves out the most.
_WHOLE_TEXT = 3


def corrections(
    arrivals: Sequence[Arrival], told: Sequence[Told], before: Iterable[Correction] = ()
) -> tuple[Correction, ...]:
    """For each sentence told that its source has changed since, or taken back: what it says now.

    `arrivals` are the last revisions that came in, `told` what was told, each with its document and
    revision; `before` are corrections that were told, in their order: these are not told again, unless they
    were taken back meanwhile. Sorted by day, document, text.
    """
    by_document = _latest(told)
    known = _in_force(before)
    found = []
    for arrival in arrivals:
        name = arrival.document.id
        sentences = by_document.get(name)
        if sentences and arrival.reading.failure is None and arrival.reading.sentences:
            corrected = frozenset((old, now) for document, old, now in known if document == name)
            found += _of(arrival, sentences, corrected)
    fresh = (one for one in found if (one.link.document, one.told, _said(one.now)) not in known)
    return tuple(sorted(fresh, key=lambda one: (one.day, one.link.document, one.told)))


def _in_force(before: Iterable[Correction]) -> set[tuple[str, str, str | None]]:
    """Document, sentence told and what stands for it, of each correction that was not changed back since."""
    found: set[tuple[str, str, str | None]] = set()
    for one in before:
        now = _said(one.now)
        found -= {(one.link.document, now or "", one.told)}
        found.add((one.link.document, one.told, now))
    return found


def _said(now: Sentence | None) -> str | None:
    return now.text if now else None


def _latest(told: Iterable[Told]) -> Mapping[str, dict[str, Told]]:
    """By document, each text told of it, as it was told last."""
    found: dict[str, dict[str, Told]] = defaultdict(dict)
    for one in sorted(told, key=lambda one: (one.day, one.revision)):
        if one.document and one.revision:
            found[one.document][one.text] = one
    return found


@dataclass(frozen=True)
class _Now:
    """What a revision says: its sentences, and those that the ones told before still stand in."""

    arrival: Arrival
    sentences: tuple[Sentence, ...]
    said: Memory

    def holds(self, text: str) -> bool:
        """Whether a sentence still stands, word for word, nearly so, or cut short."""
        if any(text in paragraph for paragraph in self.arrival.document.paragraphs):
            return True
        if self.said.told(text) is not None:
            return True
        whole = Memory([Told(text, date.min)])
        return any(is_cut(sentence.text) and whole.told(sentence.text) for sentence in self.sentences)


def _of(arrival: Arrival, told: Mapping[str, Told], corrected: Collection[tuple[str, str | None]]) -> list[Correction]:
    """The corrections that one arrival brings; `corrected` are sentences told, and what the reader has for them."""
    revision = arrival.document.revision
    if all(one.revision == revision for one in told.values()):
        return []
    now = _now(arrival)
    standing = [one for one in told.values() if now.holds(one.text)]
    gone = [one for one in told.values() if one not in standing and one.revision != revision]
    mostly = bool(standing) and len(now.sentences) >= _WHOLE_TEXT and 2 * len(standing) >= len(told)
    content, way, found = content_hash(arrival.document), link(arrival.document), []
    for one in gone:
        others = [other for other in told.values() if (other.text, one.text) not in corrected]
        if any(_replaced(one, other, standing) for other in others):
            continue
        if sentence := _instead(one, now, [other for other in others if other in standing]):
            proof = prove(arrival, sentence, content=content)
        elif mostly:
            proof = Proof(revision, content)
        else:
            continue
        found.append(Correction(way, one.text, one.day, sentence, proof))
    return found


def _replaced(one: Told, other: Told, standing: Sequence[Told]) -> bool:
    """Whether the reader was told another sentence later, from another revision, in this one's place."""
    later = other.day > one.day or (other.day == one.day and other in standing)
    return later and other.revision != one.revision and similarity(passage(one.text), passage(other.text)) >= _CHANGED


def _now(arrival: Arrival) -> _Now:
    reading, document = arrival.reading, arrival.document
    passages = [document.quote(repeat.dropped) for repeat in reading.repeats]
    said = [*(sentence.text for sentence in reading.sentences), *passages]
    return _Now(arrival, reading.sentences, Memory(Told(text, date.min) for text in said))


def _instead(gone: Told, now: _Now, standing: Sequence[Told]) -> Sentence | None:
    """The sentence that stands for one that is gone, if any: the most alike that no other one told stands in."""
    old = passage(gone.text)
    alike = [(similarity(old, passage(sentence.text)), sentence) for sentence in now.sentences]
    for likeness, sentence in sorted(alike, key=lambda found: -found[0]):
        if likeness < _CHANGED:
            break
        if not _is_told(sentence, standing):
            return sentence
    return None


def _is_told(sentence: Sentence, standing: Sequence[Told]) -> bool:
    memory = Memory([Told(sentence.text, date.min)])
    return any(one.text in sentence.text or memory.told(one.text) for one in standing)
