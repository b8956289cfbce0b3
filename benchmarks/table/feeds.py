"""Feeds: a thousand that have nothing new, each at an address of its own."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from benchmarks import intake
from benchmarks.table import peers
from benchmarks.table.lines import Line
from worker import logs
from worker.model import Job
from worker.queue import rounds
from worker.settings import LogSettings

NUMBER = 1_000
_ROUNDS = 5


def feeds() -> list[Line]:
    """By seconds on the clock: here it is waiting that counts. The peers ask one after the other, as a loop does."""
    logs.configure(LogSettings(level="error"))
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    server = context.Process(target=intake.serve, args=(other,), daemon=True)
    server.start()
    sources = intake.feeds(NUMBER, 0, pipe.recv())
    addresses = [source.url for source in sources.values()]
    with tempfile.TemporaryDirectory() as folder:
        parts = intake.runtime(Path(folder), sources)

        def ours() -> None:
            rounds.run(parts, [Job("ingest", name) for name in parts.sources], [])

        ours()
        asked, used = _requests(pipe), intake.cpu()
        found = [_seconds(ours) for _ in range(_ROUNDS)]
        each, used = (_requests(pipe) - asked) / _ROUNDS / NUMBER, 1000 * (intake.cpu() - used) / _ROUNDS / NUMBER
    library, quick = peers.package("feedparser"), peers.package("fastfeedparser")
    plain = _seconds(lambda: [library.parse(address, etag='"1"') for address in addresses])
    fast = _seconds(lambda: [quick.parse(address) for address in addresses])
    pipe.send(False)
    server.join()
    took = median(found)
    return [
        Line(
            f"{NUMBER:,} unchanged feeds (s on the clock)", f"{took:.1f}, {each:.2f} requests and {used:.1f} ms of processors each",
            f"a loop around feedparser {plain:.1f}, around fastfeedparser (whole feeds) {fast:.1f} (1 run)",
            "at most 5, one request each", took <= 5 and each == 1, _ROUNDS,
            {"wall_s": took, "requests": each,
                "cpu_ms": used, "feedparser_s": plain, "fastfeedparser_s": fast},
        )
    ]  # fmt: skip


def _requests(pipe: Connection) -> int:
    pipe.send(True)
    counts: dict[str, int] = pipe.recv()
    return counts["requests"]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
