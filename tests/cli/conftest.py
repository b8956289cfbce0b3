"""What the tests of the command share: a desk of one's own to call it from."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A folder with a configuration, in which the command is called; nothing of the machine's own settings."""
    for name in [name for name in os.environ if name.startswith("UNBURY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    desk = Desk(tmp_path, monkeypatch, capsys)
    desk.configure()
    yield desk
    # The command sends all logs to a stderr that is gone after the test.
    root.handlers[:], root.level = handlers, level
