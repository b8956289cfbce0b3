"""An edition of two stories and a correction, with the sources that it quotes and their proofs."""

from __future__ import annotations

from datetime import date, timedelta

from tests.builders import MORNING, NEWS, document
from worker.digest.proof import content_hash
from worker.edition import Correction, Counts, Disposition, Edition, Item, Link, Proof, Standing, Verdict
from worker.model import Document, Join, Sentence, Span, Story, Summary

#: Two of one story, one of the other, and one that was corrected.
DOCUMENTS = (
    document(f"{NEWS[0]} {NEWS[1]}", NEWS[2], url="https://herald.example/ferry", shuffled=False),
    document(NEWS[3], url="https://lantern.example/a?b=1&c=Zürich", title="“Schools” 学校"),
    document(NEWS[4], NEWS[5], url="https://post.example/buses", title="Buses at night"),
    document(NEWS[6], NEWS[7], url="https://post.example/kelp", title="Kelp", published=None),
)


def edition() -> Edition:
    """The edition, as a digest would make it."""
    first, second, third, fourth = DOCUMENTS
    ferry = (_sentence(first, 0, NEWS[0]), _sentence(first, 1, NEWS[2]), _sentence(second, 0, NEWS[3]))
    buses = (_sentence(third, 1, NEWS[5]),)
    now = _sentence(fourth, 0, NEWS[6])
    correction = Correction(_link(fourth), "Two firms wrap fruit.", date(2026, 11, 17), now, _proof(fourth, 1))
    return Edition(
        id="0123456789abcdef01234567",
        digest="daily",
        title="Unbury",
        day=date(2026, 11, 20),
        number=1,
        at=MORNING + timedelta(minutes=1),
        zone="Europe/Berlin",
        items=(_item(ferry, first, second), _item(buses, third)),
        account=tuple(Disposition(one.id, one.revision, Verdict.told, "told as a story") for one in DOCUMENTS),
        counts=Counts(4, 8, 0),
        corrections=(correction,),
        made_by={"digest": {"stories": 12, "rules": []}, "version": "0.2.0"},
    )


def _item(sentences: tuple[Sentence, ...], *told: Document) -> Item:
    first = told[0]
    joins = (Join(first.id), *(Join(other.id, first.id, "both name the ferry") for other in told[1:]))
    story = Story(first.id, tuple(one.id for one in told), joins)
    by_id = {one.id: one for one in told}
    proofs = tuple(_proof(by_id[s.span.document], place) for place, s in enumerate(sentences, 1))
    links = tuple(map(_link, told))
    summary = Summary(sentences, "unbury")
    return Item(story, first.title, summary, links, Standing.new, publishers=len(told), proofs=proofs)


def _link(told: Document) -> Link:
    return Link(told.id, told.url.split("/")[2], told.url, told.title, told.published)


def _proof(told: Document, place: int) -> Proof:
    return Proof(told.revision, content_hash(told), place, 0, (), 0.123456789)


def _sentence(told: Document, paragraph: int, text: str) -> Sentence:
    start = told.paragraphs[paragraph].index(text)
    return Sentence(text, Span(told.id, paragraph, start, start + len(text)))
