"""Other processes: several at once, and what a program prints."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SPAWN = multiprocessing.get_context("spawn")


def together(target: Callable[..., Any], each: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What the function gives in a process for each of these arguments; none of them may raise."""
    answers: multiprocessing.Queue[Any] = SPAWN.Queue()
    processes = [SPAWN.Process(target=_told, args=(target, answers, *given)) for given in each]
    for process in processes:
        process.start()
    found = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    assert not [answer for answer in found if isinstance(answer, str) and answer.startswith("error")], found
    return found


def _told(target: Callable[..., Any], answers: Any, *given: Any) -> None:
    try:
        answers.put(target(*given))
    except Exception as error:  # noqa: BLE001  # it is what the test asks for
        answers.put(f"error {type(error).__name__}: {error}")


def printed(program: str, *arguments: str, **environ: str) -> str:
    """What a Python program prints in a process of its own, in the project's folder."""
    command = [sys.executable, "-c", program, *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=True).stdout
