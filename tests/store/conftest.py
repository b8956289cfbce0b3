"""A real SQLite for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An upgraded database in a file."""
    made = Database(f"sqlite:///{tmp_path / 'unbury.db'}")
    made.ready()
    yield made
    made.close()
