"""Handing out many deliveries at once: as many as there may be connections to the mail server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from worker.queue.working import Done, work
from worker.runtime import Runtime
from worker.store import editions, jobs

#: Channels that write an edition down, and tell nobody.
WRITTEN = ("archive", "files")


def hand_out(runtime: Runtime, tell: Callable[[Done], None], *, send: bool = True) -> None:
    """Do the deliver jobs that are due, as many at a time as there may be connections to the mail server.

    Whoever stops this, like Ctrl-C, waits for the mails in hand: they are not left in doubt.
    """
    at_once = runtime.settings.smtp.connections
    while keys := _deliveries(runtime, send=send):
        with ThreadPoolExecutor(min(at_once, len(keys)), "delivery") as hands:
            for done in hands.map(partial(work, runtime, ("deliver",)), keys):
                if done:
                    tell(done)


def _deliveries(runtime: Runtime, *, send: bool) -> list[str]:
    """The keys of what is due: asking the queue for the next one each time would sort all of it 10,000 times."""
    with runtime.database.reading() as session:
        keys = [job.key for job in jobs.due(session, runtime.now(), ["deliver"])]
        if send:
            return keys
        found = [editions.delivery(session, key) for key in keys]
        return [one.id for one in found if one and one.subscriber.channel in WRITTEN]
