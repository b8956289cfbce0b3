"""Slots, subscriptions, and secrets of one's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what keeps each slot to one edition, and the readers that subscribed by command."""
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
