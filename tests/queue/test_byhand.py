"""By hand, or by a message: an edition sent once more, and what a message may not do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from tests.newsroom import NOW, Desk, composed, drain, later
from tests.services.test_deliver import READER, parts
from tests.sink import Sink, smtp_sink
from worker.errors import AlreadyRunning, DeliveryRefused, NotFound
from worker.model import Delivery, Job
from worker.queue import byhand, rounds, working
from worker.runtime import Runtime
from worker.services.deliver import _Marked
from worker.store import editions, jobs, subscriptions
from worker.store.tables import JobRow


@pytest.fixture
def runtime(tmp_path: Path, database_url: str, sink: Sink) -> Iterator[Runtime]:
    """A runtime with one reader, and an edition that the server refused."""
    made = parts(tmp_path, database_url, sink)
    sink.answers["RCPT"] = "550 5.1.1 no such user"
    composed(made)
    drain(made)
    sink.answers.clear()
    yield made
    made.database.close()


def name(runtime: Runtime) -> str:
    """The edition, as a person would name it."""
    with runtime.database.reading() as session:
        edition = editions.latest(session, "daily")
    assert edition
    return f"daily/{edition.day}"


def test_resend_reaches_those_it_did_not_reach(runtime: Runtime, sink: Sink) -> None:
    """Once: asked again, there is nothing to do."""
    jobs = byhand.asked(runtime, "resend", name(runtime))
    drain(runtime)
    assert [taken.recipients for taken in sink.messages] == [(READER,)]
    assert len(jobs) == 1
    assert byhand.asked(runtime, "resend", name(runtime)) == []


def test_a_reader_who_lost_it_gets_it_once_more(runtime: Runtime, sink: Sink) -> None:
    """The same bytes, whatever came of it before."""
    for _ in range(2):
        assert len(byhand.asked(runtime, "resend", f"{name(runtime)} {READER}")) == 1
        drain(runtime)
    assert len(sink.messages) == 2
    assert len({taken.content for taken in sink.messages}) == 1


def test_a_message_does_not_choose_who_gets_mail(runtime: Runtime, sink: Sink) -> None:
    """Whoever can write to Redis cannot have a digest sent to a stranger."""
    with pytest.raises(NotFound, match=r"stranger@example\.com does not read daily"):
        byhand.asked(runtime, "resend", f"{name(runtime)} stranger@example.com")
    with pytest.raises(NotFound, match="there is no edition"):
        byhand.asked(runtime, "resend", f"weekly/2026-11-23 {READER}")
    drain(runtime)
    assert sink.messages == []


def test_what_would_be_is_what_then_is(tmp_path: Path, database_url: str, sink: Sink) -> None:
    """The edition that is shown before it is made is the one that is made then; showing it keeps nothing."""
    made = parts(tmp_path, database_url, sink)
    digest, day = made.digest("daily"), NOW.date()
    assert byhand.would_be(made, digest, day) is None
    with made.database.writing() as session:
        jobs.wake(session, [Job("ingest", "desk")], made.now())
    while working.work(made, ["ingest", "read"]):
        pass
    shown = byhand.would_be(made, digest, day)
    with made.database.reading() as session:
        assert not editions.exist(session, "daily")
    composed(made)
    with made.database.reading() as session:
        assert editions.latest(session, "daily") == shown
    assert byhand.would_be(made, digest, day) is None
    made.database.close()


def test_a_message_that_comes_three_times_sends_one_mail(runtime: Runtime, sink: Sink) -> None:
    """Redis may double it, and anybody may forge it: nothing is sent that was sent."""
    for _ in range(3):
        byhand.asked(runtime, "resend", f"{name(runtime)} {READER}", by_message=True)
        drain(runtime)
    assert [taken.recipients for taken in sink.messages] == [(READER,)]


def test_a_message_makes_no_edition_of_another_day(runtime: Runtime) -> None:
    """Nor does anybody make one of a day that is still to come."""
    for by_message, day in ((True, "2026-11-22"), (True, "2062-01-01"), (False, "2062-01-01")):
        with pytest.raises(NotFound):
            byhand.asked(runtime, "compose", f"daily/{day}", by_message=by_message)


def test_who_unsubscribes_while_the_mail_is_packed_gets_none(tmp_path: Path, database_url: str) -> None:
    """Between the packing and the dot there may be a wait for a line."""
    with smtp_sink() as sink:
        made = parts(tmp_path, database_url, sink)
        composed(made)
        with made.database.reading() as session:
            edition = editions.latest(session, "daily")
            assert edition
            [mine] = [one for one in editions.deliveries(session, edition.id) if one.subscriber.address == READER]
        job = working.claimed(made, ["deliver"], mine.id)
        assert job
        passage = _Marked(made, job, mine)
        passage.keep(b"packed")
        with made.database.writing() as session:
            subscriptions.unsubscribe(session, "daily", READER, 0, made.now())
        with pytest.raises(DeliveryRefused, match="any more"):
            passage.crossing()
        made.database.close()


def readers(runtime: Runtime) -> Delivery:
    """The reader's delivery."""
    with runtime.database.reading() as session:
        edition = editions.latest(session, "daily")
        assert edition
        [mine] = [one for one in editions.deliveries(session, edition.id) if one.subscriber.address == READER]
    return mine


