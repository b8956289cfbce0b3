"""`unbury status`, `unbury db` and `unbury config`: how things stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk
from worker.model import Job
from worker.runtime import clock
from worker.store import jobs
from worker.store.database import Database, head

SECRET = "hush-hush"


def test_status_of_a_new_place(desk: Desk) -> None:
    """Before the first run nothing is stored, told or wrong."""
    found = desk.call("status", "--json")
    assert found.code == 0
    assert found.json["next"].keys() == {"ingest", "daily"}
    assert found.json | {"database": "", "next": {}} == {
        "schema": 1,
        "database": "",
        "deliveries": {"doubts": 0},
        "lag_seconds": 0.0,
        "feeds": [],
        "next": {},
        "oldest_due": None,
        "stalled": [],
        "workers": [],
        "documents": 0,
        "revisions": 0,
        "editions": {"daily": None},
        "jobs": {},
        "troubles": [],
        "runs": [],
    }
    assert "none yet" in desk.call("status").out


def test_status_counts_what_is_stored_and_told(desk: Desk) -> None:
    """After runs: documents and revisions, the last edition, the jobs and what each run brought, newest first."""
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    desk.seed("bell", *FERRY)
    desk.call("run", "--date", DAY)
    found = desk.call("status", "--json").json
    assert (found["documents"], found["revisions"]) == (1, 2)
    assert found["editions"] == {
        "daily": {"day": DAY, "number": 2, "stories": 1, "at": found["editions"]["daily"]["at"]}
    }
    assert found["jobs"]["ingest"] == {"due": 1}
    assert found["jobs"]["compose"] == {"done": 2}
    assert [(run["new"], run["revised"], run["failed"]) for run in found["runs"]] == [(0, 1, 0), (1, 0, 0)]
    said = desk.call("status").out
    assert "documents  1 (2 revisions)" in said
    assert f"edition    daily: {DAY}, edition 2, 1 stories" in said or f"{DAY}, edition 2, 1 story" in said
    assert "0 new, 1 revised, 0 unchanged, 0 failed" in said
    assert said.count("ended") == 2


def test_a_dead_job_ends_status_with_1(desk: Desk) -> None:
    """A job that was given up is named with its error, and status ends with 1."""
    assert desk.call("db", "upgrade").code == 0
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        jobs.wake(session, [Job("ingest", "post")], clock())
    for _ in range(jobs.ATTEMPTS):
        with database.writing() as session:
            job = jobs.claim(session, ("ingest",), clock(), "test")
            assert job is not None
            jobs.fail(session, job, clock(), "the post did not come", clock())
    database.close()
    answer = desk.call("status")
    assert answer.code == 1
    assert "dead       ingest post: the post did not come" in answer.out.replace("DEAD", "dead")
    found = desk.call("status", "--json")
    assert found.code == 1
    assert found.json["troubles"] == [
        {"kind": "ingest", "key": "post", "state": "dead", "error": "the post did not come", "again": None}
    ]


def test_the_database_can_be_upgraded_again_and_again(desk: Desk) -> None:
    """`db upgrade` makes the database, and a second time changes nothing; both say its version."""
    first, second = desk.call("db", "upgrade"), desk.call("db", "upgrade")
    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out == f"the database is at {head()}\n"
    assert desk.call("db", "upgrade", "--json").json == {"schema": 1, "version": head()}
    desk.seed("bell", *BELL)
    assert desk.call("run").code == 0
    assert desk.call("db", "upgrade").code == 0
    assert desk.call("status", "--json").json["documents"] == 1


def test_variables_alone_are_a_configuration(desk: Desk) -> None:
    """A container has no file: its database is upgraded where only the environment says something."""
    (desk.folder / "config/unbury.toml").unlink()
    assert desk.call("db", "upgrade").code == 3
    desk.monkeypatch.setenv("UNBURY_DATABASE_URL", "sqlite:///kept.db")
    assert desk.call("db", "upgrade").code == 0
    assert (desk.folder / "kept.db").exists()


def test_a_newer_database_is_left_alone(desk: Desk) -> None:
    """A database of a later version ends with 1 and says which to install."""
    assert desk.call("db", "upgrade").code == 0
    database = Database("sqlite:///var/unbury.db")
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    answer = desk.call("run")
    assert (answer.code, answer.out) == (1, "")
    assert "9999" in answer.err
    assert "install the newer" in answer.err


def test_a_good_configuration_is_ok(desk: Desk) -> None:
    """`config check` names the file, config/local.toml where there is one, and makes no database."""
    assert desk.call("config", "check").out == "config/unbury.toml: ok\n"
    assert desk.call("config", "check", "--json").json == {
        "schema": 1,
        "ok": True,
        "file": "config/unbury.toml",
        "mistakes": [],
    }
    (desk.folder / "config" / "local.toml").write_text(CONFIG, encoding="utf-8")
    assert desk.call("config", "check").out == "config/local.toml: ok\n"
    (desk.folder / "config" / "local.toml").unlink()
    (desk.folder / "config" / "unbury.toml").rename(desk.folder / "other.toml")
    assert desk.call("-c", "other.toml", "config", "check").out == "other.toml: ok\n"
    assert desk.call("config", "check").out == "no file, all defaults: ok\n"
    assert not (desk.folder / "var").exists()


def test_show_says_who_said_so(desk: Desk) -> None:
    """`config show` gives each key's value and whether file, environment or default said it."""
    desk.monkeypatch.setenv("UNBURY_DIGESTS__DAILY__STORIES", "4")
    settings = desk.call("config", "show", "--json").json["settings"]
    assert settings["digests.daily.zone"] == {"value": "UTC", "origin": "config/unbury.toml"}
    assert settings["digests.daily.stories"] == {"value": 4, "origin": "environment UNBURY_DIGESTS__DAILY__STORIES"}
    assert settings["digests.daily.ranker"] == {"value": "unbury", "origin": "default"}
    said = desk.call("config", "show").out
    assert 'digests.daily.ranker = "unbury"' in said.splitlines()
    assert "digests.daily.stories = 4  # environment UNBURY_DIGESTS__DAILY__STORIES" in said.splitlines()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://me:{SECRET}@db.example/unbury",
        f"postgresql+psycopg://me@db.example/unbury?password={SECRET}",
        f"postgresql+psycopg://me:{SECRET}@db.example:port/unbury",
        f"oracel://me:{SECRET}@db.example/unbury",
        f"me:{SECRET}@db.example/unbury",
    ],
)
@pytest.mark.parametrize("command", ["check", "show"])
def test_no_password_is_ever_said(desk: Desk, command: str, url: str) -> None:
    """Whether the database's URL is right or not, its password is not printed."""
    pytest.importorskip("psycopg")
    _set(desk, "database_url", url, "file")
    _never_said(desk, ("config", command), ("config", command, "--json"), ("-vv", "config", command))


