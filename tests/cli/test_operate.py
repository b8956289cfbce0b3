"""`unbury jobs`, `unbury doctor`, `unbury trigger`, `unbury mail`, `unbury db backup`: what an operator does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from tests.cli.desk import BELL, CONFIG, Desk
from tests.servers import free_port
from tests.sink import smtp_sink
from worker.configuration.loading import load
from worker.model import Job
from worker.pipeline import Recipe
from worker.runtime import Runtime, clock
from worker.services.prune import prune
from worker.services.read import read_jobs
from worker.settings import Settings
from worker.store import accounts, documents, history, jobs, presence
from worker.store.database import Database, Transaction
from worker.store.tables import HostRow
from worker.text.identity import document


def opened(desk: Desk) -> Database:
    """The desk's database."""
    database = Database(f"sqlite:///{desk.folder / 'var' / 'unbury.db'}")
    database.ready()
    return database


@contextmanager
def stored(desk: Desk) -> Iterator[Transaction]:
    """The desk's database, to write to."""
    database = opened(desk)
    with database.writing() as session:
        yield session
    database.close()


def dead(desk: Desk) -> None:
    """A dead job in the queue."""
    with stored(desk) as session:
        jobs.insert(session, [Job("ingest", "gone")], clock())
        job = jobs.claim(session, ["ingest"], clock(), "test", "gone")
        assert job
        jobs.give_up(session, job, clock(), "the shelf is away")


def findings(desk: Desk, what: str) -> list[tuple[str, str]]:
    """What the doctor finds of something."""
    found = desk.call("doctor", "--json").json["findings"]
    return [(one["state"], one["said"]) for one in found if one["what"] == what]


def test_a_worker_of_an_older_configuration_is_named(desk: Desk) -> None:
    """It read the file as it was when it started; a secret or what is logged makes no difference, a setting does."""
    with stored(desk) as session:
        for name in ("fetcher@a/1", "worker@b/1"):
            presence.see(session, presence.Seen(name, "worker", Runtime(load().settings).build, clock()))
    desk.monkeypatch.setenv("UNBURY_SMTP__PASSWORD", "hush")
    desk.monkeypatch.setenv("UNBURY_LOG__LEVEL", "error")
    assert findings(desk, "workers") == []
    assert "another" not in desk.call("status").out
    desk.configure(CONFIG + "stories = 5\n")
    [(state, said)] = findings(desk, "workers")
    assert state == "WARN"
    assert "fetcher@a/1, worker@b/1" in said
    assert "docker compose restart" in desk.call("doctor").out
    assert "fetcher@a/1: alive, with another version or configuration" in desk.call("status").out
    assert {one["current"] for one in desk.call("status", "--json").json["workers"]} == {False}


def test_work_that_nobody_takes_up_fails(desk: Desk) -> None:
    """A minute is a tick and more: a kind of which none is running and none ended since has no worker."""
    now = clock()
    with stored(desk) as session:
        jobs.insert(session, [Job("read", "b"), Job("compose", "c"), Job("ingest", "i")], now - timedelta(minutes=2))
        jobs.insert(session, [Job("deliver", "d")], now)
        jobs.claim(session, ["ingest"], now, "test")
        presence.see(session, presence.Seen("fetcher@a/1", "worker", Runtime(load().settings).build, now))
    assert findings(desk, "workers") == [("FAIL", "nobody takes up what is due: compose, read")]
    assert "stalled    nobody takes up what is due: compose, read" in desk.call("status").out


def test_a_delivery_that_waits_with_an_error_is_a_warning(desk: Desk) -> None:
    """The doctor says which error; the status says when it is tried again."""
    with stored(desk) as session:
        jobs.insert(session, [Job("deliver", "d")], clock())
        job = jobs.claim(session, ["deliver"], clock(), "test")
        assert job
        jobs.fail(session, job, clock(), "out/2026-11-25 cannot be written", datetime(2030, 1, 1, 7, 5, tzinfo=UTC))
    assert findings(desk, "deliveries") == [("WARN", "1 waits after an error: out/2026-11-25 cannot be written")]
    said = desk.call("status").out
    assert "waits      deliver d: out/2026-11-25 cannot be written; again at 2030-01-01 07:05:00 UTC" in said


