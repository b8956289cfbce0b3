"""Deliveries remember how far they got; workers are seen; old texts can be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what deliveries and revisions remember now, and the table of those seen alive."""
    op.add_column("delivery", sa.Column("attempt", sa.Integer(), server_default="0", nullable=False))
    op.add_column("delivery", sa.Column("doubts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("delivery", sa.Column("first_tried", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delivery", sa.Column("packed", sa.LargeBinary(), nullable=True))
    op.add_column("revision", sa.Column("forgotten", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE delivery SET status = 'sent' WHERE status = 'done'")
    op.create_table(
        "seen",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_seen")),
    )
