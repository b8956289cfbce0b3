"""Readings keep a sketch, what was told where it stood, and editions when they were made."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what places documents among stories, and what later tells a correction."""
    op.add_column("reading", sa.Column("sketch", sa.JSON(), server_default="{}", nullable=False))
    for name in ("document", "revision", "fingerprint"):
        op.add_column("told", sa.Column(name, sa.String(length=64), server_default="", nullable=False))
    op.add_column("edition", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    _date_editions()


def _date_editions() -> None:
    """Give the editions that are there the time that stands in their content."""
    moment = sa.column("at", sa.DateTime(timezone=True))
    edition = sa.table("edition", sa.column("id", sa.String), sa.column("content", sa.JSON), moment)
    connection = op.get_bind()
    for name, content in connection.execute(sa.select(edition.c.id, edition.c.content)).all():
        at = datetime.fromisoformat(content["at"])
        connection.execute(sa.update(edition).where(edition.c.id == name).values(at=at))
