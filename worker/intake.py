"""Many sources at once: each host is asked by one thread at a time, and nobody waits for a slow one."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from worker.model import Job
from worker.queue import Done, attempted, claimed, release, settled
from worker.runtime import Runtime
from worker.services import Work
from worker.store import history
from worker.web.client import host

_Answers = queue.SimpleQueue[tuple[str, Job, "Work | BaseException"]]


def take_in(runtime: Runtime, sources: Iterable[Job], tell: Callable[[Done], None]) -> None:
    """Do these ingest jobs; fetching and parsing in threads, all writing in this one.

    The database is written to by one thread: SQLite lets only one write, and makes others sleep.
    """
    lanes = _lanes(runtime, list(sources))
    waiting, under_way = deque(sorted(lanes)), dict[str, Job]()
    answers: _Answers = queue.SimpleQueue()
    try:
        while waiting or under_way:
            while waiting and len(under_way) < runtime.settings.web.at_once:
                lane = waiting.popleft()
                job = _next(runtime, lanes[lane])
                if job:
                    under_way[lane] = job
                    threading.Thread(target=_attempt, args=(runtime, lane, job, answers), daemon=True).start()
            if not under_way:
                continue
            lane, job, answer = _got(answers)
            del under_way[lane]
            if lanes[lane]:
                waiting.append(lane)
            tell(settled(runtime, job, answer))
    except BaseException:
        for job in under_way.values():
            release(runtime, job)
        raise


def _attempt(runtime: Runtime, lane: str, job: Job, answers: _Answers) -> None:
    try:
        answers.put((lane, job, attempted(runtime, job)))
    except BaseException as error:  # noqa: BLE001  # raised where the answer is awaited
        answers.put((lane, job, error))


def _got(answers: _Answers) -> tuple[str, Job, Work | Exception]:
    """The next answer. Raises what ended a thread that is no ordinary failure, like Ctrl-C."""
    lane, job, answer = answers.get()
    if isinstance(answer, (Work, Exception)):
        return lane, job, answer
    raise answer


def _next(runtime: Runtime, lane: deque[Job]) -> Job | None:
    """The lane's next job that is still to be had."""
    while lane:
        job = claimed(runtime, ("ingest",), lane.popleft().key)
        if job:
            return job
    return None


def _lanes(runtime: Runtime, jobs: Sequence[Job]) -> dict[str, deque[Job]]:
    """The jobs by the host that they ask; whoever asks none has a lane of his own."""
    with runtime.database.reading() as session:
        states = history.source_states(session)
    sources = runtime.sources
    lanes: dict[str, deque[Job]] = {}
    for job in jobs:
        settings = sources.get(job.key)
        moved = states[job.key].url if job.key in states else ""
        address = moved or settings.url if settings else ""
        lanes.setdefault(host(address) if address else f" {job.key}", deque()).append(job)
    return lanes
