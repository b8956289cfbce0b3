"""Slots in the database: each is settled once, with its edition, merged into a later one, or empty."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.newsroom import Clock, desk, newsroom
from worker.edition import Verdict
from worker.errors import JobLost
from worker.model import Job, Settled
from worker.queue import rounds, working
from worker.runtime import Runtime
from worker.settings import DigestSettings
from worker.store import editions, jobs, slots
from worker.store.backup import backup, restore

FIRST = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Town:
    """A runtime whose first edition is made, with a desk that has news when it is asked to."""

    def __init__(self, folder: Path, url: str, **digest: Any) -> None:
        asked = DigestSettings(**{"zone": "UTC", "ranker": "luhn", "forms": ("text",), **digest})
        self.runtime = newsroom(folder, url, digests={"daily": asked})
        self.desk = desk(self.runtime)
        self.runtime.now = self.clock = Clock()
        self.clock.time = FIRST
        self.news()
        self.minute()

    def news(self, source: str = "desk") -> None:
        """Something happens, and is read."""
        number = len(self.desk.documents)
        self.desk.put(f"https://a.example/{number}", f"Ship number {number} came in with {number} tons of apples.")
        with self.runtime.database.writing() as session:
            jobs.wake(session, [Job("ingest", source)], self.clock.time)
        while working.work(self.runtime, ["ingest", "read"]):
            pass

    def minute(self) -> None:
        """A tick, and all that follows from it."""
        rounds.tick(self.runtime)
        while working.work(self.runtime, ["compose", "deliver"]):
            pass

    def at(self, moment: str) -> None:
        """It is that time, and a minute like any other."""
        self.clock.time = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.minute()

    def settled(self) -> dict[str, tuple[str, str]]:
        """What came of each slot, and in which edition."""
        with self.runtime.database.reading() as session:
            return {one.slot: (one.outcome, one.edition) for one in slots.settled(session, "daily")}

    def days(self) -> list[date]:
        """The days of all editions."""
        with self.runtime.database.reading() as session:
            return [e.day for e in editions.between(session, "daily", date(2000, 1, 1), date(2100, 1, 1))]


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    """A town with a digest at seven."""
    made = Town(tmp_path, database_url)
    yield made
    made.runtime.database.close()


def test_an_edition_comes_at_its_time_and_once(town: Town) -> None:
    """Not a minute before; further ticks make no other, and what comes in later waits for tomorrow."""
    town.at("2026-11-23T06:30")
    town.news()
    town.at("2026-11-23T06:59")
    assert town.days() == [FIRST.date()]
    town.at("2026-11-23T07:00")
    town.at("2026-11-23T07:01")
    town.news()
    town.at("2026-11-23T09:00")
    assert town.days() == [FIRST.date(), date(2026, 11, 23)]
    town.at("2026-11-24T07:00")
    assert town.days() == [FIRST.date(), date(2026, 11, 23), date(2026, 11, 24)]
    assert {slot: outcome for slot, (outcome, _) in town.settled().items()} == {
        "2026-11-23T07:00": "edition",
        "2026-11-24T07:00": "edition",
    }


class Dawn(Town):
    """A town that begins half a minute before its time: nothing was read yet at the first tick."""

    def news(self, source: str = "desk") -> None:
        """The first of it comes with the second tick."""
        if not self.desk.documents:
            rounds.tick(self.runtime)
            self.clock.time += MINUTE
        super().news(source)


def test_who_begins_just_before_its_time_gets_the_first_edition(tmp_path: Path, database_url: str) -> None:
    """It is due once all that came in before it is read, and not a day later."""
    town = Dawn(
        tmp_path, database_url, at=(time(12, 1),), channels=({"kind": "files", "address": str(tmp_path / "x")},)
    )
    assert town.days() == [FIRST.date()]
    town.runtime.database.close()


def test_a_first_edition_that_somebody_waits_for_comes_at_its_time(tmp_path: Path, database_url: str) -> None:
    """A second folder stands for a reader: nothing at noon, as without readers, but one edition of all at seven."""
    town = Town(tmp_path, database_url, channels=({"kind": "files", "address": str(tmp_path / "copy")},))
    assert town.days() == []
    town.news()
    town.at("2026-11-23T06:59")
    assert (town.days(), (tmp_path / "copy").exists()) == ([], False)
    town.at("2026-11-23T07:00")
    assert town.days() == [date(2026, 11, 23)]
    assert (tmp_path / "copy").exists()
    told = (tmp_path / "out" / "2026-11-23" / "digest.txt").read_text(encoding="utf-8")
    assert "2 documents read" in told
    town.news()
    town.at("2026-11-24T07:00")
    assert town.days() == [date(2026, 11, 23), date(2026, 11, 24)]
    assert {slot: outcome for slot, (outcome, _) in town.settled().items()} == {
        "2026-11-23T07:00": "edition",
        "2026-11-24T07:00": "edition",
    }
    town.runtime.database.close()


def test_after_an_outage_one_edition_covers_all_slots(town: Town) -> None:
    """Three slots were missed: the last one has the edition, the others are merged into it."""
    town.news()
    town.at("2026-11-25T09:00")
    [made] = {edition for _, edition in town.settled().values()}
    assert made
    assert {slot: outcome for slot, (outcome, _) in town.settled().items()} == {
        "2026-11-23T07:00": "merged",
        "2026-11-24T07:00": "merged",
        "2026-11-25T07:00": "edition",
    }


def test_what_is_missed_by_too_much_waits_for_the_next_slot(town: Town) -> None:
    """Nobody wants the morning's digest at ten in the evening."""
    town.news()
    town.at("2026-11-23T19:01")
    assert town.settled() == {}
    town.at("2026-11-24T07:00")
    assert [outcome for outcome, _ in town.settled().values()] == ["edition", "merged"]


