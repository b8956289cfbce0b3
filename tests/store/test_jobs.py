"""The queue: claims, leases, tokens, attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.processes import together
from worker.errors import JobLost
from worker.model import Job
from worker.store import backlog, jobs
from worker.store.database import Database
from worker.store.tables import JobRow

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = NOW + jobs.LEASE + timedelta(seconds=1)


def put(database: Database, *keys: str, kind: str = "read") -> None:
    """Put jobs into the queue."""
    with database.writing() as session:
        jobs.insert(session, [Job(kind, key) for key in keys], NOW)


def take(database: Database, now: datetime = NOW, holder: str = "a", key: str | None = None) -> Job | None:
    """Claim the next job."""
    with database.writing() as session:
        return jobs.claim(session, ["read", "compose"], now, holder, key)


def state(database: Database, kind: str = "read") -> dict[str, int]:
    """How many jobs of a kind are in which state."""
    with database.reading() as session:
        return backlog.census(session).get(kind, {})


def test_a_job_is_named_by_what_it_does(database: Database) -> None:
    """The same job put in twice is one job."""
    put(database, "x", "x", "y")
    with database.writing() as session:
        assert jobs.insert(session, [Job("read", "x"), Job("read", "z")], NOW) == [Job("read", "z")]

    assert state(database) == {"due": 3}


def test_a_claim_counts_the_attempt_and_raises_the_token(database: Database) -> None:
    """A claimed job is nobody else's until its lease is over; then it is taken with a new token."""
    put(database, "x")
    first = take(database)
    assert first and (first.attempt, first.token) == (1, 1)
    assert take(database) is None
    second = take(database, LATER, "b")
    assert second and (second.attempt, second.token) == (2, 2)


def test_a_late_result_is_refused(database: Database) -> None:
    """Who lost a job to a later claim cannot finish it, and the effect goes with the refusal."""
    put(database, "x")
    first = take(database)
    second = take(database, LATER, "b")
    assert first and second

    with pytest.raises(JobLost), database.writing() as session:
        jobs.insert(session, [Job("read", "effect")], NOW)
        jobs.finish(session, first, LATER)
    with database.writing() as session:
        jobs.finish(session, second, LATER)

    assert state(database) == {"done": 1}


def test_three_crashes_make_it_dead(database: Database) -> None:
    """A job whose worker is gone three times is given up, and says so."""
    put(database, "x")
    now = NOW
    for _ in range(jobs.ATTEMPTS):
        assert take(database, now)
        now += jobs.LEASE + timedelta(seconds=1)
    assert take(database, now) is None
    with database.writing() as session:
        jobs.bury(session, now)
        troubled = backlog.troubled(session)

    assert state(database) == {"dead": 1}
    assert "started 3 times" in troubled[0].error


def test_failures_wait_and_end(database: Database) -> None:
    """A failed attempt is put off, the third one ends the job with its reason."""
    put(database, "x")
    for attempt, again in ((1, True), (2, True), (3, False)):
        job = take(database, NOW + timedelta(hours=attempt))
        assert job
        with database.writing() as session:
            put_off = NOW + timedelta(hours=attempt, minutes=1)
            assert jobs.fail(session, job, NOW, "no luck", put_off) is again
        assert take(database, NOW + timedelta(hours=attempt)) is None

    assert state(database) == {"dead": 1}


def test_a_recurring_job_is_due_again(database: Database) -> None:
    """A job that recurs is armed again with no attempts, and its token goes on rising."""
    put(database, "x")
    job = take(database)
    assert job
    with database.writing() as session:
        jobs.finish(session, job, NOW, again=NOW + timedelta(hours=1))

    assert take(database) is None
    again = take(database, NOW + timedelta(hours=1))
    assert again and (again.attempt, again.token) == (1, 2)


def test_a_released_job_counts_no_attempt(database: Database) -> None:
    """A job given back is as it was before, but for its token."""
    put(database, "x")
    job = take(database)
    assert job
    with database.writing() as session:
        jobs.release(session, job)
    again = take(database)

    assert again and (again.attempt, again.token) == (1, 2)


