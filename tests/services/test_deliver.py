"""A delivery's way: killed at any step, it arrives once, or twice in the one doubtful window, and that is counted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import event

from tests.newsroom import NOW, Desk, composed, delivery, drain, later, newsroom, told
from tests.sink import DROP, HANG, Sink, smtp_sink
from worker.delivery import connection
from worker.edition import Edition
from worker.errors import JobLost
from worker.fetched import Fetched, SourceState
from worker.model import Delivery, Job, Part, Rendition, Subscriber
from worker.plugins import Exporter
from worker.queue import deliveries, working
from worker.runtime import Runtime
from worker.services.work import Delivered
from worker.settings import DigestSettings, Settings, SmtpSettings
from worker.store import backlog, documents, editions, jobs

READER = "reader@example.net"


class Killed(BaseException):
    """The process is gone."""


def parts(folder: Path, url: str, sink: Sink, on_doubt: str = "resend") -> Runtime:
    """A runtime with one reader and something to tell."""
    smtp = {"host": "127.0.0.1", "port": sink.port, "security": "none", "on_doubt": on_doubt}
    digests = {"daily": DigestSettings(zone="UTC", subscribers=(READER,))}
    return told(newsroom(folder, url, digests=digests, smtp=SmtpSettings.model_validate(smtp)))


def mail(runtime: Runtime) -> Delivery:
    """The reader's delivery."""
    return delivery(runtime, "mail")


@pytest.fixture
def mailing(tmp_path: Path, database_url: str, sink: Sink) -> Iterator[Runtime]:
    """A runtime with one reader, whose edition is made and not delivered."""
    made = parts(tmp_path, database_url, sink)
    composed(made)
    yield made
    made.database.close()


