"""A source for fault tests: gives one document of a new address at each fetch, so that doing it twice shows."""

from __future__ import annotations

import os
import re
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from worker.fetched import Fetched, SourceState
from worker.settings import SourceSettings
from worker.text.identity import document
from worker.web.access import Web


@dataclass
class Well:
    """What it does first is its path: nothing, "slow 2.5", "suicide", "memory", "hang", "loop" or "once suicide"."""

    name: str
    settings: SourceSettings
    web: Web

    def fetch(self, state: SourceState) -> Fetched:
        """One document, after whatever it does."""
        if starts := os.environ.get("WELL_STARTS"):
            with Path(starts).open("a") as file:
                file.write(f"{self.name}\n")
        self._misbehave()
        made = document(
            source=self.name,
            url=f"https://{self.name}.example/{uuid.uuid4()}",
            title=f"The well {self.name}",
            published=None,
            paragraphs=(f"A bucket came up from the well called {self.name} on Monday morning.",),
            language="en",
            shuffled=False,
        )
        return Fetched((made,), (), state)

    def _misbehave(self) -> None:
        what, _, how_long = self.settings.path.partition(" ")
        if what == "slow":
            time.sleep(float(how_long))
        elif what == "suicide":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "memory":
            raise MemoryError
        elif what == "hang":  # compiled code, which hears no soft limit
            re.match(r"(a+)+$", "a" * 60 + "b")
        elif what == "loop":
            while True:
                pass
