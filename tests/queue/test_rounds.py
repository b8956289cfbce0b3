"""Rounds: what a run does, what it does again, and what it does when something breaks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.newsroom import NOW, Clock, Desk, desk, newsroom
from worker.digest import verification
from worker.edition import Edition, Verdict
from worker.errors import AlreadyRunning
from worker.fetched import Fetched, SourceState
from worker.model import Job, Sentence
from worker.queue import rounds, working
from worker.runtime import Runtime
from worker.services import compose
from worker.settings import DigestSettings, ReadingSettings, SourceSettings
from worker.store import accounts, backlog, documents, editions, history

ROOT = Path(__file__).parents[2]


def poisonous(language: str, **_: object) -> Poisonous:
    """The ranker below, as the settings name it."""
    return Poisonous()


class Poisonous:
    """A ranker that one document kills."""

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
        """Ones, or an error."""
        if any("poison" in sentence.text for sentence in sentences):
            raise ZeroDivisionError("poisoned")
        return [1.0] * len(sentences)


def parts(folder: Path, ranker: str = "textrank", digest_ranker: str = "textrank") -> Runtime:
    """A runtime in a folder, with a desk and a clock set by hand."""
    return newsroom(
        folder,
        sources={"sample": SourceSettings(path=str(folder / "seeds"))},
        digests={"daily": DigestSettings(zone="UTC", ranker=digest_ranker)},
        reading=ReadingSettings(ranker=ranker),
    )


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """A runtime with a desk."""
    made = parts(tmp_path)
    yield made
    made.database.close()


def run(runtime: Runtime, day: date | None = None) -> rounds.Result:
    """A run over the desk."""
    return rounds.run(runtime, [Job("ingest", "desk")], ["daily"], day)


def test_every_document_is_accounted_for_once(tmp_path: Path) -> None:
    """Over the sample week, told and left out together are what came in, and nothing is told twice."""
    shutil.copytree(ROOT / "seeds" / "sample", tmp_path / "seeds")
    runtime = parts(tmp_path)
    told: list[str] = []
    answered: list[tuple[str, str]] = []
    for day in (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)):
        result = rounds.run(runtime, rounds.intake(runtime), ["daily"], day)
        assert not result.errors
        for edition in result.editions:
            told += [sentence.text for item in edition.items for sentence in item.summary.sentences]
            answered += [(answer.document, answer.revision) for answer in edition.account]

    assert len(answered) == len(set(answered)) == 25
    assert len(told) == len(set(told)) > 40


def test_a_quiet_day_writes_nothing(runtime: Runtime) -> None:
    """Without anything new there is no edition and no compose job."""
    desk(runtime).put("https://a.example/1", "A ship came in at noon with apples.")
    assert len(run(runtime).editions) == 1
    assert run(runtime).editions == []

    with runtime.database.reading() as session:
        assert backlog.census(session)["compose"] == {"done": 1}


def test_only_copies_are_accounted_for_but_not_told(runtime: Runtime) -> None:
    """When all that came in is known text, nobody is sent an edition, but each document has its answer."""
    desk(runtime).put("https://a.example/1", "A ship came in at noon with apples.")
    run(runtime)
    copy = desk(runtime).put("https://b.example/1", "A ship came in at noon with apples.")

    assert run(runtime).editions == []
    with runtime.database.reading() as session:
        [answer] = accounts.of_document(session, copy.id)
    assert answer["verdict"] == Verdict.copy
    assert desk(runtime).documents[0].id in answer["because"]


def test_a_revision_tells_what_changed_and_corrects_what_was_told(runtime: Runtime) -> None:
    """A sentence that was told and changes is a correction; what else is new is told; what stood is not."""
    one = desk(runtime).put(
        "https://a.example/1", "A ship came in at noon with apples.", "12 sailors were on board of it."
    )
    run(runtime)
    desk(runtime).documents.clear()
    more = "The harbour office will ask for the papers of the captain on Tuesday."
    desk(runtime).put(one.url, "A ship came in at noon with apples.", "15 sailors were on board of it.", more)
    result = run(runtime)

    assert [document.url for document in result.ingested[0].revised] == [one.url]
    [item], [correction] = result.editions[0].items, result.editions[0].corrections
    assert [sentence.text for sentence in item.summary.sentences] == [more]
    assert item.standing == "developing"
    assert (correction.told, correction.day) == ("12 sailors were on board of it.", NOW.date())
    assert correction.now is not None
    assert correction.now.text == "15 sailors were on board of it."
    assert desk(runtime).documents[0].quote(correction.now.span) == correction.now.text


def test_a_correction_that_is_taken_back_is_corrected(runtime: Runtime) -> None:
    """The reader would go on believing it; each revision has its answer, and each edition is made again as it was."""
    stood = ("A ship came in at noon with apples.", "The town had waited for it since the autumn.")
    said = {number: f"{number} sailors were on board of it, the harbour office said." for number in (12, 10)}
    made: list[Edition] = []
    for number in (12, 10, 12, 10):
        desk(runtime).documents.clear()
        desk(runtime).put("https://a.example/1", *stood, said[number])
        made += run(runtime).editions
        assert run(runtime).editions == []

    corrected = [[(c.told, c.now.text) for c in edition.corrections if c.now] for edition in made]
    assert corrected == [[], [(said[12], said[10])], [(said[10], said[12])], [(said[12], said[10])]]
    assert all(
        sentence.text != said[12] for edition in made[1:] for i in edition.items for sentence in i.summary.sentences
    )
    with runtime.database.reading() as session:
        answers = accounts.of_document(session, desk(runtime).documents[0].id)
        assert len({answer["revision"] for answer in answers}) == len(answers) == 4
        for edition in made:
            assert compose.again(session, edition, {}) == (edition, [])
            quoted = verification.quotes(edition)
            kept = documents.get(session, [(q.sentence.span.document, q.revision) for q in quoted])
            account = accounts.of_edition(session, edition.id)
            assert verification.verify(edition, {(d.id, d.revision): d for d in kept}, account).wrong == ()


def test_the_past_does_not_know_the_future(runtime: Runtime) -> None:
    """For a past day, what is dated later waits for its own day."""
    desk(runtime).put(
        "https://a.example/1", "A ship came in on the 20th of the month.", published=NOW - timedelta(days=3)
    )
    desk(runtime).put("https://a.example/2", "A ship left on the 22nd of the month.", published=NOW - timedelta(days=1))

    assert len(run(runtime, date(2026, 11, 20)).editions[0].items) == 1
    assert len(run(runtime, date(2026, 11, 21)).editions) == 0
    assert len(run(runtime).editions[0].items) == 1


def test_a_poisoned_document_stops_no_other(tmp_path: Path) -> None:
    """A document whose reading fails is accounted for as unreadable, and the others are told."""
    runtime = parts(tmp_path, ranker="tests.queue.test_rounds:poisonous")
    runtime.extra["desk"] = source = Desk()
    bad = source.put("https://a.example/1", "There was poison in the well of the town.")
    source.put("https://a.example/2", "There was water in the well of the town.")
    [edition] = run(runtime).editions

    assert len(edition.items) == 1
    answers = {answer.document: answer for answer in edition.account}
    assert answers[bad.id].verdict == Verdict.unreadable
    assert "poisoned" in answers[bad.id].because


def test_a_job_that_fails_is_tried_again_and_then_dead(tmp_path: Path) -> None:
    """A service that fails says so each time, is tried three times, and nothing of it is kept."""
    runtime = parts(tmp_path, digest_ranker="tests.queue.test_rounds:poisonous")
    runtime.extra["desk"] = source = Desk()
    source.put("https://a.example/1", "There was poison in the well of the town.")
    for _ in range(3):
        [error] = run(runtime).errors
        assert "poisoned" in str(error)
    with runtime.database.reading() as session:
        assert backlog.census(session)["compose"] == {"dead": 1}
        assert editions.latest(session, "daily") is None


def test_ctrl_c_costs_no_attempt(runtime: Runtime) -> None:
    """A run that is interrupted leaves its job due, and the next run ends it."""
    desk(runtime).put("https://a.example/1", "A ship came in at noon with apples.")

    class Interrupted(Desk):
        def fetch(self, state: SourceState) -> Fetched:
            raise KeyboardInterrupt

    runtime.extra["desk"], kept = Interrupted(), runtime.extra["desk"]
    with pytest.raises(KeyboardInterrupt):
        run(runtime)
    with runtime.database.reading() as session:
        assert backlog.census(session) == {"ingest": {"due": 1}}
    runtime.extra["desk"] = kept
    assert len(run(runtime).editions) == 1


def test_two_runs_at_once(runtime: Runtime) -> None:
    """While one run works, another is refused and changes nothing."""
    with runtime.database.sole_run(), pytest.raises(AlreadyRunning):
        run(runtime)

    with runtime.database.reading() as session:
        assert history.runs(session, 5) == []


def test_an_impossible_date_is_taken_out(runtime: Runtime) -> None:
    """A document from the year 9999 is kept without a date, with a warning."""
    one = desk(runtime).put(
        "https://a.example/1", "A ship came in at noon.", published=datetime(9999, 1, 1, tzinfo=UTC)
    )
    [ingested] = run(runtime).ingested

    assert [problem.fatal for problem in ingested.problems] == [False]
    with runtime.database.reading() as session:
        assert documents.newest(session, one.id).published is None


def test_what_a_source_lets_through_is_cleaned(runtime: Runtime) -> None:
    """Characters that no database takes are gone, and the text is still quoted word for word."""
    desk(runtime).put("https://a.example/1", "A ship\0 came in\ud800 at noon\x1b with cafe\u0301.")
    [edition] = run(runtime).editions

    assert [s.text for item in edition.items for s in item.summary.sentences] == [
        "A ship came in at noon with caf\u00e9."
    ]


def test_a_tick_twice_is_one(tmp_path: Path) -> None:
    """Two ticks put the same jobs into the queue once, and the second rings for what nobody took."""
    runtime = parts(tmp_path)
    first, second = rounds.tick(runtime), rounds.tick(runtime)

    assert [(job.kind, job.key) for job in first] == [("ingest", "sample"), ("prune", "jobs")]
    assert second == first


def test_a_clock_that_was_ahead_stops_nothing(runtime: Runtime) -> None:
    """What it put off until its own time is done when the clock is right again."""
    assert isinstance(runtime.now, Clock)
    done: list[Job] = []

    def attend() -> list[tuple[str, str]]:
        done.clear()
        rounds.attend(runtime, lambda: True, lambda one: done.append(one.job))
        return sorted((job.kind, job.key) for job in done if job.kind in ("ingest", "prune"))

    runtime.now.time = NOW + timedelta(days=365)
    assert attend() == [("ingest", "sample"), ("prune", "jobs")]
    runtime.now.time = NOW
    assert attend() == [("ingest", "sample"), ("prune", "jobs")]
    runtime.now.time = NOW + timedelta(minutes=59)
    assert attend() == []
    runtime.now.time = NOW + timedelta(hours=25)
    assert attend() == [("ingest", "sample"), ("prune", "jobs")]


def test_what_a_source_was_told_by_a_clock_ahead_counts_no_more(runtime: Runtime) -> None:
    """It would not be asked before that time; what it was told by a right clock stands."""
    seen: list[SourceState] = []

    class Shy:
        def fetch(self, state: SourceState) -> Fetched:
            seen.append(state)
            return Fetched((), (), replace(state, succeeded=runtime.now()))

    runtime.extra["desk"] = Shy()
    for wish in (timedelta(days=365), timedelta(days=6)):
        with runtime.database.writing() as session:
            known = history.source_state(session, "desk")
            history.keep_source_state(session, "desk", replace(known, not_before=NOW + wish), known)
        run(runtime)
    assert [state.not_before for state in seen] == [None, NOW + timedelta(days=6)]


def test_a_source_that_failed_for_long_is_tried_again(tmp_path: Path) -> None:
    """A recurring job that died is due again an hour later; without that a source was lost for ever."""

    class Away(Desk):
        def fetch(self, state: SourceState) -> Fetched:
            raise OSError("the shelf is away")

    runtime = parts(tmp_path)
    clock = runtime.now
    assert isinstance(clock, Clock)
    runtime.extra["sample"] = Away()
    for _ in range(3):
        rounds.tick(runtime)
        assert working.work(runtime, ["ingest"])
        clock.time += timedelta(minutes=15)
    assert [job.kind for job in rounds.tick(runtime)] == ["prune"]
    clock.time += timedelta(hours=1)
    assert [job.kind for job in rounds.tick(runtime)] == ["ingest", "prune"]


def test_what_another_recipe_has_read_is_read_again(tmp_path: Path) -> None:
    """After an upgrade, or with another ranker, what no edition has told yet is read anew, and told."""
    before = parts(tmp_path, ranker="luhn")
    before.extra["desk"] = source = Desk()
    for number in range(3):
        source.put(f"https://a.example/{number}", f"A ship came in at pier {number} with apples.")
    assert rounds.run(before, [Job("ingest", "desk")], []).errors == []
    before.database.close()

    after = parts(tmp_path, ranker="textrank")
    [edition] = rounds.run(after, [], ["daily"]).editions
    assert edition.counts.documents == 3
    after.database.close()
