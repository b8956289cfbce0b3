"""Parsers for tests: what strangers' text can do to the process that parses it."""

from __future__ import annotations

import os
import re
import signal
import stat
import struct
import time
from contextlib import suppress
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


def dawdle(content: bytes) -> str:
    """Take longer than whoever asks has patience."""
    time.sleep(0.6)
    return content.decode()


def forge(content: bytes) -> str:
    """Put an answer of its own before the one that is asked for, as code would that has taken over the child."""
    answer = b'{"value": "forged"}'
    for descriptor in range(3, 10):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack("!QQ", 8 + len(answer), 2**63) + answer)
    return "done"
