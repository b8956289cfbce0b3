"""Taking in many sources at once: of each host one at a time, so that nobody waits for a slow one."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from worker.model import Job
from worker.queue.working import Done, attempted, release, settled
from worker.runtime import Runtime
from worker.services.work import Work
from worker.store import history, jobs
from worker.web.urls import host

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
            free = [waiting.popleft() for _ in range(min(len(waiting), runtime.settings.web.at_once - len(under_way)))]
            for lane, job in _begun(runtime, {lane: lanes[lane] for lane in free}):
                under_way[lane] = job
                threading.Thread(target=_attempt, args=(runtime, lane, job, answers), daemon=True).start()
            for _ in range(max(answers.qsize(), 1) if under_way else 0):
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


def _begun(runtime: Runtime, lanes: Mapping[str, deque[Job]]) -> list[tuple[str, Job]]:
    """Of each lane the next job that is still to be had, ours from now on: all in one transaction."""
    begun = []
    with runtime.database.writing() as session:
        for name, lane in lanes.items():
            job = None
            while lane and job is None:
                job = jobs.claim(
                    session, ("ingest",), runtime.now(), runtime.holder, lane.popleft().key, runtime.leases
                )
            if job:
                begun.append((name, job))
    return begun


def _lanes(runtime: Runtime, wanted: Sequence[Job]) -> dict[str, deque[Job]]:
    """The jobs by the host that they ask; whoever asks none has a lane of his own."""
    with runtime.database.reading() as session:
        moved = history.moved(session)
    sources = runtime.sources
    lanes: dict[str, deque[Job]] = {}
    for job in wanted:
        settings = sources.get(job.key)
        address = moved.get(job.key, settings.url) if settings else ""
        lanes.setdefault(host(address) if address else f" {job.key}", deque()).append(job)
    return lanes
