"""Reading in processes: read jobs worked off by several at once, and all that they read saved by this one."""

from __future__ import annotations

import os
from collections.abc import Callable

from worker import parsing
from worker.errors import ProcessLost
from worker.model import Document, Job
from worker.queue.working import Done, claimed, release, settled
from worker.runtime import Runtime
from worker.services.processes import Process, ready
from worker.services.read import batch, batch_of, each_alone, kept, parted
from worker.services.work import Work
from worker.store import jobs

#: From so many jobs on, of 50 documents each: one takes half a second to start.
_MANY = 6
#: Each takes some 80 MB.
_MOST = 8
#: So many may be lost before this process reads on by itself: something is wrong with all of them.
_MOST_LOST = 5


def read_through(runtime: Runtime, tell: Callable[[Done], None]) -> None:
    """Do the read jobs that are due in processes, where they are many; what is left is the caller's.

    So are those that ended whoever read them: the next one they would end is this one.
    """
    with runtime.database.reading() as session:
        due = jobs.due(session, runtime.now(), ["read"])
    if len(due) < _MANY and not any(job.attempt for job in due):
        return
    parsing.rest()  # the parsers' room is needed
    room = _Room(runtime, tell, min(_cores(), _MOST, len(due)))
    try:
        room.work_off()
    finally:
        room.close()


class _Room:
    """Processes that read, and what each is reading; all writing is done by whoever opened it."""

    def __init__(self, runtime: Runtime, tell: Callable[[Done], None], processes: int) -> None:
        self._runtime, self._tell = runtime, tell
        self._idle = [Process() for _ in range(processes)]
        self._at_work: dict[Process, tuple[Job, list[Document]]] = {}
        self._answered: list[tuple[Job, Work | Exception]] = []
        self._lost = 0

    def work_off(self) -> None:
        """Do what is due; while this process saves one batch, the others read the next ones."""
        self._give()
        while self._at_work:
            for process in ready(self._at_work):
                self._take(process)
            self._give()
            while self._answered:
                job, answer = self._answered[0]
                self._tell(settled(self._runtime, job, answer))
                del self._answered[0]
            self._give()  # a batch that ended its process has left jobs behind

    def close(self) -> None:
        """End the processes; what they were reading is given back, as nobody's fault."""
        for process in (*self._idle, *self._at_work):
            process.end()
        for job, _ in (*self._at_work.values(), *self._answered):
            release(self._runtime, job)

    def _give(self) -> None:
        """Give a batch to each process that has none."""
        while self._idle and self._lost < _MOST_LOST and (job := claimed(self._runtime, ("read",))):
            answer: Work | Exception | None = parted(self._runtime, job)
            if answer is None:
                try:
                    texts = batch_of(self._runtime, job)
                except Exception as error:  # noqa: BLE001  # whatever it is, the job is told of it
                    answer = error
                else:
                    process = self._idle.pop()
                    self._at_work[process] = (job, texts)
                    process.ask(texts, self._runtime.recipe)
            if answer is not None:
                self._tell(settled(self._runtime, job, answer))

    def _take(self, process: Process) -> None:
        """What a process made of its batch; of one that ended it each document is read alone."""
        job, texts = self._at_work[process]
        answer: Work | Exception
        try:
            answer = kept(texts, process.answer())
        except ProcessLost as lost:
            process.end()
            self._lost += 1
            self._idle.append(Process())
            answer = each_alone(self._runtime, job) if len(batch(job)) > 1 else lost
        else:
            self._idle.append(process)
        del self._at_work[process]
        self._answered.append((job, answer))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
