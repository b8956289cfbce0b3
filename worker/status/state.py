"""The state of things, all of it from the database."""

from __future__ import annotations

from typing import Any

from worker import schedule
from worker.runtime import Runtime
from worker.status.feeds import health
from worker.store import backlog, documents, editions, history, presence

_RUNS = 5


def hindrance(parts: Runtime) -> str:
    """What keeps work from being done now, "" if nothing does. Raises Unreachable."""
    now = parts.now()
    with parts.database.reading() as session:
        seen, stalled = presence.seen(session), backlog.stalled(session, now)
    if not any(one.kind == "tick" and one.alive(now) for one in seen):
        return "nothing ticks"
    return f"nobody takes up what is due: {', '.join(stalled)}" if stalled else ""


def standing(parts: Runtime) -> dict[str, Any]:
    """What is stored, due and wrong now."""
    now = parts.now()
    with parts.database.reading() as session:
        oldest = backlog.oldest_due(session, now)
        stored, revisions = documents.count(session)
        latest = {name: editions.latest(session, name) for name in parts.digests}
        return {
            "database": str(parts.database),
            "documents": stored,
            "revisions": revisions,
            "editions": {
                name: {"day": e.day, "number": e.number, "stories": len(e.items), "at": e.at} if e else None
                for name, e in latest.items()
            },
            "jobs": backlog.census(session),
            "oldest_due": {"kind": oldest.kind, "key": oldest.key, "since": oldest.not_before} if oldest else None,
            "stalled": backlog.stalled(session, now),
            "lag_seconds": round((now - oldest.not_before).total_seconds(), 1) if oldest else 0.0,
            "deliveries": editions.on_the_way(session),
            "workers": [
                {
                    "name": seen.name,
                    "kind": seen.kind,
                    "seen": seen.at,
                    "age_seconds": round((now - seen.at).total_seconds(), 1),
                    "alive": seen.alive(now),
                    "current": seen.version == parts.build,
                }
                for seen in presence.seen(session)
            ],
            "next": {
                "ingest": backlog.next_due(session, "ingest"),
                **{name: schedule.next_slot(digest, now) for name, digest in parts.digests.items()},
            },
            "feeds": health(parts),
            "troubles": [
                {
                    "kind": job.kind,
                    "key": job.key,
                    "state": job.state,
                    "error": job.error,
                    "again": job.not_before if job.state == "due" else None,
                }
                for job in backlog.troubled(session)
            ],
            "runs": [
                {"started": started, "ended": ended, **result}
                for started, ended, result in history.runs(session, _RUNS)
            ],
        }
