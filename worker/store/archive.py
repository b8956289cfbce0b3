"""The archive: the editions that there are, as lists show them, without what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import String, and_, cast, or_, select
from sqlalchemy.orm import Session

from worker.edition import Edition, Entry
from worker.store.documents import portions
from worker.store.editions import edition_of
from worker.store.tables import DeliveryRow, EditionRow, ToldRow

_COLUMNS = (
    *(EditionRow.id, EditionRow.digest, EditionRow.day, EditionRow.number, EditionRow.stories),
    *(EditionRow.time, EditionRow.headlines),
)
_NEWEST = (EditionRow.day.desc(), EditionRow.digest, EditionRow.number.desc())


def entries(
    session: Session,
    most: int | None = None,
    skipped: int = 0,
    *,
    digest: str = "",
    first: date = date.min,
    last: date = date.max,
) -> list[Entry]:
    """Editions of these days that told something, the newest first; of all digests, or one."""
    wanted = select(*_COLUMNS).where(EditionRow.stories > 0, EditionRow.day.between(first, last))
    if digest:
        wanted = wanted.where(EditionRow.digest == digest)
    return [_entry(row) for row in session.execute(wanted.order_by(*_NEWEST).limit(most).offset(skipped))]


def entry(session: Session, edition: str) -> Entry | None:
    """The edition of an id, as lists show it."""
    row = session.execute(select(*_COLUMNS).where(EditionRow.id == edition)).first()
    return _entry(row) if row else None


def telling(session: Session, story: str) -> list[Edition]:
    """The editions that told a story whose id begins so, the newest first."""
    named = cast(EditionRow.headlines, String).like(f'%["{story}%')
    return [edition_of(row) for row in session.scalars(select(EditionRow).where(named).order_by(*_NEWEST))]


def quoting(session: Session, documents: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of editions that quote one of these documents (id, revision; told by an old version: any revision)."""
    found: set[str] = set()
    for portion in portions(list(documents)):
        wanted = (and_(ToldRow.document == name, ToldRow.revision.in_((revision, ""))) for name, revision in portion)
        found.update(session.scalars(select(ToldRow.edition).where(or_(*wanted)).distinct()))
    return sorted(found)


def delivery(session: Session, edition: str) -> str | None:
    """The delivery of an edition into the archive."""
    wanted = select(DeliveryRow.id).where(DeliveryRow.edition == edition, DeliveryRow.channel == "archive")
    return session.scalar(wanted.limit(1))


def _entry(row: Any) -> Entry:
    headlines = tuple((story, headline) for story, headline in row.headlines)
    return Entry(row.id, row.digest, row.day, row.number, row.stories, row.time, headlines)
