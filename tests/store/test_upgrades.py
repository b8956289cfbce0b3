"""What earlier versions left behind, a database and a configuration each, is opened, brought up to date, and goes on.

Each file of `fixtures/` was made by the code of the commit that it is named after: two editions, the second one's mail not
sent because no server answered, and a document that came in and was not told yet.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.cli.desk import Desk
from tests.sink import Sink
from worker.configuration.loading import load
from worker.runtime import Runtime
from worker.status.checks import check
from worker.store.database import Database, head
from worker.store.tables import Table

_FIXTURES = Path(__file__).parent / "fixtures"
_SAMPLE = Path(__file__).parents[2] / "seeds" / "sample"
_VERSIONS = sorted(path.stem for path in _FIXTURES.glob("*.sql"))
#: What was there already, and is there still; and what comes in after the upgrade.
_KNOWN = ("coast-wire-ferry-halted", "ledder-post-apple-prices", "lantern-bell-in-drawer")
_KNOWN_NEXT = ("harbour-herald-relief-boat-delayed", "lantern-kelp-wrap", "coast-wire-storm-odda")
_UNTOLD = "coast-wire.example/story/2026-11-19/"
_NEWEST = "harbour-herald.example/2026/11/20/"
_NEW = "20261120-harbour-herald-night-bus-vote.txt"
#: The first version sent no mail.
_MAILING = _VERSIONS[1:]


@pytest.fixture(params=_VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """The commit whose database and configuration it is."""
    name: str = request.param
    return name


@pytest.fixture
def desk(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sink: Sink
) -> Desk:
    """A folder as that version left it; only the mail server is another one."""
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, monkeypatch, capsys)
    made.configure((_FIXTURES / f"{version}.toml").read_text(encoding="utf-8"))
    (tmp_path / "seeds").mkdir()
    (tmp_path / "notes").mkdir()
    for day, names in (("18", _KNOWN), ("19", _KNOWN_NEXT)):
        for name in names:
            shutil.copy(_SAMPLE / f"202611{day}-{name}.txt", tmp_path / "seeds")
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / "unbury.db")) as connection:
        connection.executescript((_FIXTURES / f"{version}.sql").read_text(encoding="utf-8"))
    if version in _MAILING:
        monkeypatch.setenv("UNBURY_SMTP__PORT", str(sink.port))
    return made


def test_there_is_a_database_before_each_migration() -> None:
    """Each migration, up to the newest, is tried on rows that an earlier version wrote."""
    stands = {
        line.split("'")[1]
        for name in _VERSIONS
        for line in (_FIXTURES / f"{name}.sql").read_text(encoding="utf-8").splitlines()
        if line.startswith('INSERT INTO "alembic_version"')
    }
    assert stands >= {f"{number:04}" for number in range(1, int(head()))}


def test_its_configuration_is_read(version: str) -> None:
    """Each key that was there is known, and names plug-ins that are there."""
    loaded = load(_FIXTURES / f"{version}.toml", {})
    check(Runtime(loaded.settings))
    assert loaded.settings.digests["daily"].zone == "UTC"


def test_its_database_gets_the_tables_of_today(desk: Desk) -> None:
    """After the upgrade nothing tells it from a fresh one but what it holds."""
    editions = _rows(desk, "SELECT id FROM edition ORDER BY id")
    database = Database("sqlite:///var/unbury.db")
    database.ready()
    with database.reading() as session:
        differences = compare_metadata(MigrationContext.configure(session.connection()), Table.metadata)
    version = database.version()
    database.close()

    assert (differences, version) == ([], head())
    assert _rows(desk, "PRAGMA integrity_check") == [("ok",)]
    assert _rows(desk, "PRAGMA foreign_key_check") == []
    assert len(editions) == 2
    assert _rows(desk, "SELECT id FROM edition ORDER BY id") == editions


def test_it_goes_on_where_it_stood(desk: Desk) -> None:
    """What was not told is told, with what came since; what was told is not told again; then nothing is new."""
    told = _said(desk, "2026-11-18") | _said(desk, "2026-11-19")
    shutil.copy(_SAMPLE / _NEW, desk.folder / "seeds")
    answer = desk.call("run", "--date", "2026-11-20", "--json")
    now = _said(desk, "2026-11-20")

    assert (answer.code, answer.json["ingested"]["new"]) == (0, 1), answer.err
    assert any(_UNTOLD in url for _, url in now)
    assert any(_NEWEST in url for _, url in now)
    assert told
    assert not {text for text, _ in now} & {text for text, _ in told}
    again = desk.call("run", "--date", "2026-11-20", "--json")
    assert (again.code, again.json["editions"]) == (0, []), again.err


def test_its_mail_goes_out_once(desk: Desk, sink: Sink, version: str) -> None:
    """The mail that no server took is sent as it was packed, once; what was sent before is not."""
    unsent = _rows(desk, "SELECT packed FROM delivery WHERE status = 'pending'") if version in _MAILING else []
    for _ in range(2):
        assert desk.call("run", "--date", "2026-11-19").code == 0
    sent = [(one.content,) for one in sink.messages]
    subjects = [message_from_bytes(content, policy=policy.SMTP)["Subject"] for (content,) in sent]

    assert len(unsent) == (version in _MAILING)
    assert [one for one in sent if one in unsent] == unsent
    assert len(set(subjects)) == len(subjects)
    assert not [subject for subject in subjects if "18 Nov" in subject]


def test_what_it_told_can_still_be_shown(desk: Desk) -> None:
    """Its editions are verified against their sources, written again, explained and accounted for."""
    for day in ("2026-11-18", "2026-11-19"):
        checked = desk.call("verify", day)
        assert checked.code == 0, checked.out + checked.err
        assert desk.call("account", "--date", day).code == 0
        assert desk.call("digest", "--date", day, "--format", "markdown").out.count("\n# Unbury — ") == 1
    why = desk.call("why", str(_rows(desk, "SELECT url FROM document ORDER BY id")[0][0]))
    assert why.code == 0
    assert "daily" in why.out


def test_its_editions_are_made_again(desk: Desk) -> None:
    """One of its editions comes out the same, or it is said why not; one of today comes out the same."""
    old = desk.call("replay", "--from", "2026-11-18", "--to", "2026-11-19", "--json").json["editions"]
    assert [one["date"] for one in old] == ["2026-11-18", "2026-11-19"]
    assert all(one["same"] != bool(one["why"]) for one in old)
    assert desk.call("run", "--date", "2026-11-20").code == 0
    today = desk.call("replay", "--from", "2026-11-20", "--json")
    assert (today.code, [one["same"] for one in today.json["editions"]]) == (0, [True])


def _said(desk: Desk, day: str) -> set[tuple[str, str]]:
    """The sentences of a day's edition, each with its source's address."""
    written = json.loads(desk.call("digest", "--date", day, "--format", "json").out)
    stories = [story for section in written["sections"] for story in section["stories"]]
    return {(sentence["text"], sentence["url"]) for story in stories for sentence in story["sentences"]}


def _rows(desk: Desk, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(desk.folder / "var" / "unbury.db")) as connection:
        return connection.execute(question).fetchall()
