"""Sources remember what feeds answered; entries have names; hosts are asked one at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is known of a source and an entry now, and the tables of names and hosts."""
    moment = sa.DateTime(timezone=True)
    for name in ("address", "body", "url", "moving", "error", "title", "hub"):
        op.add_column("source_state", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("not_before", "failed", "succeeded", "changed"):
        op.add_column("source_state", sa.Column(name, moment, nullable=True))
    for name in ("seen", "wishes"):
        op.add_column("source_state", sa.Column(name, sa.JSON(), server_default="{}", nullable=False))
    op.add_column("source_state", sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("source_state", sa.Column("rhythm", sa.Integer(), server_default="0", nullable=False))
    op.add_column("revision", sa.Column("author", sa.Text(), server_default="", nullable=False))
    op.add_column("revision", sa.Column("enclosures", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "name",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name")),
    )
    op.create_table(
        "host",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("free", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