@pytest.mark.parametrize("taken", ["out", "out/daily", "out/daily/2026-11-25"])
def test_a_folder_of_somebody_else_s_is_named(desk: Desk, taken: str) -> None:
    """The newest edition's folder has to be writable as well as the one above it."""
    desk.configure(CONFIG + 'at = ["07:00", "18:00"]\n')
    (desk.folder / "out" / "daily" / "2026-11-25").mkdir(parents=True)
    assert ("OK", "out can be written") in findings(desk, "output")
    with nobody(desk) as number:
        (desk.folder / taken).chmod(0o555)
        answer = desk.call("doctor")
    assert f"{taken} cannot be written: Permission denied" in answer.out
    assert f"give it away: chown -R {number} out" in answer.out


@contextmanager
def nobody(desk: Desk) -> Iterator[int]:
    """Somebody without root's power, whose the desk is; gives his number."""
    if os.geteuid() != 0:
        yield os.geteuid()
        return
    for path in (desk.folder, *desk.folder.parents[:-2]):
        path.chmod(path.stat().st_mode | 0o011)
    for path in (desk.folder, *desk.folder.rglob("*")):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield 65534
    finally:
        os.seteuid(0)


def test_a_dead_job_is_listed_retried_and_dropped(desk: Desk) -> None:
    """It is shown with its reason, and is due or done when asked for."""
    dead(desk)
    assert "the shelf is away" in desk.call("jobs", "list", "--state", "dead").out
    assert desk.call("status").code == 1
    assert desk.call("jobs", "retry", "ingest", "gone").code == 0
    [entry] = desk.call("jobs", "list", "--json").json["jobs"]
    assert (entry["state"], entry["attempt"], entry["error"]) == ("due", 0, "")
    assert desk.call("jobs", "drop", "ingest", "gone").code == 0
    none = desk.call("jobs", "list", "--state", "due")
    assert (none.out, none.err) == ("", "There is no such job.\n")
    assert desk.call("jobs", "retry", "ingest", "nobody").code == 1


def test_prometheus_sees_who_is_alive_and_what_fails(desk: Desk) -> None:
    """Workers that are gone are gone here, too; the newest edition and what is tried again have numbers."""
    desk.seed("bell", *BELL)
    assert desk.call("run").code == 0
    now = clock()
    with stored(desk) as session:
        presence.see(session, presence.Seen("tick", "tick", "", now - timedelta(seconds=40)))
        presence.see(session, presence.Seen("worker@a/1", "worker", "", now))
        presence.see(session, presence.Seen("worker@gone/1", "worker", "", now - timedelta(minutes=3)))
        jobs.insert(session, [Job("deliver", "d")], now)
        job = jobs.claim(session, ["deliver"], now, "test", "d")
        assert job
        jobs.fail(session, job, now, "the relay is away", now)
    said = desk.call("status", "--prometheus").out
    assert 'unbury_worker_alive{kind="worker",name="worker@a/1"} 1.0' in said
    assert "gone" not in said
    assert 'unbury_jobs_failing{kind="deliver"} 1.0' in said
    assert 40 <= float(said.split("\nunbury_tick_age_seconds ")[1].split()[0]) < 100
    edition = float(said.split('unbury_last_edition_timestamp_seconds{digest="daily"} ')[1].split()[0])
    assert 0 <= now.timestamp() - edition < 100


def test_a_job_is_meant_by_the_first_letters_of_its_key(desk: Desk) -> None:
    """Where they are those of one job; else it is said what is wrong with them."""
    dead(desk)
    assert desk.call("jobs", "retry", "ingest", "go").out == "ingest gone is due\n"
    database = Database(f"sqlite:///{desk.folder / 'var' / 'unbury.db'}")
    with database.writing() as session:
        jobs.insert(session, [Job("ingest", "gong")], clock())
        assert jobs.claim(session, ["ingest"], clock(), "test", "gong")
    database.close()
    for name, said in (
        ("gon", "several jobs begin with gon: gone, gong"),
        ("gong", "is running"),
        ("x", "no job ingest x"),
    ):
        answer = desk.call("jobs", "drop", "ingest", name)
        assert answer.code in (1, 2)
        assert said in answer.err


