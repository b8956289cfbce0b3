"""A real database for each test, of both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from worker.store.database import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An upgraded database."""
    made = Database(database_url)
    made.ready()
    yield made
    made.close()