def test_the_dead_holder_s_jobs_are_free_at_once(database: Database) -> None:
    """The jobs of a holder that is gone are free before their lease ends; those of others are not."""
    put(database, "x", "y")
    assert take(database, holder="run")
    assert take(database, holder="celery")
    with database.writing() as session:
        jobs.reclaim(session, "run", NOW)

    assert take(database)
    assert take(database) is None


def test_a_named_job_only(database: Database) -> None:
    """A claim by key takes that job or none."""
    put(database, "x", "y")

    assert take(database, key="nobody") is None
    job = take(database, key="y")
    assert job and job.key == "y"


def test_waking_makes_due_now_but_leaves_the_running(database: Database) -> None:
    """A woken job is due at once, unless somebody is at it."""
    put(database, "x", "y")
    assert take(database, key="x")
    with database.writing() as session:
        jobs.wake(session, [Job("read", "x"), Job("read", "y"), Job("read", "z")], NOW)

    assert state(database) == {"due": 2, "running": 1}


def test_done_jobs_are_forgotten_in_time(database: Database) -> None:
    """Only what was done before the given time is pruned."""
    put(database, "x", "y")
    job = take(database)
    assert job
    with database.writing() as session:
        jobs.finish(session, job, NOW)
    with database.writing() as session:
        assert backlog.forget(session, NOW) == 0
        assert backlog.forget(session, NOW + timedelta(days=1)) == 1

    assert state(database) == {"due": 1}


def _claim_all(url: str) -> list[str]:
    database, mine = Database(url), []
    while job := take(database, holder="x"):
        mine.append(job.key)
    return mine


@pytest.mark.parametrize(("number", "processes"), [(300, 4), pytest.param(2000, 6, marks=pytest.mark.faults)])
def test_nobody_claims_what_another_has(database: Database, database_url: str, number: int, processes: int) -> None:
    """Naive, PostgreSQL, no lock, the state not repeated in the outer WHERE: 5,146 runs of 2,000 jobs."""
    put(database, *(f"{place:04}" for place in range(number)))
    claimed = [key for mine in together(_claim_all, [(database_url,)] * processes) for key in mine]
    assert sorted(claimed) == [f"{place:04}" for place in range(number)]


def test_a_last_attempt_that_is_under_way_is_not_buried(database: Database) -> None:
    """It may succeed yet; only when its lease is over it was a crash."""
    put(database, "x")
    for attempt in range(jobs.ATTEMPTS):
        assert take(database, NOW + attempt * (jobs.LEASE + timedelta(seconds=1)))
    last = NOW + (jobs.ATTEMPTS - 1) * (jobs.LEASE + timedelta(seconds=1))
    with database.writing() as session:
        assert jobs.bury(session, last + jobs.LEASE) == []
        assert jobs.held(session, "read", "x", last + jobs.LEASE)
        assert [job.key for job in jobs.bury(session, last + jobs.LEASE + timedelta(seconds=1))] == ["x"]
        assert not jobs.held(session, "read", "x", last)


def test_a_wait_that_is_longer_than_it_may_be_is_over(database: Database) -> None:
    """Of what is put off further than its own interval; the rest waits on."""
    with database.writing() as session:
        jobs.insert(session, [Job("ingest", "a"), Job("ingest", "b"), Job("deliver", "c"), Job("deliver", "d")], NOW)
        for key, wait in (("a", 9), ("b", 9), ("c", 2), ("d", 1)):
            session.execute(update(JobRow).where(JobRow.key == key).values(not_before=NOW + timedelta(days=wait)))
        jobs.hasten(session, {("ingest", "a"): timedelta(days=10), ("ingest", "b"): timedelta(days=8)}, NOW)
        assert [job.key for job in jobs.due(session, NOW)] == ["c", "b"]


def test_work_that_was_done_a_moment_ago_is_not_stalled(database: Database) -> None:
    """Also what recurs: it is due again, and was taken up."""
    put(database, "x", kind="compose")
    job = take(database)
    assert job
    with database.writing() as session:
        jobs.finish(session, job, NOW, again=NOW - timedelta(hours=1))
    with database.reading() as session:
        assert backlog.stalled(session, NOW + timedelta(seconds=50)) == []
        assert backlog.stalled(session, NOW + timedelta(seconds=70)) == ["compose"]
