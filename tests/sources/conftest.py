"""What the tests of the seed files share: a shelf to write files on, and a way to fetch them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty folder for seed files."""
    return Shelf(tmp_path / "seeds")
