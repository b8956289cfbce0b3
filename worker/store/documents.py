"""Documents, their revisions, and what was read in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from worker.model import Document
from worker.store.database import alone, portions
from worker.store.tables import DocumentRow, NameRow, RevisionRow
from worker.text import identity

K = TypeVar("K")
#: The bare tables: rows go in as they are, in a statement that is made once for all of them.
_DOCUMENTS: Any = DocumentRow.__table__
_REVISIONS: Any = RevisionRow.__table__


@dataclass(frozen=True, slots=True)
class Added:
    """What became of documents that were offered: ids of each kind, in the order offered."""

    new: tuple[Document, ...]
    revised: tuple[Document, ...]
    unchanged: int


def add(session: Session, documents: Iterable[Document], arrived: datetime) -> Added:
    """Keep what is not known yet: a new address, or a known one that says something else, be it what it once said.

    Sorted, in statements that take many rows: in random order, 120 of 160 transactions of four writers
    deadlocked. Whoever adds does it alone, so that of two copies one is the original.
    """
    offered = list(documents)
    if not offered:  # an unchanged feed waits for nobody
        return Added((), (), 0)
    alone(session)
    offered = _named(session, offered)
    known = _known(session, offered)
    unknown = _firsts(offered, lambda one: (one.id, one.revision), known.revisions)
    fresh = [*unknown.values(), *_returned(offered, known)]
    new = _firsts(fresh, lambda one: one.id, known.newest)
    revised = tuple(one for one in fresh if new.get(one.id) is not one)
    _put_documents(session, new, {one.id: one.revision for one in fresh}, arrived)
    _put_revisions(session, fresh, arrived)
    return Added(tuple(new.values()), revised, len(offered) - len(fresh))


def _firsts(documents: Iterable[Document], key: Callable[[Document], K], known: Container[K]) -> dict[K, Document]:
    """The first document of each key that is not known."""
    found: dict[K, Document] = {}
    for document in documents:
        if (name := key(document)) not in known:
            found.setdefault(name, document)
    return found


def _returned(offered: Sequence[Document], known: _Known) -> list[Document]:
    """What a source says again after it said something else: another revision, which each digest answers anew.

    Where a source offers several versions at once, none has come back. Nor does another source's count: two that
    differ would take turns for ever.
    """
    back: dict[str, Document] = {}
    steady: set[str] = set()
    for document in offered:
        said, again = _said(document, known)
        if not said or known.newest[document.id] in said:
            steady.add(document.id)
        elif known.sources[document.id] == document.source and again:
            back[document.id] = replace(document, revision=again)
    return [document for name, document in back.items() if name not in steady]


def _said(document: Document, known: _Known) -> tuple[list[str], str | None]:
    """The revisions in which this very text is stored, and the one for the next time, if there is any left."""
    said: list[str] = []
    for revision in identity.returns(document.revision):
        if (document.id, revision) not in known.revisions:
            return said, revision
        said.append(revision)
    return said, None


def _named(session: Session, offered: Sequence[Document]) -> list[Document]:
    """The documents, each with the id under which one of its names is known already, its guid's first."""
    names = sorted({name for document in offered for name in document.names})
    if not names:
        return list(offered)
    owners: dict[str, str] = {}
    for portion in portions(names):
        owners |= {id_: id_ for id_ in session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(portion)))}
        owners |= dict(session.execute(select(NameRow.id, NameRow.document).where(NameRow.id.in_(portion))).all())
    known = set(owners)
    settled = []
    for document in offered:
        owner = next((owners[name] for name in reversed(document.names) if name in owners), document.id)
        owners |= {name: owner for name in document.names if name not in owners}
        settled.append(replace(document, id=owner))
    rows = [{"id": name, "document": owners[name]} for name in names if name not in known and name != owners[name]]
    for rest in portions(rows):
        session.execute(insert(NameRow).values(rest))
    return settled


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of documents that are offered: the newest revision of each, its source, and all revisions."""

    newest: dict[str, str]
    sources: dict[str, str]
    revisions: set[tuple[str, str]]


def _known(session: Session, offered: Sequence[Document]) -> _Known:
    newest: dict[str, str] = {}
    sources: dict[str, str] = {}
    revisions: set[tuple[str, str]] = set()
    for ids in portions(sorted({document.id for document in offered})):
        rows = select(DocumentRow.id, DocumentRow.newest, DocumentRow.source).where(DocumentRow.id.in_(ids))
        for name, revision, source in session.execute(rows):
            newest[name], sources[name] = revision, source
        found = select(RevisionRow.document, RevisionRow.id).where(RevisionRow.document.in_(ids))
        revisions |= {(document, revision) for document, revision in session.execute(found)}
    return _Known(newest, sources, revisions)


def _put_documents(session: Session, new: Mapping[str, Document], newest: Mapping[str, str], arrived: datetime) -> None:
    """Insert the new, and point those that are known at their newest revision."""
    rows = [
        {"id": id_, "source": one.source, "url": one.url, "newest": newest[id_], "first_seen": arrived}
        for id_, one in sorted(new.items())
    ]
    if rows:
        session.connection().execute(insert(_DOCUMENTS), rows)
    changed = [{"id": id_, "newest": newest[id_]} for id_ in sorted(newest.keys() - new.keys())]
    if changed:
        session.execute(update(DocumentRow), changed)


def _put_revisions(session: Session, fresh: Sequence[Document], arrived: datetime) -> None:
    bodies = {(document.id, document.revision): identity.body(document.paragraphs) for document in fresh}
    originals = _originals(session, sorted(set(bodies.values())))
    batch = 1 + (session.scalar(select(func.max(RevisionRow.batch))) or 0)
    rows = []
    for document in fresh:  # in the order offered: the first of several copies is the original
        body = bodies[document.id, document.revision]
        original = next((id_ for id_ in originals.get(body, ()) if id_ != document.id), None)
        if original is None:
            originals.setdefault(body, []).append(document.id)
        rows.append({**_revision_row(document, body, original, arrived), "batch": batch})
    rows.sort(key=lambda row: (str(row["document"]), str(row["id"])))
    if rows:
        session.connection().execute(insert(_REVISIONS), rows)


def _originals(session: Session, bodies: Sequence[str]) -> dict[str, list[str]]:
    """The documents that had these bodies first and are copies of none, the earliest first."""
    found: dict[str, list[str]] = {}
    for portion in portions(bodies):
        wanted = select(RevisionRow.body, RevisionRow.document).where(
            RevisionRow.body.in_(portion), RevisionRow.copy_of.is_(None)
        )
        for body, document in session.execute(wanted.order_by(RevisionRow.arrived, RevisionRow.document)):
            found.setdefault(body, []).append(document)
    return found


def _revision_row(document: Document, body: str, original: str | None, arrived: datetime) -> dict[str, object]:
    return {
        "document": document.id,
        "id": document.revision,
        "body": body,
        "copy_of": original,
        "title": document.title,
        "published": document.published,
        "language": document.language,
        "shuffled": document.shuffled,
        "paragraphs": list(document.paragraphs),
        "author": document.author,
        "enclosures": list(document.enclosures),
        "arrived": arrived,
    }


def find(session: Session, name: str) -> list[str]:
    """Ids of the documents that a name means: an address, an id or its beginning."""
    named = DocumentRow.url == name
    if re.fullmatch("[0-9a-f]{4,}", name):  # between two ids an index is used, with LIKE none
        named = or_(named, and_(DocumentRow.id >= name, DocumentRow.id < f"{name}g"))
    return list(session.scalars(select(DocumentRow.id).where(named).order_by(DocumentRow.id).limit(10)))


def get(session: Session, keys: Sequence[tuple[str, str]]) -> list[Document]:
    """The documents with these ids and revisions, sorted by them."""
    found: list[Document] = []
    wanted = set(keys)
    for ids in portions(sorted({document for document, _ in keys})):
        rows = session.execute(joined().where(RevisionRow.document.in_(ids)))
        found += (assembled(revision, row) for revision, row in rows if (row.id, revision.id) in wanted)
    return sorted(found, key=lambda document: (document.id, document.revision))


def newest(session: Session, document: str) -> Document:
    """The newest revision of a document."""
    wanted = joined().where(DocumentRow.id == document, RevisionRow.id == DocumentRow.newest)
    revision, row = session.execute(wanted).one()
    return assembled(revision, row)


def copy_of(session: Session, document: Document) -> str | None:
    """The document that this one has the very text of, if any came in before it."""
    row = session.get(RevisionRow, (document.id, document.revision))
    return row.copy_of if row else None


def count(session: Session) -> tuple[int, int]:
    """How many documents and revisions there are."""
    documents = session.scalar(select(func.count()).select_from(DocumentRow))
    revisions = session.scalar(select(func.count()).select_from(RevisionRow))
    return documents or 0, revisions or 0


def joined() -> Select[RevisionRow, DocumentRow]:
    """Revisions, each with its document."""
    return select(RevisionRow, DocumentRow).join(DocumentRow, DocumentRow.id == RevisionRow.document)


def assembled(revision: RevisionRow, row: DocumentRow) -> Document:
    """A document out of its rows."""
    return Document(
        id=row.id,
        revision=revision.id,
        source=row.source,
        url=row.url,
        title=revision.title,
        published=revision.published,
        paragraphs=tuple(revision.paragraphs),
        language=revision.language,
        shuffled=revision.shuffled,
        author=revision.author,
        enclosures=tuple(revision.enclosures),
    )