def test_what_is_being_sent_is_not_begun_anew(runtime: Runtime, sink: Sink) -> None:
    """Who sends it would find his mark gone, and give it up."""
    byhand.asked(runtime, "resend", f"{name(runtime)} {READER}")
    job = working.claimed(runtime, ["deliver"], readers(runtime).id)
    assert job
    passage = _Marked(runtime, job, readers(runtime))
    passage.keep(b"packed")
    with pytest.raises(AlreadyRunning, match="is being sent"):
        byhand.asked(runtime, "resend", f"{name(runtime)} {READER}")
    passage.crossing()
    assert (readers(runtime).status, readers(runtime).packed) == ("committing", b"packed")


def test_what_a_crash_left_half_sent_goes_on_from_there(runtime: Runtime, sink: Sink) -> None:
    """Asked for again, it is one mail too many perhaps, and that is counted."""
    byhand.asked(runtime, "resend", f"{name(runtime)} {READER}")
    job = working.claimed(runtime, ["deliver"], readers(runtime).id)
    assert job
    passage = _Marked(runtime, job, readers(runtime))
    passage.keep(readers(runtime).packed or b"Subject: packed\r\n\r\nbefore\r\n")
    passage.crossing()
    later(runtime, timedelta(hours=1))
    byhand.asked(runtime, "resend", f"{name(runtime)} {READER}")
    drain(runtime)
    assert (readers(runtime).status, readers(runtime).doubts, len(sink.messages)) == ("sent", 1, 1)


def test_a_message_sends_nothing_that_is_held_in_doubt(runtime: Runtime, sink: Sink) -> None:
    """It may have arrived: only a person sends it again."""
    with runtime.database.writing() as session:
        editions.mark(session, readers(runtime).id, status="unknown")
    for key in (name(runtime), f"{name(runtime)} {READER}"):
        assert byhand.asked(runtime, "resend", key, by_message=True) == []
    drain(runtime)
    assert (readers(runtime).status, sink.messages) == ("unknown", [])


def test_a_key_that_no_database_takes_names_nothing(runtime: Runtime) -> None:
    """A forged message is refused with a sentence, on both databases."""
    for kind in ("read", "deliver", "resend"):
        with pytest.raises(NotFound):
            byhand.asked(runtime, kind, "daily\0/2026\ud800", by_message=True)


def test_editions_of_a_day_are_numbered_on_though_the_first_job_is_forgotten(runtime: Runtime) -> None:
    """Else the next one would meet a job that is done, and no edition be made."""
    day = NOW.date()
    desk = runtime.extra["desk"]
    assert isinstance(desk, Desk)
    for number in (2, 3):
        desk.put(f"https://a.example/{number}", f"Ship number {number} came in at night with pears for the harbour.")
        rounds.run(runtime, [Job("ingest", "desk")], ["daily"])
    with runtime.database.writing() as session:
        session.execute(delete(JobRow).where(JobRow.kind == "compose", JobRow.key == f"daily/{day}"))
    desk.put("https://a.example/4", "The last ship of the year left for the islands on Friday morning.")
    rounds.run(runtime, [Job("ingest", "desk")], ["daily"])
    with runtime.database.reading() as session:
        assert [one.number for one in editions.of_day(session, "daily", day)] == [1, 2, 3, 4]
