"""Parsers for tests: what strangers' text can do to the process that parses it."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import Any

from worker.errors import Unparsable


def echo(content: bytes, **values: Any) -> dict[str, Any]:
    """What came in."""
    return {"content": content.decode(), "values": values, "process": os.getpid()}


def refuse(content: bytes) -> None:
    """Say no, and on which line."""
    raise Unparsable("this is no recipe", line=7)


def stumble(content: bytes) -> None:
    """Raise what a library raises."""
    raise KeyError(content.decode())


def endless(content: bytes) -> None:
    """Never end, in Python."""
    while True:
        pass


def backtrack(content: bytes) -> bool:
    """Never end, in compiled code that hears no exception."""
    return bool(re.match(r"(a+)+$", "a" * 60 + "b"))


def hog(content: bytes) -> int:
    """Take more memory than there is."""
    return len(bytearray(8 * 2**30))


def chatter(content: bytes) -> str:
    """Print, as some libraries do."""
    print("Hello!", flush=True)
    os.write(1, b"Hello again!\n")
    return "done"


def surroundings(content: bytes) -> dict[str, str]:
    """The environment."""
    return dict(os.environ)


def die(content: bytes) -> None:
    """Crash, as compiled code does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def freeze(content: bytes) -> None:
    """Stop where it stands."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(60)
