"""The services, by kind of job."""

from __future__ import annotations

from collections.abc import Callable

from worker.model import Job
from worker.runtime import Runtime
from worker.services.compose import compose
from worker.services.deliver import deliver
from worker.services.ingest import ingest
from worker.services.prune import prune
from worker.services.read import read
from worker.services.work import Work

SERVICES: dict[str, Callable[[Runtime, Job], Work]] = {
    "ingest": ingest,
    "read": read,
    "compose": compose,
    "deliver": deliver,
    "prune": prune,
}