def test_an_empty_day_sends_nothing(town: Town) -> None:
    """The slot is settled all the same: what comes in an hour later is tomorrow's."""
    town.at("2026-11-23T07:00")
    assert town.settled() == {"2026-11-23T07:00": ("empty", "")}
    town.news()
    town.at("2026-11-23T08:00")
    assert town.days() == [FIRST.date()]


def test_an_empty_day_is_sent_where_it_is_asked_for(tmp_path: Path, database_url: str) -> None:
    """It says that there is nothing new."""
    town = Town(tmp_path, database_url, empty=True)
    town.at("2026-11-23T07:00")
    assert "Nothing new today." in (tmp_path / "out" / "2026-11-23" / "digest.txt").read_text(encoding="utf-8")
    assert [outcome for outcome, _ in town.settled().values()] == ["edition"]
    town.runtime.database.close()


def test_it_waits_for_what_is_being_read_but_not_for_ever(town: Town) -> None:
    """A source that never ends costs a quarter of an hour; after an outage no less."""
    town.news()
    with town.runtime.database.writing() as session:
        jobs.insert(session, [Job("ingest", "endless")], town.clock.time)
        jobs.claim(session, ["ingest"], town.clock.time, "somebody", "endless")
    town.at("2026-11-23T09:00")
    town.at("2026-11-23T09:14")
    assert town.settled() == {}
    town.at("2026-11-23T09:15")
    assert [outcome for outcome, _ in town.settled().values()] == ["edition"]


def test_several_times_a_day_have_folders_of_their_own(tmp_path: Path, database_url: str) -> None:
    """The evening's edition does not write over the morning's."""
    town = Town(tmp_path, database_url, at=(time(7), time(18)), days=("mon",))
    for moment in ("2026-11-23T07:00", "2026-11-23T18:00", "2026-11-24T07:00"):
        town.news()
        town.at(moment)
    written = {str(path.relative_to(tmp_path)) for path in (tmp_path / "out").rglob("digest.txt")}
    assert written == {
        "out/daily/latest/digest.txt",
        "out/daily/2026-11-22/digest.txt",
        "out/daily/2026-11-23-0700/digest.txt",
        "out/daily/2026-11-23-1800/digest.txt",
    }
    town.runtime.database.close()


