"""Several processes at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

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
