"""Taking in: a source is asked what it has, and what is new of it is stored, to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from worker.errors import HostBusy
from worker.fetched import Fetched, Problem
from worker.model import Document, Job
from worker.plugins import Source
from worker.runtime import Runtime
from worker.services.read import read_jobs
from worker.services.work import Ingested, Saved, Work
from worker.settings import SourceSettings
from worker.store import documents, history
from worker.store.database import Transaction
from worker.text import identity
from worker.text.clean import cleaned, plausible

_log = structlog.get_logger()
_CODE = 35  # letters of a language's code: RFC 5646, 4.4.1
#: A feed's: a week after its server said so, or hours and days that it wants to be skipped.
_LONGEST_WISH = timedelta(days=9)
_A_MOMENT = timedelta(seconds=5)  # until a busy host is tried again


def ingest(runtime: Runtime, job: Job) -> Work:
    """Take in what a source has; the job's key is the source's name, or the job carries what was named by hand."""
    settings = runtime.sources.get(job.key)
    if settings is None and not job.payload and job.key not in runtime.extra:
        return Work()  # the user took it out of the list
    with runtime.database.reading() as session:
        known = history.source_state(session, job.key)
    now = runtime.now()
    source = runtime.source_of(job)
    ahead = known.not_before and known.not_before > now + longest_wait(settings)
    state = replace(known, not_before=None) if ahead else known
    try:
        fetched = _at_the_border(source.fetch(state), now)
    except HostBusy:
        return Work(again=now + _A_MOMENT)
    for problem in fetched.problems:
        _log.info("not taken in" if problem.fatal else "odd", where=problem.where, reason=problem.message)
    read_by = runtime.recipe.id

    def save(session: Transaction) -> Saved:
        added = documents.add(session, fetched.documents, now)
        history.keep_source_state(session, job.key, fetched.state, known)
        unchanged = added.unchanged + fetched.unchanged
        report = Ingested(job.key, _light(added.new), _light(added.revised), unchanged, fetched.problems)
        keys = [(document.id, document.revision) for document in (*added.new, *added.revised)]
        return Saved(read_jobs(keys, read_by), report)

    again = fetched.state.next_check or (now + settings.every if settings else None)
    return Work(save, None if fetched.state.retired else again, after=lambda: _settle(runtime, source, fetched))


def longest_wait(settings: SourceSettings | None) -> timedelta:
    """How long a source may want not to be asked, at most: what is further away was said by a clock that was ahead."""
    if settings is None:
        return _LONGEST_WISH
    return max(settings.every * 1.2, timedelta() if settings.kind in ("seeds", "files") else _LONGEST_WISH)


def _light(taken: Sequence[Document]) -> tuple[Document, ...]:
    """The documents without their texts, which are stored: a run keeps them to its end."""
    return tuple(replace(document, paragraphs=()) for document in taken)


def _settle(runtime: Runtime, source: Source, fetched: Fetched) -> None:
    """Let the source do what has to wait until everything is stored, like moving files aside."""
    settle = getattr(source, "settle", None)
    if settle is not None and runtime.settles:
        settle(fetched)


def _at_the_border(fetched: Fetched, now: datetime) -> Fetched:
    """What was fetched, made safe to store; for an impossible date the time of ingestion stands."""
    wrong = [document for document in fetched.documents if not plausible(document.published, now)]
    problems = tuple(
        Problem(document.url, f"{document.published:%Y-%m-%d} is an impossible date", fatal=False) for document in wrong
    )
    safe = tuple(_safe(document, now) for document in fetched.documents)
    words: dict[str, Any] = {name: cleaned(getattr(fetched.state, name)) for name in ("title", "hub", "url", "error")}
    state = replace(fetched.state, **words)
    return replace(fetched, documents=safe, problems=(*fetched.problems, *problems), state=state)


def _safe(document: Document, now: datetime) -> Document:
    """The document without characters that no database takes, whatever its source let through."""
    safe = identity.document(
        source=document.source,
        url=cleaned(document.url),
        title=cleaned(document.title),
        published=document.published if plausible(document.published, now) else None,
        paragraphs=tuple(map(cleaned, document.paragraphs)),
        language=cleaned(document.language)[:_CODE],
        shuffled=document.shuffled,
    )
    return replace(
        safe,
        id=document.id if document.names else safe.id,
        names=document.names,
        author=cleaned(document.author),
        enclosures=tuple(map(cleaned, document.enclosures)),
    )
