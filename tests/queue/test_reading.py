"""Reading in processes: the same readings, and nothing lost when a process dies or somebody stops it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.builders import NEWS
from worker import pipeline
from worker.errors import ProcessLost
from worker.fetched import Fetched, SourceState
from worker.model import Document, Job, Sentence
from worker.queue import reading, rounds
from worker.queue.working import Done
from worker.runtime import Runtime
from worker.services.processes import Process
from worker.settings import DigestSettings, ReadingSettings, Settings
from worker.store import backlog, jobs, readings
from worker.text.identity import document

_MANY = 6 * 50


def deadly(language: str, **_: object) -> Deadly:
    """The ranker below, as the settings name it."""
    return Deadly()


class Deadly:
    """A ranker that ends its process over one document, and says on stdout what it does."""

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
        """Ones, or the end."""
        print("ranking")
        if any("poison" in sentence.text for sentence in sentences):
            os.kill(os.getpid(), signal.SIGKILL)
        if any("venom" in sentence.text for sentence in sentences):
            raise ZeroDivisionError("bitten")
        return [1.0] * len(sentences)


class Shelf:
    """A source of very many documents."""

    def __init__(self, *more: str) -> None:
        texts = [f"Ship {number} came in at noon with apples." for number in range(_MANY)]
        self.documents = tuple(_document(number, text) for number, text in enumerate([*texts, *more]))

    def fetch(self, state: SourceState) -> Fetched:
        """All there is."""
        return Fetched(self.documents, (), state)


def _document(number: int, *paragraphs: str) -> Document:
    return document(
        source="shelf", url=f"https://a.example/{number}", title="Ships", published=None,
        paragraphs=paragraphs, language="en", shuffled=True,
    )  # fmt: skip


def parts(folder: Path, *more: str, ranker: str = "tests.queue.test_reading:deadly") -> Runtime:
    """A runtime with a shelf."""
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{folder / 'unbury.db'}"),
        out=folder / "out",
        digests={"daily": DigestSettings(zone="UTC")},
        reading=ReadingSettings(ranker=ranker),
    )
    made = Runtime(settings)
    made.database.ready()
    made.extra["shelf"] = Shelf(*more)
    return made


@pytest.fixture
def process() -> Iterator[Process]:
    """One process that reads."""
    made = Process()
    yield made
    made.end()


def test_another_process_reads_as_this_one_does(process: Process) -> None:
    """Sentences, repeats, summary and sketch are the same, and so is what one says that cannot be read."""
    texts = [_document(1, *NEWS, NEWS[0]), _document(2), _document(3, "Schön war's, sagte 8-mal „Ada“.\ud800")]
    own = pipeline.Recipe("tests.queue.test_reading:deadly")
    for recipe in (pipeline.Recipe("unbury"), own):
        process.ask(texts, recipe)
        assert [reading for reading, _ in process.answer()] == [pipeline.read(text, recipe) for text in texts]
    process.ask([_document(4, "There was venom in it.")], own)
    [(unread, trace)] = process.answer()
    assert unread.failure == "reading it failed: ZeroDivisionError: bitten"
    assert "bitten" in trace


def test_a_process_that_is_killed_while_it_waits_says_so_and_can_be_closed(process: Process) -> None:
    """As by the kernel, where memory is short: what it was never given is lost with it, and nothing else."""
    process.process.kill()
    process.process.wait()
    process.ask([_document(1, *NEWS)], pipeline.Recipe())
    with pytest.raises(ProcessLost, match="signal 9"):
        process.answer()
    process.end()


def test_a_document_that_ends_its_process_takes_no_other_with_it(tmp_path: Path) -> None:
    """All others are read in the same run; it is tried three times in all, and then accounted for."""
    runtime = parts(tmp_path, "There was poison in the well.", "There was venom in the well.")
    result = rounds.run(runtime, [Job("ingest", "shelf")], [])
    assert [str(error) for error in result.errors] == ["the process that read it ended with signal 9"]
    with runtime.database.reading() as session:
        assert len(readings.unaccounted(session, "daily", runtime.recipe.id, None)) == _MANY + 1
        assert backlog.census(session)["read"]["due"] == 1

    for _ in range(2):
        assert rounds.run(runtime, [], []).errors
    assert rounds.run(runtime, [], []).errors == []
    with runtime.database.reading() as session:
        found = readings.unaccounted(session, "daily", runtime.recipe.id, None)
    failures = sorted(one.reading.failure for one in found if one.reading.failure)
    assert len(found) == _MANY + 2
    assert failures == [
        "reading it failed: ZeroDivisionError: bitten",
        "reading it failed: the process that read it ended with signal 9",
    ]
    runtime.database.close()


def test_who_stops_a_run_leaves_all_that_is_not_read_to_the_next(tmp_path: Path) -> None:
    """Ctrl-C ends the processes, costs no job an attempt, and the next run reads the rest."""
    runtime, told = parts(tmp_path, ranker="unbury"), list[Done]()

    def interrupted(done: Done) -> None:
        told.append(done)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rounds.run(runtime, [Job("ingest", "shelf")], [], watch=interrupted)
    with runtime.database.reading() as session:
        assert backlog.census(session)["read"] == {"done": 2, "due": 4}
        assert {job.attempt for job in jobs.due(session, runtime.now()) if job.kind == "read"} == {0}
    assert rounds.run(runtime, [], []).errors == []
    with runtime.database.reading() as session:
        assert len(readings.unaccounted(session, "daily", runtime.recipe.id, None)) == _MANY
    runtime.database.close()


def test_a_process_that_never_starts_leaves_the_work_to_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few that are lost the rest is read here, and nothing is missing."""
    monkeypatch.setattr(reading, "Process", Stillborn)
    runtime = parts(tmp_path, ranker="unbury")
    assert rounds.run(runtime, [Job("ingest", "shelf")], []).errors == []
    with runtime.database.reading() as session:
        assert len(readings.unaccounted(session, "daily", runtime.recipe.id, None)) == _MANY
    runtime.database.close()


class Stillborn(Process):
    """A process that has ended before it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.process.kill()
        self.process.wait()
