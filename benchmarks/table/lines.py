"""The table: its lines, as they are printed, kept as JSON and written into docs/performance.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.table.machine import Machine

_BEGIN, _END = "<!-- table: make bench -->", "<!-- end of table -->"
_HEAD = ("work", "Unbury", "peer", "goal", "reached")


@dataclass(frozen=True)
class Line:
    """What was measured of a piece of work, and of whoever else does it; `reached` is None where there is no goal.

    `runs` says of how many runs these are medians; `figures` are the numbers behind the words.
    """

    work: str
    ours: str
    peer: str = ""
    goal: str = ""
    reached: bool | None = None
    runs: int = 5
    figures: Mapping[str, float] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """The line as it stands in the table."""
        few = f" ({self.runs} run{'s' if self.runs > 1 else ''})" if self.runs < 5 else ""
        return self.work, self.ours + few, self.peer, self.goal, {True: "yes", False: "**no**", None: ""}[self.reached]


@dataclass(frozen=True)
class Measured:
    """The lines of a row, when and with how much else going on they were measured, and how long that took."""

    row: str
    lines: tuple[Line, ...]
    at: str
    load: tuple[float, float]
    seconds: float


def kept(path: Path) -> dict[str, Measured]:
    """What was measured before, by row."""
    if not path.exists():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {row["row"]: Measured(**{**row, "lines": tuple(Line(**line) for line in row["lines"])}) for row in rows}


def keep(path: Path, machine: Machine, rows: Iterable[Measured]) -> None:
    """Keep what was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"machine": asdict(machine), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def markdown(machine: Machine, rows: Sequence[Measured]) -> str:
    """The table as it stands in docs/performance.md."""
    cells = [_HEAD, ("---",) * len(_HEAD), *(line.cells() for row in rows for line in row.lines)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    loads = [load for row in rows for load in row.load]
    days = sorted({row.at[:10] for row in rows})
    said = f"Measured {' and '.join(days)} on {machine}; load average {min(loads):.1f} to {max(loads):.1f} beside it."
    return f"{table}\n\n{said}"


def write(page: Path, table: str) -> None:
    """Put the table between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")
