"""The state of things as Prometheus reads it, all of it from the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest


def metrics(found: Mapping[str, Any]) -> str:
    """What `unbury status --json` says, as gauges in Prometheus's text format."""
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"unbury_{name}", about, labels, registry=registry)

    jobs = gauge("jobs", "Jobs in the queue", "kind", "state")
    for kind, states in found["jobs"].items():
        for state, number in states.items():
            jobs.labels(kind, state).set(number)
    deliveries = gauge("deliveries", "Deliveries by status", "status")
    for status, number in found["deliveries"].items():
        if status != "doubts":
            deliveries.labels(status).set(number)
    gauge("delivery_doubts", "Mails sent once more that may have arrived before").set(found["deliveries"]["doubts"])
    gauge("documents", "Documents stored").set(found["documents"])
    gauge("lag_seconds", "How long the oldest due job has been waiting").set(found["lag_seconds"])
    alive = gauge("worker_alive", "Whether a worker was seen within two minutes", "name", "kind")
    for seen in found["workers"]:
        alive.labels(seen["name"], seen["kind"]).set(seen["alive"])
    next_due = gauge("next_due_timestamp_seconds", "When a digest, or the next ingestion, is due", "what")
    for what, at in found["next"].items():
        if at:
            next_due.labels(what).set(at.timestamp())
    return generate_latest(registry).decode()
