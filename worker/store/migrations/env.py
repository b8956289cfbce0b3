"""Runs migrations on the connection that Database.upgrade() opened and holds locked."""

from __future__ import annotations

from alembic import context

from worker.store.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
with context.begin_transaction():
    context.run_migrations()
