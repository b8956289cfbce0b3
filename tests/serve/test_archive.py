"""The archive, served: from the mail to the page, and from there to the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.cli.desk import BELL, DAY
from tests.serve.house import House, serving
from tests.sink import smtp_sink
from worker.model import Job
from worker.queue import rounds
from worker.runtime import Runtime
from worker.settings import DigestSettings, ServeSettings, Settings, SmtpSettings, SourceSettings


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """A house whose reader got an edition, and the page of the mail."""
    (tmp_path / "bell.txt").write_text("\n".join(["Bell", DAY.replace("-", ""), "https://a.example/1", *BELL]))
    with smtp_sink() as sink:
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{tmp_path / 'unbury.db'}"),
            out=tmp_path / "out",
            sources={"seeds": SourceSettings(path=str(tmp_path / "*.txt"))},
            digests={"daily": DigestSettings(zone="UTC", subscribers=("ada@example.org",))},
            smtp=SmtpSettings(host="127.0.0.1", port=sink.port, security="none"),
            serve=ServeSettings(base_url="https://news.example.org"),
        )
        parts = Runtime(settings)
        parts.database.ready()
        assert rounds.run(parts, [Job("ingest", "seeds")], ["daily"]).errors == []
        [taken] = sink.messages
    body = message_from_bytes(taken.content, policy=policy.default).get_body(("html",))
    assert body
    with serving(parts) as house:
        yield house, body.get_content()
    parts.database.close()


def test_from_the_mail_to_the_evidence(told: tuple[House, str]) -> None:
    """Each link leads on: the mail's to the page, the page's to the evidence, where the sentence is marked."""
    house, mail = told
    [way] = set(re.findall(r"https://news\.example\.org(/editions/[0-9a-f]+)", mail))
    moved = house.ask(way)
    assert moved.status == 302
    page = "/editions/" + moved.headers["location"]
    page = str(Path("/", *_steps(page)))
    seen = house.ask(page)
    assert seen.status == 200
    [story] = set(re.findall(r'href="(story-[0-9a-f]+\.html)', seen.text))
    evidence = house.ask(f"{page.rpartition('/')[0]}/{story}")
    assert evidence.status == 200
    assert "<mark" in evidence.text
    assert BELL[0] in evidence.text
    assert house.ask("/archive/").status == 200
    assert house.ask("/archive/search.html").status == 200


def _steps(path: str) -> list[str]:
    """The folders of a path, without what leads up."""
    steps: list[str] = []
    for step in path.strip("/").split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return steps


def test_the_archive_has_strict_headers_and_no_way_out(told: tuple[House, str], tmp_path: Path) -> None:
    """A page's own policy is the narrow one; ours forbids what no page needs; what lies beside is not served."""
    house, _ = told
    answer = house.ask("/archive/index.html")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src &#39;none&#39;" in answer.text or "default-src 'none'" in answer.text
    for path in ("/archive/../unbury.db", "/archive/%2e%2e/unbury.db", "/archive/..%2funbury.db", "/archive/nothing"):
        assert house.ask(path).status == 404


def test_without_the_files_the_edition_is_still_there(told: tuple[House, str], tmp_path: Path) -> None:
    """Somebody lost `out`: the page comes from the database."""
    house, mail = told
    [way] = set(re.findall(r"https://news\.example\.org(/editions/[0-9a-f]+)", mail))
    for path in (tmp_path / "out").rglob("digest.html"):
        path.unlink()
    answer = house.ask(way)
    assert answer.status == 200
    assert BELL[0] in answer.text
