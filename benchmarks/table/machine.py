"""The machine, and what a process spends of it: time on the clock, seconds of its processors, memory."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
#: Seconds between two looks at the memory of a process and its children.
_LOOK = 0.05


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on."""

    cores: int
    processor: str
    python: str
    system: str

    @classmethod
    def this(cls) -> Self:
        """The machine that this runs on."""
        with suppress(OSError):
            names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
            if names:
                return cls(_cores(), names[0].partition(": ")[2], platform.python_version(), platform.system())
        return cls(_cores(), platform.processor(), platform.python_version(), platform.system())

    def __str__(self) -> str:
        return f"{self.cores} cores ({self.processor}), Python {self.python}, {self.system}"


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def pin() -> None:
    """One process on one core from now on."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock and of the processors, and the most memory held (MB; 0: not looked at)."""

    wall: float
    cpu: float
    memory: float = 0.0


def spent(work: Callable[[], object]) -> Spent:
    """What a call spends, in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cpu = time.process_time() - cpu
    return Spent(time.perf_counter() - wall, cpu)


def alternately(rounds: int, *works: Callable[[int], object]) -> list[float]:
    """The median processor seconds of each work, all done in turn in each round; they are told the round's number.

    Processor seconds, since others may use the machine as well.
    """
    found = [[spent(lambda: work(number)).cpu for work in works] for number in range(rounds)]  # noqa: B023
    return [median(times) for times in zip(*found, strict=True)]


def run(command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> Spent:
    """What a program and all its children spend. Raises CalledProcessError."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | (environment or {}), stdout=out, stderr=errors)
        with Watched(process.pid) as watched:
            code = process.wait()
    wall = time.perf_counter() - began
    if code:
        raise subprocess.CalledProcessError(code, command, stderr=(folder / "stderr").read_text()[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, watched.most)


class Watched:
    """A look at the memory of a process and its children, again and again; `most` is the most seen at once (MB)."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most = pid, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK):
            self.most = max(self.most, sum(map(_memory, family(self.pid))))


def family(pid: int) -> Iterator[int]:
    """A process and all its children's children."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def processor_seconds(pids: Iterable[int]) -> float:
    """What these processes, and the children that they had, have used up to now."""
    return sum(map(_seconds, pids))


def _seconds(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    return 0.0


def _memory(pid: int) -> float:
    """MB that a process holds; what it shares with others counts in parts (PSS)."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The n of cost = c * size ** n, by least squares of the logarithms."""
    from numpy import log, polyfit

    return float(polyfit(log(sizes), log(costs), 1)[0])
