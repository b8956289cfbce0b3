"""Starting: what a command costs before it does anything."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.table.lines import Line
from benchmarks.table.machine import Spent, run

_ROUNDS = 11
UNBURY = str(Path(sys.executable).with_name("unbury"))


def starting() -> list[Line]:
    """`unbury --help` and `unbury status` beside the bare import of two libraries."""
    imports = [sys.executable, "-c", "import sqlalchemy, pydantic_settings"]
    commands: tuple[Sequence[str], ...] = ([UNBURY, "--help"], [UNBURY, "status"], imports)
    with tempfile.TemporaryDirectory() as place:
        run(commands[1], Path(place))  # makes the database
        rounds = [[run(command, Path(place)) for command in commands] for _ in range(_ROUNDS)]
    helps, status, bare = ([spent[place] for spent in rounds] for place in range(3))
    shown, ratio = _cpu(helps), _cpu(status) / _cpu(bare)
    return [
        Line(
            "unbury --help (ms)", f"{shown:.0f}", goal="at most 150", reached=shown <= 150, runs=_ROUNDS,
            figures={"cpu_ms": shown, "wall_ms": 1000 * median(one.wall for one in helps)},
        ),
        Line(
            "unbury status (ms)", f"{_cpu(status):.0f}",
            f"import sqlalchemy, pydantic_settings {_cpu(bare):.0f} ({ratio:.2f} times)", "at most 1.3 times",
            ratio <= 1.3, _ROUNDS, {"cpu_ms": _cpu(status), "imports_ms": _cpu(bare), "ratio": ratio},
        ),
    ]  # fmt: skip


def _cpu(found: Sequence[Spent]) -> float:
    return 1000 * median(one.cpu for one in found)
