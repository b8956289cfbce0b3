"""Verification: whether what an edition quotes stands in its sources, as they were kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from worker.digest.proof import content_hash
from worker.edition import Disposition, Edition, Proof, Verdict
from worker.model import Document, Sentence
from worker.text import identity

#: The id and the revision of a document.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that an edition quotes; the link and the proof it gives, where it gives any."""

    sentence: Sentence
    revision: str
    url: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What is wrong, each in words, and the addresses of texts that were forgotten since, so that nobody can tell."""

    wrong: tuple[str, ...]
    forgotten: tuple[str, ...] = ()


def quotes(edition: Edition) -> list[Quote]:
    """All that an edition quotes: the sentences told, figures beside each other, and corrections."""
    return [*_told(edition), *_figures(edition), *_corrected(edition)]


def verify(edition: Edition, documents: Mapping[Key, Document], account: Collection[Disposition]) -> Verified:
    """Whether the documents say what the edition quotes, and the account that was kept is the edition's.

    `documents` are those of `quotes` by id and revision, as they were kept.
    """
    wrong: dict[str, None] = {}
    forgotten: dict[str, None] = {}
    for quote in quotes(edition):
        document = documents.get((quote.sentence.span.document, quote.revision))
        if document is not None and not document.paragraphs:
            forgotten[document.url] = None
        wrong |= dict.fromkeys(_faults(quote, document))
    wrong |= dict.fromkeys(_unaccounted(edition, account))
    return Verified(tuple(wrong), tuple(forgotten))


def _told(edition: Edition) -> Iterator[Quote]:
    revisions = _revisions(edition)
    for item in edition.items:
        urls = {link.document: link.url for link in item.links}
        proofs = item.proofs or (None,) * len(item.summary.sentences)
        for sentence, proof in zip(item.summary.sentences, proofs, strict=False):
            document = sentence.span.document
            yield _quote(sentence, urls.get(document, ""), proof, revisions.get(document, ""))


def _figures(edition: Edition) -> Iterator[Quote]:
    revisions = _revisions(edition)
    for item in edition.items:
        for differing in item.differing:
            for figure in differing.figures:
                if revision := revisions.get(figure.sentence.span.document):
                    yield Quote(figure.sentence, revision)


def _corrected(edition: Edition) -> Iterator[Quote]:
    for correction in edition.corrections:
        if correction.now:
            yield _quote(correction.now, correction.link.url, correction.proof, "")


def _quote(sentence: Sentence, url: str, proof: Proof | None, revision: str) -> Quote:
    if proof is None:  # told by an older version, which kept none
        return Quote(sentence, revision, url)
    return Quote(sentence, proof.revision, url, proof.content)


def _revisions(edition: Edition) -> dict[str, str]:
    """The revision of each document that an edition tells."""
    told = (answer for answer in edition.account if answer.verdict is Verdict.told)
    return {answer.document: answer.revision for answer in told}


def _faults(quote: Quote, document: Document | None) -> Iterator[str]:
    """What is wrong with a quotation."""
    if document is None:
        yield f"revision {quote.revision} of {quote.url or quote.sentence.span.document} is not in the store"
        return
    if quote.url and quote.url != document.url:
        yield f"the link {quote.url} does not lead to the source, which is {document.url}"
    if not document.paragraphs:
        return
    if quote.content and quote.content != content_hash(document):
        yield f"the text of {document.url} is not the one that was quoted"
    if document.revision not in identity.returns(_revision(document)):
        yield f"the text of {document.url} does not have the revision that it is kept under"
    if not document.says(quote.sentence):
        yield f"{document.url} does not say there: {quote.sentence.text}"


def _revision(document: Document) -> str:
    return identity.revision(document.title, document.published, document.paragraphs, shuffled=document.shuffled)


def _unaccounted(edition: Edition, account: Collection[Disposition]) -> Iterator[str]:
    """Where the account of the edition and the one that was kept row by row differ."""
    told, kept = set(edition.account), set(account)
    for answer in sorted(told ^ kept, key=lambda answer: (answer.document, answer.revision, answer.verdict)):
        where = "is kept, and not in the edition" if answer in kept else "is in the edition, and not kept"
        yield f"the answer {answer.verdict.value!r} for document {answer.document} {where}"
