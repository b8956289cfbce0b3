"""What the tests of the server share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.house import House, runtime, serving


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A server on a database of each kind."""
    parts = runtime(tmp_path, database_url)
    parts.database.ready()
    with serving(parts) as made:
        yield made


@pytest.fixture
def small_house(tmp_path: Path) -> Iterator[House]:
    """A server on a file, for what the database has no part in."""
    parts = runtime(tmp_path, f"sqlite:///{tmp_path / 'unbury.db'}")
    parts.database.ready()
    with serving(parts) as made:
        yield made