def test_a_delivery_that_was_sent_is_said_in_a_line(desk: Desk) -> None:
    """However many files it is."""
    desk.seed("bell", *BELL)
    desk.call("run")
    [delivery] = desk.call("jobs", "list", "--kind", "deliver", "--json").json["jobs"]
    answer = desk.call("jobs", "retry", "deliver", delivery["key"][:6])
    assert answer.code == 1
    error, hint = answer.err.splitlines()
    assert error.startswith(f"error: the delivery {delivery['key']} was sent: out/")
    assert re.search(r" and \d+ more$", error)
    assert hint == "hint: there is nothing to try again"


def test_prometheus_reads_it(desk: Desk) -> None:
    """Gauges in the text format, from the database alone."""
    from prometheus_client.parser import text_string_to_metric_families

    dead(desk)
    found = desk.call("status", "--prometheus")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(found.out)
        for sample in family.samples
    }
    assert samples["unbury_jobs", "ingest", "dead"] == 1.0
    assert samples["unbury_lag_seconds",] == 0.0
    assert ("unbury_next_due_timestamp_seconds", "daily") in samples


def test_the_doctor_finds_nothing_wrong(desk: Desk) -> None:
    """On one machine with seeds, everything is as it should be."""
    desk.seed("bell", *BELL)
    found = desk.call("doctor", "--json").json["findings"]
    assert {finding["state"] for finding in found} == {"OK"}
    assert {"configuration", "database", "output", "zones", "source"} <= {finding["what"] for finding in found}


def test_the_doctor_names_what_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server that is not there, and an output that is a file: FAIL, with what to do, and exit code 1."""
    with smtp_sink() as sink:
        pass
    monkeypatch.setenv("UNBURY_SMTP__HOST", "127.0.0.1")
    monkeypatch.setenv("UNBURY_SMTP__PORT", str(sink.port))
    monkeypatch.setenv("UNBURY_DIGESTS__DAILY__ZONE", "Europe/Berlin")
    found = desk.call("doctor")
    assert found.code == 1
    assert "FAIL mail" in found.out
    assert "check smtp.host" in found.out


def test_what_is_misspelt_in_the_environment_is_a_warning(desk: Desk) -> None:
    """A time zone that is none would silently be UTC; a variable that names a digest of its own adds one."""
    desk.monkeypatch.setenv("TZ", "Europe/Berlln")
    desk.monkeypatch.setenv("UNBURY_DIGESTS__DALIY__STORIES", "3")
    assert findings(desk, "zones") == [("WARN", "TZ names no time zone: 'Europe/Berlln'")]
    assert findings(desk, "configuration")[1:] == [("WARN", "only the environment has the digest 'daliy'")]
    desk.monkeypatch.setenv("TZ", "Europe/Berlin")
    desk.monkeypatch.delenv("UNBURY_DIGESTS__DALIY__STORIES")
    assert findings(desk, "zones") == [("OK", "UTC")]


def test_a_database_that_is_away_is_said_once(desk: Desk) -> None:
    """However many checks need it."""
    pytest.importorskip("psycopg")
    desk.monkeypatch.setenv("UNBURY_DATABASE_URL", f"postgresql://unbury@127.0.0.1:{free_port()}/unbury")
    found = desk.call("doctor", "--json").json["findings"]
    assert [one["what"] for one in found if one["state"] == "FAIL"] == ["database"]


def test_a_watched_folder_that_was_emptied_is_well(desk: Desk) -> None:
    """What was taken in lies in `done`; a folder that is not there is still a warning."""
    desk.configure('[sources.inbox]\nkind = "files"\npath = "inbox"\ndone = "inbox/done"\n')
    assert findings(desk, "source") == [("WARN", "inbox: 0 documents, 1 problem")]
    (desk.folder / "inbox").mkdir()
    assert findings(desk, "source") == [("OK", "inbox: 0 documents, 0 problems")]


def test_a_trigger_needs_workers(desk: Desk) -> None:
    """Without a broker it says what to do instead; with one that is away, exit code 4."""
    found = desk.call("trigger", "ingest", "seeds")
    assert (found.code, "unbury run" in found.err) == (3, True)


def test_a_test_mail_arrives(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One mail, one line; and if it is refused, the conversation."""
    with smtp_sink() as sink:
        monkeypatch.setenv("UNBURY_SMTP__HOST", "127.0.0.1")
        monkeypatch.setenv("UNBURY_SMTP__PORT", str(sink.port))
        monkeypatch.setenv("UNBURY_SMTP__SECURITY", "none")
        assert desk.call("mail", "test", "reader@example.org").code == 0
        assert len(sink.messages) == 1
        sink.answers["RCPT"] = "550 no such user"
        found = desk.call("mail", "test", "nobody@example.org")
        assert found.code == 1
        assert "S: 550 no such user" in found.err
        assert desk.call("mail", "test", "a@b, c@d").code == 2
    assert desk.call("mail", "test", "reader@example.org").code == 4
    monkeypatch.delenv("UNBURY_SMTP__HOST")
    assert desk.call("mail", "test", "reader@example.org").code == 3


