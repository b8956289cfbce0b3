"""Slots, subscriptions, secrets of one's own, and editions' headlines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_EDITION = {"id": sa.String, "content": sa.JSON, "headlines": sa.JSON}


def upgrade() -> None:
    """Add what keeps each slot to one edition, the readers that subscribed by command, and what lists show."""
    op.create_table(
        "slot",
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("slot", sa.String(length=255), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=255), nullable=False),
        sa.Column("edition", sa.String(length=64), server_default="", nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", "slot", name="pk_slot"),
    )
    op.create_index("ix_slot_due", "slot", ["due"])
    op.create_table(
        "subscription",
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=255), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("digest", "key", name="pk_subscription"),
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret"),
    )
    op.add_column("edition", sa.Column("time", sa.String(length=255), server_default="", nullable=False))
    op.add_column("edition", sa.Column("headlines", sa.JSON(), server_default="[]", nullable=False))
    _list_headlines()


def _list_headlines() -> None:
    """Give the editions that are there the headlines that stand in their content."""
    edition = sa.table("edition", *(sa.column(name, kind) for name, kind in _EDITION.items()))
    connection = op.get_bind()
    for name, content in connection.execute(sa.select(edition.c.id, edition.c.content)).all():
        headlines = [[item["story"]["id"], item["headline"]] for item in content["items"]]
        connection.execute(sa.update(edition).where(edition.c.id == name).values(headlines=headlines))
