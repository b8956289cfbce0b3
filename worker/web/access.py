"""What a source is given to reach other people's servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from worker.web.client import Client
from worker.web.robots import Robots


@dataclass(frozen=True)
class Web:
    """The way out, what hosts allow, and the time it is."""

    client: Client
    robots: Robots
    now: Callable[[], datetime]
