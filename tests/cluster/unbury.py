"""The `unbury` command, for a Python that has no scripts beside it: `python -m tests.cluster.unbury`."""

from __future__ import annotations

from worker.cli.main import main

main()
