"""The state of things as Prometheus reads it, all of it from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

_Found = Mapping[str, Any]


def metrics(found: _Found) -> str:
    """What `unbury status --json` says, as gauges in Prometheus's text format."""
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"unbury_{name}", about, labels, registry=registry)

    for part in (_jobs, _deliveries, _alive, _told):
        part(gauge, found)
    return generate_latest(registry).decode()


def _jobs(gauge: Callable[..., Gauge], found: _Found) -> None:
    jobs = gauge("jobs", "Jobs in the queue", "kind", "state")
    for kind, states in found["jobs"].items():
        for state, number in states.items():
            jobs.labels(kind, state).set(number)
    failing = gauge("jobs_failing", "Jobs that failed and are tried again", "kind")
    for kind, number in Counter(job["kind"] for job in found["troubles"] if job["state"] == "due").items():
        failing.labels(kind).set(number)
    gauge("lag_seconds", "How long the oldest due job has been waiting").set(found["lag_seconds"])


def _deliveries(gauge: Callable[..., Gauge], found: _Found) -> None:
    deliveries = gauge("deliveries", "Deliveries by status", "status")
    for status, number in found["deliveries"].items():
        if status != "doubts":
            deliveries.labels(status).set(number)
    gauge("delivery_doubts", "Mails sent once more that may have arrived before").set(found["deliveries"]["doubts"])


def _alive(gauge: Callable[..., Gauge], found: _Found) -> None:
    alive = gauge("worker_alive", "A worker that was seen within two minutes", "name", "kind")
    for seen in found["workers"]:
        if seen["alive"]:
            alive.labels(seen["name"], seen["kind"]).set(1)
        if seen["kind"] == "tick":
            gauge("tick_age_seconds", "How long ago it ticked").set(seen["age_seconds"])


def _told(gauge: Callable[..., Gauge], found: _Found) -> None:
    gauge("documents", "Documents stored").set(found["documents"])
    gauge("feeds_failing", "Feeds that could not be read last time").set(
        sum(bool(one["error"]) for one in found["feeds"])
    )
    last = gauge("last_edition_timestamp_seconds", "When the newest edition that told something was made", "digest")
    for name, edition in found["editions"].items():
        if edition and edition["at"]:
            last.labels(name).set(edition["at"].timestamp())
    due = gauge("next_due_timestamp_seconds", "When a digest, or the next ingestion, is due", "what")
    for what, at in found["next"].items():
        if at:
            due.labels(what).set(at.timestamp())
