"""Texts, readings and editions are packed; what is open, addresses and answers are found by an index."""

from __future__ import annotations

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

#: Of each table the key, and what is packed.
_PACKED = {
    "revision": (("document", "id"), ("paragraphs",)),
    "reading": (("document", "revision", "recipe"), ("sentences", "repeats", "summary", "sketch")),
    "edition": (("id",), ("content",)),
}
_AT_ONCE = 500
_BATCHES = """
UPDATE revision SET batch = numbered.place FROM (
    SELECT document, id, row_number() OVER (ORDER BY arrived, document, id) AS place FROM revision
) AS numbered WHERE revision.document = numbered.document AND revision.id = numbered.id
"""


def upgrade() -> None:
    """Pack what is there, number the revisions as they arrived, and add the indexes."""
    for table, (key, columns) in _PACKED.items():
        with op.batch_alter_table(table) as changed:
            for name in columns:
                as_bytes = f"convert_to({name}::text, 'UTF8')"
                changed.alter_column(name, server_default=None)
                changed.alter_column(name, type_=sa.LargeBinary(), postgresql_using=as_bytes)
        _pack(table, key, columns)
    op.add_column("revision", sa.Column("batch", sa.Integer(), server_default="0", nullable=False))
    op.execute(_BATCHES)
    op.create_index("ix_revision_batch", "revision", ["batch"])
    op.create_index("ix_edition_day", "edition", ["day"])
    op.create_index("ix_document_url", "document", ["url"], postgresql_using="hash")
    op.create_index("ix_document_source_first_seen", "document", ["source", "first_seen"])
    with op.batch_alter_table("disposition") as changed:
        changed.drop_constraint("pk_disposition", type_="primary")
        changed.create_primary_key("pk_disposition", ["document", "revision", "digest"])
    op.create_table(
        "answered",
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_answered"),
    )


def _pack(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Pack these columns of all rows, some at a time: a year's texts need not be held at once."""
    rows = sa.table(table, *(sa.column(name) for name in key), *(sa.column(n, sa.LargeBinary) for n in columns))
    named = sa.and_(*(rows.c[name] == sa.bindparam(f"key_{name}") for name in key))
    packing = sa.update(rows).where(named).values({name: sa.bindparam(f"new_{name}") for name in columns})
    connection = op.get_bind()
    keys = connection.execute(sa.select(*(rows.c[name] for name in key))).all()
    for start in range(0, len(keys), _AT_ONCE):
        portion = [tuple(row) for row in keys[start : start + _AT_ONCE]]
        found = connection.execute(sa.select(rows).where(sa.tuple_(*(rows.c[name] for name in key)).in_(portion)))
        packed = [
            {f"key_{name}": getattr(row, name) for name in key}
            | {f"new_{name}": _packed(getattr(row, name)) for name in columns}
            for row in found.all()
        ]
        connection.execute(packing, packed)


def _packed(written: bytes) -> bytes:
    return zlib.compress(json.dumps(json.loads(written), separators=(",", ":")).encode())