def test_a_digest_is_made_of_what_it_names(tmp_path: Path, database_url: str) -> None:
    """The account says of all else that it is not what this digest is made of."""
    town = Town(tmp_path, database_url, sources=("press-*",))
    town.at("2026-11-23T07:00")
    with town.runtime.database.reading() as session:
        [edition] = editions.between(session, "daily", date(2026, 1, 1), date(2027, 1, 1))
    assert [(answer.verdict, answer.because) for answer in edition.account] == [
        (Verdict.filtered, "this digest is not made of the source 'desk'")
    ]
    town.runtime.database.close()


def test_two_that_settle_one_slot(town: Town) -> None:
    """The second is refused, and all that it would have saved with it."""
    due = datetime(2026, 11, 23, 7, tzinfo=UTC)
    with town.runtime.database.writing() as session:
        slots.settle(session, [Settled("daily", "2026-11-23T07:00", due, "edition", "one")])
    with pytest.raises(JobLost, match="somebody else"), town.runtime.database.writing() as session:
        slots.settle(session, [Settled("daily", "2026-11-23T07:00", due, "edition", "two")])
    assert town.settled() == {"2026-11-23T07:00": ("edition", "one")}


def test_two_ticks_two_composes_and_two_delivers_at_once(town: Town, tmp_path: Path) -> None:
    """Four workers at the same moment make one edition, and hand it over once."""
    town.news()
    town.clock.time = datetime(2026, 11, 23, 7, tzinfo=UTC)
    line, receipts = threading.Barrier(4), []

    def worker() -> None:
        line.wait()
        rounds.tick(town.runtime)
        line.wait()
        while done := working.work(town.runtime, ["compose", "deliver"]):
            receipts.append((done.job.kind, done.error))

    several = [threading.Thread(target=worker) for _ in range(4)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert Counter(receipts) == {("compose", None): 1, ("deliver", None): 1}
    assert town.days() == [FIRST.date(), date(2026, 11, 23)]


def test_a_holder_that_was_given_up_settles_nothing(town: Town) -> None:
    """It composed for longer than its lease: whoever took over made the edition, and its own is not kept."""
    town.news()
    town.clock.time = datetime(2026, 11, 23, 7, tzinfo=UTC)
    rounds.tick(town.runtime)
    slow = working.claimed(town.runtime, ["compose"])
    assert slow
    answer = working.attempted(town.runtime, slow)
    town.clock.time += HOUR
    town.minute()
    done = working.settled(town.runtime, slow, answer)
    assert isinstance(done.error, JobLost)
    assert town.days() == [FIRST.date(), date(2026, 11, 23)]


@pytest.mark.parametrize(
    ("seed", "length"), [(0, 40), *(pytest.param(seed, 365, marks=pytest.mark.faults) for seed in range(1, 4))]
)
def test_days_of_outages(tmp_path: Path, seed: int, length: int) -> None:
    """Random ticks over days of New York: every slot is settled once, every document told or accounted for once."""
    chance = random.Random(seed)
    town = Town(tmp_path, f"sqlite:///{tmp_path / 'year.db'}", zone="America/New_York", at=(time(1, 30), time(2, 30)))
    end = FIRST + length * DAY
    while town.clock.time < end:
        if chance.random() < 0.5:
            town.news()
        leap = chance.choice([HOUR, 5 * HOUR, 12 * HOUR, DAY]) if chance.random() < 0.97 else 9 * DAY
        town.clock.time += leap * chance.random()
        town.minute()
    town.news()
    town.clock.time = end + DAY
    for _ in range(24):
        town.clock.time += HOUR
        town.minute()
    with town.runtime.database.reading() as session:
        kept = slots.settled(session, "daily", most=2000)
        made = editions.between(session, "daily", FIRST.date(), end.date() + 3 * DAY)
    names = {one.slot for one in kept}
    days = [FIRST.date() + number * DAY for number in range(1, length)]
    assert {f"{day}T{at}" for day in days for at in ("01:30", "02:30")} <= names
    assert len(kept) == len(names)
    assert Counter(one.edition for one in kept if one.outcome == "edition").most_common(1)[0][1] == 1
    answered = [answer.document for edition in made for answer in edition.account]
    assert sorted(answered) == sorted(document.id for document in town.desk.documents)
    town.runtime.database.close()


def test_after_a_restore_todays_edition_is_not_made_again(tmp_path: Path) -> None:
    """The backup is from before seven, and knows nothing of the mail that went out then."""
    town = Town(tmp_path, f"sqlite:///{tmp_path / 'town.db'}")
    town.news()
    backup(town.runtime.database, tmp_path / "backup.db")
    town.at("2026-11-23T07:00")
    assert len(town.days()) == 2
    town.clock.time = datetime(2026, 11, 23, 9, tzinfo=UTC)
    restore(town.runtime.database, tmp_path / "backup.db", town.clock.time, replace=True)
    town.at("2026-11-23T09:01")
    assert town.days() == [FIRST.date()]
    town.at("2026-11-24T07:00")
    assert town.days() == [FIRST.date(), date(2026, 11, 24)]
    town.runtime.database.close()


@pytest.mark.parametrize("state", ["done", "dead"])
def test_a_slot_whose_job_ended_for_nothing_is_taken_up_again(town: Town, state: str) -> None:
    """A worker with another configuration took it, or it failed three times: within what is caught up, it comes."""
    town.news()
    town.clock.time = datetime(2026, 11, 23, 7, tzinfo=UTC)
    rounds.tick(town.runtime)
    with town.runtime.database.writing() as session:
        job = jobs.claim(session, ["compose"], town.clock.time, "old")
        assert job
        if state == "done":
            jobs.finish(session, job, town.clock.time)
        else:
            jobs.give_up(session, job, town.clock.time, "it failed")
    town.at("2026-11-23T07:01" if state == "done" else "2026-11-23T08:01")
    assert [outcome for outcome, _ in town.settled().values()] == ["edition"]


def test_a_first_edition_is_not_waited_for_for_ever(tmp_path: Path, database_url: str) -> None:
    """A source that never ends costs it a quarter of an hour, too."""
    town = Town(tmp_path, database_url)
    second = DigestSettings(zone="UTC", ranker="luhn", forms=("text",))
    changed = {"digests": {**town.runtime.settings.digests, "second": second}}
    parts = Runtime(town.runtime.settings.model_copy(update=changed), now=town.clock)
    with town.runtime.database.writing() as session:
        jobs.insert(session, [Job("ingest", "endless")], town.clock.time)
        jobs.claim(session, ["ingest"], town.clock.time, "somebody", "endless")
    for _ in range(16):
        rounds.tick(parts)
        town.clock.time += MINUTE
    while working.work(parts, ["compose"]):
        pass
    with parts.database.reading() as session:
        assert editions.exist(session, "second")
    parts.database.close()
    town.runtime.database.close()


def test_a_clock_that_was_years_ahead_silences_nobody(town: Town) -> None:
    """One tick in 2030, and the right time again: the days between come as ever."""
    town.at("2030-01-01T08:00")
    for day in ("2026-11-23", "2026-11-24"):
        town.news()
        town.at(f"{day}T07:00")
    assert {"2026-11-23T07:00": "edition", "2026-11-24T07:00": "edition"}.items() <= {
        slot: outcome for slot, (outcome, _) in town.settled().items()
    }.items()


def test_what_is_seen_in_time_is_not_missed(tmp_path: Path, database_url: str) -> None:
    """With five minutes to catch up, and nine of reading, it comes all the same."""
    town = Town(tmp_path, database_url, catch_up=5 * MINUTE)
    town.news()
    with town.runtime.database.writing() as session:
        jobs.insert(session, [Job("ingest", "slow")], town.clock.time)
        slow = jobs.claim(session, ["ingest"], town.clock.time, "somebody", "slow", {"ingest": 2 * DAY})
    town.at("2026-11-23T07:00")
    with town.runtime.database.writing() as session:
        assert slow
        jobs.finish(session, slow, town.clock.time)
    town.at("2026-11-23T07:09")
    assert [outcome for outcome, _ in town.settled().values()] == ["edition"]
    town.runtime.database.close()


def test_a_month_that_begins_with_nothing_has_an_archive(tmp_path: Path, database_url: str) -> None:
    """An empty edition that was asked for is written, with index and search."""
    town = Town(tmp_path, database_url, empty=True, forms=("html",))
    town.at("2026-12-01T07:00")
    assert (tmp_path / "out" / "2026-12-01" / "digest.html").is_file()
    town.runtime.database.close()
