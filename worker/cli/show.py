"""unbury show."""

from __future__ import annotations

from typing import Any

import click

from worker import pipeline
from worker.cli.grammar import Command
from worker.cli.paper import fitted
from worker.cli.saying import as_json, say, several
from worker.cli.wiring import runtime
from worker.errors import NotFound
from worker.model import Document, Reading, Span
from worker.queue import byhand
from worker.store import accounts, documents


@click.command(cls=Command, examples=("unbury show https://example.com/story", "unbury show 3f9a2c"))
@click.argument("document")
@as_json
@click.pass_context
def show(context: click.Context, document: str, json_: bool) -> int:
    """Show a document as it was read.

    Its sentences in the order found (* chosen), and what was dropped as a repeat. DOCUMENT is an address, a file's
    path, or an id (or its first letters).
    """
    parts = runtime(context)
    with parts.database.reading() as session:
        found = byhand.document(session, document)
    if not found.paragraphs:
        raise NotFound(f"the text of {found.url} was forgotten", "[retention] says how long texts are kept")
    reading = pipeline.read(found, parts.recipe)
    with parts.database.reading() as session:
        copy = documents.copy_of(session, found)
        verdicts = accounts.of_document(session, found.id)
    told = (found, reading, copy, verdicts)
    return say(_as_dict(*told), fitted(_as_text(*told)), json_=json_)


def _as_text(document: Document, reading: Reading, copy: str | None, verdicts: list[dict[str, Any]]) -> str:
    when = f"{document.published:%Y-%m-%d}" if document.published else "undated"
    chosen = {sentence.span for sentence in reading.summary.sentences}
    order = "order lost" if document.shuffled else "order trusted"
    lines = [document.title, document.url, f"{document.id} · {when} · {document.language} · {order}", ""]
    lines += [f"the same text as {copy}", ""] if copy else []
    lines += [f"{'*' if s.span in chosen else ' '} {s.text}" for s in reading.sentences]
    if reading.repeats:
        lines += ["", f"{several(len(reading.repeats), 'repeat')} dropped:"]
    for repeat in reading.repeats:
        lines.append(f"- {document.quote(repeat.dropped)}")
        lines.append(
            f"  {repeat.similarity:.0%} like paragraph {repeat.kept.paragraph + 1}: {document.quote(repeat.kept)}"
        )
    lines += ["", *(f"{v['digest']}, {v['date']}: {v['verdict']} ({v['because']})" for v in verdicts)]
    return "\n".join(lines).rstrip()


def _as_dict(document: Document, reading: Reading, copy: str | None, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    def place(span: Span) -> dict[str, Any]:
        return {"paragraph": span.paragraph, "start": span.start, "end": span.end, "text": document.quote(span)}

    return {
        "id": document.id,
        "revision": document.revision,
        "url": document.url,
        "title": document.title,
        "published": document.published,
        "language": document.language,
        "shuffled": document.shuffled,
        "copy_of": copy,
        "paragraphs": document.paragraphs,
        "order": [place(s.span) for s in reading.sentences],
        "summary": [place(s.span) for s in reading.summary.sentences],
        "repeats": [
            {"dropped": place(r.dropped), "kept": place(r.kept), "similarity": r.similarity} for r in reading.repeats
        ],
        "verdicts": [
            {"digest": v["digest"], "day": v["date"], "verdict": v["verdict"], "because": v["because"]}
            for v in verdicts
        ],
    }
