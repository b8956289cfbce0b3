"""How each feed does: what `feeds list`, `status`, `doctor` and the page of sources say of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worker.fetched import SourceState
from worker.runtime import Runtime
from worker.settings import SourceSettings
from worker.sources.rhythm import silence
from worker.store import history
from worker.web.urls import without_user

_MANY = 3  # failures in a row, after which a feed may never come right


def health(parts: Runtime) -> list[dict[str, Any]]:
    """How each feed does, in the order of the list; those of the configuration last."""
    with parts.database.reading() as session:
        states = history.source_states(session)
    now = parts.now()
    wanted = [(name, one) for name, one in parts.sources.items() if one.kind == "feed"]
    return [_health(name, settings, states.get(name, SourceState()), now) for name, settings in wanted]


def _health(name: str, settings: SourceSettings, state: SourceState, now: datetime) -> dict[str, Any]:
    return {
        "name": name,
        "title": settings.title or state.title,
        "url": without_user(settings.url),
        "moved_to": without_user(state.url),
        "section": settings.section,
        "last_success": state.succeeded,
        "last_news": state.changed,
        "usual_seconds": state.rhythm or None,
        "error": state.error,
        "failures": state.failures,
        "retired": state.retired,
        "next": state.next_check,
        "silent": silence(state, now),
        "entries": len(state.seen),
        "hub": state.hub,
    }


def hopeless(one: dict[str, Any]) -> bool:
    """Whether a feed, of which `health` says this, may never come right."""
    return bool(one["retired"] or (one["error"] and (not one["last_success"] or one["failures"] > _MANY)))