@pytest.mark.parametrize("at", ["EHLO", "MAIL", "RCPT", "DATA", "crossing", "DOT-LATE", "after"])
def test_killed_at_any_point(tmp_path: Path, database_url: str, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine dies there; the next holder ends it. Naive, send then commit: twice with two ids at 3 of 7 points."""
    with smtp_sink() as sink:
        runtime = parts(tmp_path, database_url, sink)
        composed(runtime)
        die = _dying(at, sink, monkeypatch)
        with pytest.raises(Killed):
            drain(runtime)
        die.undo()
        sink.answers.clear()
        later(runtime, timedelta(hours=1))
        drain(runtime)

        delivery = mail(runtime)
        doubtful = at in ("crossing", "DOT-LATE", "after")
        assert (delivery.status, delivery.doubts) == ("sent", int(doubtful))
        assert len(sink.messages) == (2 if at in ("DOT-LATE", "after") else 1)
        assert len({taken.content for taken in sink.messages}) == 1
        runtime.database.close()


def _dying(at: str, sink: Sink, patch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Make the process die at a point: nothing of what follows is done, not even the job's release."""
    from worker.delivery import connections
    from worker.delivery.connection import Connection
    from worker.delivery.smtp import Conversation
    from worker.store import jobs

    def killed(*_: object, **__: object) -> None:
        raise Killed

    patch.setattr(jobs, "release", lambda session, job: None)
    if at == "crossing":
        patch.setattr(Connection, "final_dot", killed)
    elif at == "after":
        send = Conversation.send

        def sent(*given: object) -> str:
            send(*given)  # type: ignore[arg-type]  # handed on as they are
            raise Killed

        patch.setattr(Conversation, "send", sent)
    elif at == "DOT-LATE":
        getreply = Connection.final_dot

        def unheard(self: Connection) -> tuple[int, bytes]:
            getreply(self)
            raise Killed

        patch.setattr(Connection, "final_dot", unheard)
    else:
        sink.answers[at] = DROP
        patch.setattr(Conversation, "_explained", killed)
        patch.setattr(connections, "explained", killed)
    return patch


def test_hold_waits_for_a_decision(tmp_path: Path, database_url: str) -> None:
    """With on_doubt = "hold" nothing goes out again by itself, and the queue says what to decide."""
    with smtp_sink() as sink:
        runtime = parts(tmp_path, database_url, sink, on_doubt="hold")
        composed(runtime)
        sink.answers["DOT-LATE"] = DROP
        drain(runtime)
        later(runtime, timedelta(days=2))
        drain(runtime)

        assert mail(runtime).status == "unknown"
        assert len(sink.messages) == 1
        with runtime.database.reading() as session:
            [trouble] = backlog.troubled(session)
        assert (trouble.kind, trouble.state) == ("deliver", "dead")
        runtime.database.close()


def test_a_4xx_is_tried_for_a_day(mailing: Runtime, sink: Sink) -> None:
    """Again and again, ever more rarely; after a day it has failed, and says what the server said."""
    sink.answers["RCPT"] = "451 greylisted"
    for _ in range(40):
        drain(mailing)
        later(mailing, timedelta(hours=1))
    assert (mail(mailing).status, sink.seen.count("RCPT") > 20) == ("failed", True)
    assert "greylisted" in mail(mailing).receipt


def test_greylisted_and_then_taken(mailing: Runtime, sink: Sink) -> None:
    """A server that takes it at the second try gets it once."""
    sink.answers["RCPT"] = "451 greylisted"
    drain(mailing)
    sink.answers.clear()
    later(mailing, timedelta(minutes=5))
    drain(mailing)
    assert (mail(mailing).status, mail(mailing).doubts, len(sink.messages)) == ("sent", 0, 1)


def test_a_5xx_is_never_tried_again(mailing: Runtime, sink: Sink, tmp_path: Path) -> None:
    """It has failed at once, the files of the same edition are written all the same."""
    sink.answers["RCPT"] = "550 no such user"
    for _ in range(3):
        drain(mailing)
        later(mailing, timedelta(hours=2))
    assert (mail(mailing).status, sink.seen.count("RCPT")) == ("failed", 1)
    assert (tmp_path / "out" / "2026-11-23" / "digest.txt").exists()


def test_after_a_restore_no_mail_goes_out_twice(tmp_path: Path) -> None:
    """What was under way when the backup was made is held; what was sent stays sent. Naive: sent again."""
    from worker.store.backup import backup, restore

    url = f"sqlite:///{tmp_path / 'unbury.db'}"
    with smtp_sink() as sink:
        runtime = parts(tmp_path, url, sink)
        composed(runtime)
        backup(runtime.database, tmp_path / "backup.db")
        drain(runtime)
        assert len(sink.messages) == 1
        held = restore(runtime.database, tmp_path / "backup.db", NOW, replace=True)
        later(runtime, timedelta(days=2))
        drain(runtime)
        assert (held, mail(runtime).status, len(sink.messages)) == (2, "unknown", 1)
        runtime.database.close()


class Broken:
    """A form with a bug in it."""

    def __init__(self, settings: Settings) -> None:
        """Made like any other."""

    def export(self, edition: Edition) -> Rendition:
        """An error of Python's."""
        raise AttributeError("no such thing")


class Plain:
    """A form whose files have names of its own."""

    def __init__(self, settings: Settings) -> None:
        """Made like any other."""

    def export(self, edition: Edition) -> Rendition:
        """Its number."""
        part = Part("text/plain", f"{edition.number}\n")
        return Rendition(edition.id, "", f"plain-{edition.number}.tsv", (part,), edition.at, edition.digest, "")


def archived(folder: Path, *forms: str) -> tuple[Runtime, Settings]:
    """A runtime with an archive in these forms, and something to tell."""
    runtime = told(newsroom(folder, digests={"daily": DigestSettings(zone="UTC", forms=forms)}))
    return runtime, runtime.settings


def test_a_file_by_a_name_of_its_own_is_told_and_does_not_stay_in_latest(tmp_path: Path) -> None:
    """It lies in the edition's folder; what is not called digest could never be cleared from latest/."""
    runtime, _ = archived(tmp_path, "text", f"{__name__}:Plain")
    composed(runtime)
    done = working.work(runtime, ["deliver"])
    assert done and isinstance(done.report, Delivered)
    assert [Path(path).name for path in done.report.receipts] == ["digest.txt", "plain-1.tsv"]
    assert [path.name for path in (tmp_path / "out" / "latest").iterdir()] == ["digest.txt"]


@pytest.mark.parametrize("mended", [True, False])
def test_a_form_that_fails_stops_no_other_form(tmp_path: Path, *, mended: bool) -> None:
    """It is named, the others are written; it is tried for a day, and not once the configuration asks for it no more."""
    runtime, settings = archived(tmp_path, "json", "html", f"{__name__}:Broken", "text")
    composed(runtime)
    done = working.work(runtime, ["deliver"])
    assert done
    assert f"the form '{__name__}:Broken' failed: AttributeError: no such thing" in str(done.error)
    written = {path.name for path in (tmp_path / "out" / "2026-11-23").iterdir()}
    assert {"digest.html", "digest.json", "digest.txt"} <= written
    assert (tmp_path / "out" / "index.html").exists()

    if mended:
        kept = settings.digests["daily"].model_copy(update={"forms": ("json", "html", "text")})
        runtime = Runtime(settings.model_copy(update={"digests": {"daily": kept}}), now=runtime.now)
    ends = []
    for _ in range(40):
        later(runtime, timedelta(hours=1))
        drain(runtime)
        with runtime.database.reading() as session:
            ends += [
                one.status
                for edition in [editions.latest(session, "daily")]
                if edition
                for one in editions.deliveries(session, edition.id)
            ]
    assert ends[-1] == ("sent" if mended else "failed")
    assert Counter(ends)["pending"] == (0 if mended else 23)


def crowd(folder: Path, url: str, sink: Sink, readers: int, kind: type[Runtime] = Runtime) -> Runtime:
    """A runtime with many readers, and an edition made for them."""
    one = parts(folder, url, sink)
    addresses = tuple(f"reader{number}@example.net" for number in range(readers))
    daily = one.settings.digests["daily"].model_copy(update={"subscribers": addresses})
    made = kind(one.settings.model_copy(update={"digests": {"daily": daily}}), now=one.now, extra=one.extra)
    one.database.close()
    composed(made)
    return made


def mails(runtime: Runtime) -> dict[str, Delivery]:
    """All readers' deliveries, by address."""
    with runtime.database.reading() as session:
        edition = editions.latest(session, "daily")
        assert edition
        found = editions.deliveries(session, edition.id)
    return {one.subscriber.address: one for one in found if one.subscriber.channel == "mail"}


def statuses(runtime: Runtime) -> Counter[str]:
    """How many mails stand how."""
    return Counter(one.status for one in mails(runtime).values())


class Counting(Runtime):
    """Counts how often an edition is written in a form."""

    forms: ClassVar[list[str]] = []

    def exporter(self, form: str) -> Exporter:
        """The exporter, counted."""
        self.forms.append(form)
        return super().exporter(form)


def test_an_edition_is_written_once_for_all_its_readers(tmp_path: Path, database_url: str) -> None:
    """Twelve mails, one rendering; each still has its reader's own address and id in it."""
    with smtp_sink() as sink:
        runtime = crowd(tmp_path, database_url, sink, 12, Counting)
        Counting.forms.clear()
        deliveries.hand_out(runtime, lambda done: None)
        assert Counting.forms.count("mail") == 1
        assert len({taken.content for taken in sink.messages}) == 12
        runtime.database.close()


def test_thousands_of_deliveries_are_added_at_once(tmp_path: Path, database_url: str) -> None:
    """One statement, whatever their number; none adds nothing."""
    runtime = parts(tmp_path, database_url, Sink(port=1))
    statements: list[str] = []
    event.listen(runtime.database._engine, "before_cursor_execute", lambda c, cu, said, *_: statements.append(said))
    readers = [Subscriber("mail", f"reader{number}@example.net", ("mail",)) for number in range(2500)]
    with runtime.database.writing() as session:
        editions.send(session, [])
        editions.send(session, [Delivery(to.address, "edition", to, "pending") for to in readers])
    assert len([said for said in statements if said.startswith("INSERT")]) <= 3
    with runtime.database.reading() as session:
        assert editions.deliveries(session, "edition")[0] == Delivery(
            readers[0].address, "edition", readers[0], "pending"
        )
        assert len(editions.deliveries(session, "edition")) == 2500
    runtime.database.close()


def test_one_readers_trouble_is_no_other_readers(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, greylisted, hung up on and left waiting, one reader each: the other eight have their mail at once."""
    monkeypatch.setattr(connection, "_PATIENCE", 1.0)
    with smtp_sink() as sink:
        runtime = crowd(tmp_path, database_url, sink, 12)
        answers = ("550 no such user", "450 greylisted", DROP, HANG)
        sink.answers |= {f"RCPT reader{number}@example.net": told for number, told in enumerate(answers)}
        deliveries.hand_out(runtime, lambda done: None)
        assert statuses(runtime) == {"sent": 8, "failed": 1, "pending": 3}

        sink.answers.clear()
        later(runtime, timedelta(hours=1))
        deliveries.hand_out(runtime, lambda done: None)
        assert statuses(runtime) == {"sent": 11, "failed": 1}
        assert len({taken.recipients for taken in sink.messages}) == len(sink.messages) == 11
        runtime.database.close()


def test_a_server_that_is_away_is_not_asked_for_each_mail(tmp_path: Path, database_url: str) -> None:
    """Sixty mails are put off after a handful of calls. None is lost. Naive: sixty calls."""
    with smtp_sink() as sink:
        runtime = crowd(tmp_path, database_url, sink, 60)
        sink.answers["EHLO"] = DROP
        deliveries.hand_out(runtime, lambda done: None)
        assert (sink.lines <= runtime.settings.smtp.connections, statuses(runtime)) == (True, {"pending": 60})

        sink.answers.clear()
        later(runtime, timedelta(hours=1))
        runtime._deliverers.clear()  # as if the pause were over
        deliveries.hand_out(runtime, lambda done: None)
        assert statuses(runtime) == {"sent": 60}
        assert len(sink.messages) == 60
        runtime.database.close()


def test_who_is_put_off_in_doubt_stays_in_doubt(tmp_path: Path, database_url: str) -> None:
    """A mail that may have arrived, and then the server is away: that it went out twice is counted all the same."""
    with smtp_sink() as sink:
        runtime = crowd(tmp_path, database_url, sink, 3)
        sink.answers["DOT-LATE"] = DROP
        drain(runtime)
        assert statuses(runtime) == {"committing": 3}
        sink.answers = {"EHLO": DROP}
        later(runtime, timedelta(hours=1))
        drain(runtime)
        assert statuses(runtime) == {"pending": 1, "committing": 2}  # one was begun, two were not
        sink.answers.clear()
        later(runtime, timedelta(hours=1))
        runtime._deliverers.clear()
        drain(runtime)
        assert [(one.status, one.doubts) for one in mails(runtime).values()] == [("sent", 1)] * 3
        assert len(sink.messages) == 6
        runtime.database.close()


def test_ctrl_c_leaves_no_mail_in_doubt(tmp_path: Path, database_url: str) -> None:
    """Mails in hand are ended, the others wait for the next run; nobody gets it twice."""

    def interrupted(done: working.Done) -> None:
        raise KeyboardInterrupt

    with smtp_sink() as sink:
        runtime = crowd(tmp_path, database_url, sink, 40)
        with pytest.raises(KeyboardInterrupt):
            deliveries.hand_out(runtime, interrupted)
        found = statuses(runtime)
        assert found.keys() == {"sent", "pending"}
        assert len(sink.messages) == found["sent"]
        deliveries.hand_out(runtime, lambda done: None)
        assert len({taken.recipients for taken in sink.messages}) == len(sink.messages) == 40
        runtime.database.close()


def test_two_workers_hand_over_twenty_mails(tmp_path: Path, database_url: str) -> None:
    """Both are rung for every delivery; each reader gets one mail. Naive, no claim: two each."""
    readers = tuple(f"reader{number}@example.net" for number in range(20))
    with smtp_sink() as sink:
        first = parts(tmp_path, database_url, sink)
        daily = first.settings.digests["daily"].model_copy(update={"subscribers": readers})
        settings = first.settings.model_copy(update={"digests": {"daily": daily}})
        several = [Runtime(settings, now=first.now, holder=f"w{number}", extra=first.extra) for number in range(2)]
        composed(several[0])
        workers = [threading.Thread(target=drain, args=(runtime,)) for runtime in several]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert sorted(taken.recipients[0] for taken in sink.messages) == sorted(readers)
        for runtime in (first, *several):
            runtime.database.close()


def test_a_clock_that_jumps_doubles_nothing(tmp_path: Path, database_url: str) -> None:
    """One worker's clock is an hour ahead: it takes a job over, and what the other one has then is refused."""
    with smtp_sink() as sink:
        slow, ahead = parts(tmp_path, database_url, sink), parts(tmp_path, database_url, sink)
        later(ahead, timedelta(hours=1))

        class Overtaken(Desk):
            def fetch(self, state: SourceState) -> Fetched:
                if not self.documents:
                    self.put("https://a.example/2", "Rain fell on the harbour for the whole of Monday.")
                    assert working.work(ahead, ["ingest"])
                return super().fetch(state)

        slow.extra["desk"] = Overtaken()
        with slow.database.writing() as session:
            jobs.wake(session, [Job("ingest", "desk")], slow.now())
        done = working.work(slow, ["ingest"])
        assert done
        assert isinstance(done.error, JobLost)
        with slow.database.reading() as session:
            assert documents.count(session) == (1, 1)  # the other one's
        later(ahead, timedelta(hours=-3))
        assert working.work(ahead, ["ingest"]) is None  # back in time, nothing is due
        slow.database.close()
        ahead.database.close()
