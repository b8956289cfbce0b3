"""How commands answer: data on stdout, as words or JSON; all else on stderr, and on a terminal how far it is."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import click

from worker.cli.main import Asked
from worker.cli.slips import colored

#: Seconds; what is done before needs no bar, and does not import rich.
_PATIENCE = 0.5
_COLORS = {
    "ok": "green",
    "warn": "yellow",
    "quiet": "yellow",
    "fail": "red",
    "failed": "red",
    "dead": "red",
    "gone": "red",
}

as_json = click.option("--json", "json_", is_flag=True, help="Answer in JSON (docs/json.md).")

Step = Callable[[str, int], None]


def answer(value: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout; `schema` is the version of its shape, which docs/json.md shows."""
    click.echo(json.dumps({"schema": 1, **value}, indent=2, default=_written))


def say(found: Mapping[str, Any], words: str, *, json_: bool) -> int:
    """Answer with what was found, as JSON or in words, if there are any; gives the exit code of all that went well."""
    if json_:
        answer(found)
    elif words:
        click.echo(words)
    return 0


def note(said: str) -> None:
    """Say on stderr what is good to know; not with --quiet."""
    if not _quiet():
        click.echo(said, err=True)


def several(number: int, one: str, more: str = "") -> str:
    """So many of something: "1 story", "2 stories"."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def mark(word: str, width: int = 0) -> str:
    """A word for how something is, in its colour."""
    return click.style(f"{word:{width}}", fg=_COLORS.get(word.lower()), bold=word.lower() == "fail")


@contextmanager
def progress(words: str, total: int | None = None, *, streams: bool = False) -> Iterator[Step]:
    """Show how far it is, on a terminal and after half a second. Gives what says a step: words, and how many are done.

    Without a total it shows only that something goes on. What `streams` its answer to a terminal shows that by itself.
    """
    if _quiet() or not sys.stderr.isatty() or (streams and sys.stdout.isatty()):
        yield lambda *_: None
        return
    bar = _Bar(words, total)
    if not _verbose():
        logging.disable(logging.ERROR)  # a line of the log would stand in the bar; what fails is said after it
    timer = threading.Timer(_PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.step
    finally:
        timer.cancel()
        bar.end()
        logging.disable(logging.NOTSET)


@dataclass
class _Bar:
    """A bar that may not be shown yet: it is, by a timer, while the work goes on."""

    words: str
    total: int | None
    done: int = 0
    _shown: Any = None
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, words: str = "", done: int = 1) -> None:
        """So much more is done; `words` say what is being done now."""
        self.words, self.done = words or self.words, self.done + done
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], description=self.words, completed=self.done)

    def show(self) -> None:
        """Draw it, from now on."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, no_color=colored() is False)
        columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(20)]
        columns += [TaskProgressColumn()] if self.total else []
        with self._lock:
            if not self._ended:
                shown = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
                shown.add_task(self.words, total=self.total, completed=self.done)
                shown.start()
                self._shown = shown

    def end(self) -> None:
        """Take it away."""
        with self._lock:
            self._ended = True
            if self._shown is not None:
                self._shown.stop()


def _quiet() -> bool:
    return (asked := _asked()) is not None and asked.quiet


def _verbose() -> bool:
    return (asked := _asked()) is not None and asked.verbose > 0


def _asked() -> Asked | None:
    context = click.get_current_context(silent=True)
    return context.find_object(Asked) if context else None


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
