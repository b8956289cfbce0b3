"""Processes that read documents, a batch at a time, for the one process that saves what they read.

Each is started by exec, as the parser is (worker/parsing.py): threads run in the parent, so it cannot fork.
A batch goes in as a pickle, which the child trusts its parent with, and comes out as JSON: the places of
sentences, no texts. One that dies takes one batch with it, and another is started for the next.
"""

from __future__ import annotations

import json
import os
import pickle
import select
import sys
import traceback
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import NamedTuple

from worker import pipeline
from worker.errors import ProcessLost
from worker.model import Document, Reading, Summary
from worker.parsing import Child, got, put, said
from worker.text import spans


class Process(Child):
    """A process that reads; `answer` gives what it made of the documents that it was last asked for."""

    def __init__(self) -> None:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        # Ctrl-C is the parent's affair, also while this one starts.
        super().__init__("worker.services.processes", environment=environment, process_group=0)
        self._documents: Sequence[Document] = ()
        self._recipe = pipeline.Recipe()

    def fileno(self) -> int:
        """What becomes readable when there is an answer, or when the process has ended."""
        return self.answers.fileno()

    def ask(self, documents: Sequence[Document], recipe: pipeline.Recipe) -> None:
        """Have these read; one that has died says so when it is to answer."""
        self._documents, self._recipe = documents, recipe
        with suppress(BrokenPipeError):
            put(self.requests, pickle.dumps((documents, recipe)))

    def answer(self) -> list[Read]:
        """What `read` gives of each document that it was asked for. Raises ProcessLost."""
        try:
            found = json.loads(got(self.answers))
        except EOFError:
            code = self.process.wait()
            raise ProcessLost(f"the process that read it ended with {said(code)}") from None
        return [
            Read(spans.reading(document, self._recipe.id, places), trace)
            for document, (places, trace) in zip(self._documents, found, strict=True)
        ]


def ready(processes: Collection[Process]) -> list[Process]:
    """Those that have answered, or ended; waits for the first."""
    return select.select(list(processes), [], [])[0]


class Read(NamedTuple):
    """A reading, and the traceback of what went wrong with it, if something did."""

    reading: Reading
    trace: str = ""


def read(document: Document, recipe: pipeline.Recipe) -> Read:
    """The reading of a document; of one that cannot be read it says so itself."""
    try:
        return Read(pipeline.read(document, recipe))
    except Exception as error:  # noqa: BLE001  # a poisoned document is accounted for as unreadable
        reason = f"{type(error).__name__}: {error}"
        return Read(unreadable(document.id, document.revision, recipe, reason), traceback.format_exc())


def unreadable(document: str, revision: str, recipe: pipeline.Recipe, reason: str) -> Reading:
    """The reading of a revision that could not be read."""
    failure = f"reading it failed: {reason}"
    return Reading(document, revision, recipe.id, (), (), Summary((), recipe.ranker), failure)


def _serve() -> None:
    """The child: read until nobody asks."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a plug-in prints is no answer
    with suppress(EOFError, BrokenPipeError):
        while True:
            documents, recipe = pickle.loads(got(asked))  # noqa: S301  # from our parent
            found = [read(document, recipe) for document in documents]
            put(answers, json.dumps([(spans.placed(reading), trace) for reading, trace in found]).encode())


if __name__ == "__main__":
    _serve()
