"""A warmed process that forks children which run everything, and kills them at a given moment.

Started as a script. Reads a JSON object a line: {"folder", "kill_after"} (seconds, or null to let it
end), answers with a line: {"seconds", "killed"}. Forking saves the 2 s that imports cost.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from worker import logs
from worker.configuration.loading import load
from worker.queue import rounds
from worker.runtime import Runtime
from worker.settings import LogSettings
from worker.status.checks import check

MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def runtime() -> Runtime:
    """The parts as `unbury run` puts them together, with a clock that stands still."""
    logs.configure(LogSettings())  # to stderr: stdout answers
    parts = Runtime(load(Path("unbury.toml"), {}).settings, now=lambda: MORNING)
    check(parts)
    parts.database.ready()
    return parts


def _child(folder: str) -> NoReturn:
    os.chdir(folder)
    parts = runtime()
    result = rounds.run(parts, rounds.intake(parts), ["daily"])
    os._exit(1 if result.errors else 0)


def _trial(folder: str, kill_after: float | None) -> dict[str, object]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _child(folder)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    return {"seconds": time.monotonic() - began, "killed": os.WIFSIGNALED(status), "status": status}


def _warm() -> None:
    """Import what a run imports late, so that the moments fall into work and not into imports."""
    for name in ("alembic.command", "alembic.config", "worker.delivery.files", "worker.summaries.rankers"):
        importlib.import_module(name)
    for form in ("html", "json", "markdown", "text"):
        importlib.import_module(f"worker.exporters.{form}")


def main() -> None:
    """Answer until nobody asks."""
    _warm()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_trial(asked["folder"], asked["kill_after"])) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
