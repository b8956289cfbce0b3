"""What the tests of the command share: a desk of one's own to call it from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk, at_a_desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A folder with a configuration, in which the command is called."""
    with at_a_desk(tmp_path, monkeypatch, capsys) as desk:
        desk.configure()
        yield desk