def test_a_backup_comes_back(desk: Desk) -> None:
    """Written, refused twice, restored over what is there only when told to."""
    dead(desk)
    assert desk.call("run").code in (0, 1, 5)
    assert desk.call("db", "backup", "copy.db").code == 0
    assert desk.call("db", "backup", "copy.db").code == 1
    assert desk.call("db", "restore", "copy.db", "--replace").code == 0
    assert desk.call("db", "restore", "nothing.db", "--replace").code == 1
    (desk.folder / "bad.db").write_bytes(b"no database" * 100)
    assert desk.call("db", "restore", "bad.db", "--replace").code == 1
    assert "the shelf is away" in desk.call("jobs", "list").out
    assert desk.call("db", "prune", "--older-than", "30").code == 0


@pytest.mark.parametrize("daily", [False, True], ids=["by hand", "daily"])
def test_what_is_old_is_forgotten(desk: Desk, daily: bool) -> None:
    """By the command as by the daily job: done jobs, the run log, hosts; what is younger stays."""
    database, now = opened(desk), clock()
    with database.writing() as session:
        for name, then in (("old", now - timedelta(days=40)), ("young", now - timedelta(days=10))):
            jobs.insert(session, [Job("ingest", name)], then)
            job = jobs.claim(session, ["ingest"], then, "test", name)
            assert job
            jobs.finish(session, job, then)
            history.log_run(session, then)
            session.add(HostRow(name=name, free=then))
    if daily:
        with database.writing() as session:
            prune(Runtime(Settings(database_url=SecretStr(str(database)))), Job("prune", "jobs")).save(session)
    else:
        assert desk.call("db", "prune").code == 0
    with database.reading() as session:
        assert [key for key, _ in jobs.keys(session, "ingest", "")] == ["young"]
        assert [started for started, _, _ in history.runs(session, 9)] == [now - timedelta(days=10)]
        assert list(session.scalars(select(HostRow.name))) == ["young"]
    database.close()


def test_what_is_longer_ago_than_anybody_lives_is_refused(desk: Desk) -> None:
    """In a sentence."""
    found = desk.call("db", "prune", "--older-than", "9999999")
    assert (found.code, "9999999 is not in the range" in found.err) == (2, True)


def test_what_a_dropped_reading_was_about_is_accounted_for(desk: Desk) -> None:
    """As unreadable: nobody reads it after that."""
    desk.seed("bell", *BELL)
    database = Database(f"sqlite:///{desk.folder / 'var' / 'unbury.db'}")
    database.ready()
    bell = document(
        source="seeds", url="https://a.example/1", title="T", published=clock(), paragraphs=BELL, language="en",
        shuffled=True,
    )  # fmt: skip
    with database.writing() as session:
        documents.add(session, [bell], clock())
        [job] = read_jobs([(bell.id, bell.revision)], Recipe().id)
        jobs.insert(session, [job], clock())
    assert desk.call("jobs", "drop", "read", job.key).code == 0
    assert desk.call("digest").code in (0, 5)
    with database.reading() as session:
        [answer] = accounts.of_document(session, bell.id)
    assert answer["verdict"] == "unreadable"
    assert "dropped by hand" in answer["because"]
    database.close()