@pytest.mark.parametrize("place", ["file", "environment", "secret"])
def test_a_password_is_masked_wherever_it_comes_from(desk: Desk, place: str) -> None:
    """A password from the file, a variable or a secret's file is shown as ***, the rest of the URL as it is."""
    pytest.importorskip("psycopg")
    _set(desk, "database_url", f"postgresql+psycopg://me:{SECRET}@db.example/unbury", place)
    _never_said(desk, ("config", "show"), ("config", "show", "--json"), ("config", "check"))
    shown = desk.call("config", "show", "--json").json["settings"]["database_url"]["value"]
    assert shown == "postgresql+psycopg://me:***@db.example/unbury"


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SECRET}@queue.example/0",
        f"sentinel://:{SECRET}@a.example:26379;sentinel://:{SECRET}@b.example:26379",
        f"redis://queue.example/0?password={SECRET}",
        f"redis://:{SECRET}@queue.example:port/0",
        f":{SECRET}@queue.example",
    ],
)
def test_no_password_of_the_broker_is_ever_said(desk: Desk, url: str) -> None:
    """The same holds for the broker's URL, with several hosts as well."""
    _set(desk, "broker_url", url, "file")
    _never_said(desk, ("config", "show"), ("config", "show", "--json"), ("config", "check"), ("status",))


def _never_said(desk: Desk, *commands: tuple[str, ...]) -> None:
    for arguments in commands:
        answer = desk.call(*arguments)
        assert answer.code in (0, 3)
        assert SECRET not in answer.out + answer.err


def _set(desk: Desk, key: str, value: str, place: str) -> None:
    if place == "file":
        desk.configure(f"{key} = {json.dumps(value)}\n{CONFIG}")
    elif place == "environment":
        desk.monkeypatch.setenv(f"UNBURY_{key.upper()}", value)
    else:
        Path("secret").write_text(f"{value}\n", encoding="utf-8")
        desk.monkeypatch.setenv(f"UNBURY_{key.upper()}_FILE", "secret")


def test_times_are_those_of_the_digest(desk: Desk) -> None:
    """Not of another zone."""
    desk.configure('[digests.daily]\nzone = "Asia/Tokyo"\nat = "06:30"\n')
    desk.seed("bell", *BELL)
    desk.call("run")
    said = desk.call("status").out
    assert re.search(r"^next +daily: \S+ 06:30 JST$", said, re.MULTILINE)
    assert re.search(r"^run +\S+ \S+ JST ended", said, re.MULTILINE)
