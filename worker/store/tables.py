"""The tables. Facts are kept; readings are derivations and can be made again. Rows never leave this package."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from worker.store.columns import Moment, Packed

Id = String(64)
Name = String(255)


class Table(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, str: Text, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012  # SQLAlchemy's own idiom


class DocumentRow(Table):
    """An address, and which of its revisions is the newest."""

    __tablename__ = "document"
    # An address may be longer than what a tree of PostgreSQL takes; SQLite has only trees.
    __table_args__ = (
        Index("ix_document_url", "url", postgresql_using="hash"),
        Index("ix_document_source_first_seen", "source", "first_seen"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(Name)
    url: Mapped[str]
    newest: Mapped[str] = mapped_column(Id)
    first_seen: Mapped[datetime]


class NameRow(Table):
    """A further id by which a document is known: its guid in a feed, or another address of its."""

    __tablename__ = "name"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    document: Mapped[str] = mapped_column(Id)


class RevisionRow(Table):
    """What a document said at a time. `body` is equal for copies, whatever their address.

    `batch` counts the additions that brought something: who adds does it alone, so what is added later has a
    greater one.
    """

    __tablename__ = "revision"

    document: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    body: Mapped[str] = mapped_column(Id, index=True)
    copy_of: Mapped[str | None] = mapped_column(Id)
    title: Mapped[str]
    published: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(Name)
    shuffled: Mapped[bool]
    paragraphs: Mapped[list[Any]] = mapped_column(Packed)
    author: Mapped[str] = mapped_column(server_default="")
    enclosures: Mapped[list[Any]] = mapped_column(server_default="[]")
    arrived: Mapped[datetime]
    forgotten: Mapped[bool] = mapped_column(server_default=false())
    batch: Mapped[int] = mapped_column(server_default="0", index=True)


class ReadingRow(Table):
    """What a recipe made of a revision; places only, the words are quoted from the revision."""

    __tablename__ = "reading"

    document: Mapped[str] = mapped_column(Id, primary_key=True)
    revision: Mapped[str] = mapped_column(Id, primary_key=True)
    recipe: Mapped[str] = mapped_column(Name, primary_key=True)
    sentences: Mapped[list[Any]] = mapped_column(Packed)
    repeats: Mapped[list[Any]] = mapped_column(Packed)
    summary: Mapped[list[Any]] = mapped_column(Packed)
    ranker: Mapped[str] = mapped_column(Name)
    failure: Mapped[str | None]
    sketch: Mapped[dict[str, Any]] = mapped_column(Packed)


class JobRow(Table):
    """The queue: a job is due, running, done or dead."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_not_before", "state", "not_before"),)

    kind: Mapped[str] = mapped_column(Name, primary_key=True)
    key: Mapped[str] = mapped_column(Name, primary_key=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Name, default="due")
    not_before: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str] = mapped_column(Name, default="")
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    finished: Mapped[datetime | None]


class EditionRow(Table):
    """An edition, frozen; its time and headlines stand beside its content, so that a list of many is read at once."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("digest", "day", "number"), Index("ix_edition_day", "day"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(Name)
    day: Mapped[date]
    number: Mapped[int]
    stories: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Packed)
    at: Mapped[datetime | None]
    time: Mapped[str] = mapped_column(Name, server_default="")
    headlines: Mapped[list[Any]] = mapped_column(server_default="[]")


class DispositionRow(Table):
    """What became of a revision in a digest: one answer, once; by document first, which is how it is asked for."""

    __tablename__ = "disposition"

    document: Mapped[str] = mapped_column(Id, primary_key=True)
    revision: Mapped[str] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(Name, primary_key=True)
    edition: Mapped[str] = mapped_column(Id, index=True)
    verdict: Mapped[str] = mapped_column(Name)
    because: Mapped[str]


class AnsweredRow(Table):
    """Up to which batch a digest has answered for every revision."""

    __tablename__ = "answered"

    digest: Mapped[str] = mapped_column(Name, primary_key=True)
    batch: Mapped[int]


class ToldRow(Table):
    """A sentence that an edition told, and the revision that it stood in; `fingerprint` is of older versions."""

    __tablename__ = "told"

    edition: Mapped[str] = mapped_column(Id, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    document: Mapped[str] = mapped_column(Id, server_default="")
    revision: Mapped[str] = mapped_column(Id, server_default="")
    fingerprint: Mapped[str] = mapped_column(Id, server_default="")


class DeliveryRow(Table):
    """An edition on its way to a subscriber."""

    __tablename__ = "delivery"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    edition: Mapped[str] = mapped_column(Id, index=True)
    channel: Mapped[str] = mapped_column(Name)
    address: Mapped[str]
    forms: Mapped[list[Any]]
    status: Mapped[str] = mapped_column(Name)
    receipt: Mapped[str]
    attempt: Mapped[int] = mapped_column(server_default="0")
    doubts: Mapped[int] = mapped_column(server_default="0")
    first_tried: Mapped[datetime | None]
    packed: Mapped[bytes | None]


class SlotRow(Table):
    """A time at which an edition was due, and what came of it; once."""

    __tablename__ = "slot"

    digest: Mapped[str] = mapped_column(Name, primary_key=True)
    slot: Mapped[str] = mapped_column(Name, primary_key=True)
    due: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(Name)
    edition: Mapped[str] = mapped_column(Id, server_default="")
    seen: Mapped[datetime]


class SubscriptionRow(Table):
    """A reader by e-mail, as the command or the reader said last; `key` is the address in lower case."""

    __tablename__ = "subscription"

    digest: Mapped[str] = mapped_column(Name, primary_key=True)
    key: Mapped[str] = mapped_column(Name, primary_key=True)
    address: Mapped[str]
    state: Mapped[str] = mapped_column(Name)
    since: Mapped[datetime]
    round: Mapped[int] = mapped_column(server_default="0")


class SecretRow(Table):
    """A secret of this installation's own, made when it is first needed."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    value: Mapped[str]


class SourceStateRow(Table):
    """What is known of a source; worker/fetched.py says what each means."""

    __tablename__ = "source_state"

    source: Mapped[str] = mapped_column(Name, primary_key=True)
    address: Mapped[str] = mapped_column(server_default="")
    etag: Mapped[str]
    modified: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")
    seen: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    url: Mapped[str] = mapped_column(server_default="")
    moving: Mapped[str] = mapped_column(server_default="")
    retired: Mapped[bool] = mapped_column(server_default=false())
    not_before: Mapped[datetime | None]
    next_check: Mapped[datetime | None]
    failures: Mapped[int]
    error: Mapped[str] = mapped_column(server_default="")
    failed: Mapped[datetime | None]
    succeeded: Mapped[datetime | None]
    changed: Mapped[datetime | None]
    rhythm: Mapped[int] = mapped_column(server_default="0")
    wishes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    title: Mapped[str] = mapped_column(server_default="")
    hub: Mapped[str] = mapped_column(server_default="")


class HostRow(Table):
    """A host that feeds are fetched from: who asks it next may do so from then on."""

    __tablename__ = "host"

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    free: Mapped[datetime]


class SeenRow(Table):
    """When a worker process, or the tick, was last seen alive."""

    __tablename__ = "seen"

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    kind: Mapped[str] = mapped_column(Name)
    version: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime]


class RunRow(Table):
    """The run log: one line for each time `unbury run` was started."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]
