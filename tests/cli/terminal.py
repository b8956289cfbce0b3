"""A terminal of 80 columns in which the command is called, as a person does."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.cli.desk import COMMAND, environment

_COLUMNS = 80


def typed(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The exit code, and all that the terminal was sent."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, _COLUMNS, 0, 0))
    plain = {name: value for name, value in environment(environ or {}).items() if name not in ("COLUMNS", "NO_COLOR")}
    if "NO_COLOR" in (environ or {}):
        plain["NO_COLOR"] = "1"
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**plain, "TERM": (environ or {}).get("TERM", "xterm-256color")},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        sent = b""
        with suppress(OSError):  # the other end is gone
            while chunk := os.read(ours, 65536):
                sent += chunk
    os.close(ours)
    return process.returncode, sent.decode().replace("\r\n", "\n")
