"""Feeds that hurt: whatever they do, they are named, nothing of theirs gets through, and no other feed waits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.exporters.test_hostile import PAYLOADS, dangers
from tests.faults.fleet import fleet
from tests.faults.hostile import CORPUS, described
from tests.servers import redis_server
from tests.web.stage import PARAGRAPH, Reply, Stage, rss, undated
from tests.web.test_safety import PRIVATE, SPELLINGS
from worker.errors import Unparsable
from worker.parsers import opml
from worker.parsers.opml import ListedFeed
from worker.parsing import Parser
from worker.queue import rounds
from worker.runtime import Runtime
from worker.settings import DigestSettings, Settings, SourceSettings, WebSettings
from worker.store import documents, history
from worker.store.database import Database
from worker.web.access import Web
from worker.web.addresses import Gate
from worker.web.client import Client
from worker.web.robots import Robots
from worker.web.turns import OwnTurns

pytestmark = pytest.mark.faults
_MEMORY = 300  # MB


@contextmanager
def reader(folder: Path, urls: Sequence[str], *, allow: Sequence[str] = ("127.0.0.0/8",)) -> Iterator[Runtime]:
    """Unbury with these feeds, named f0, f1 and so on."""
    sources = {
        f"f{n}": SourceSettings(kind="feed", url=url, full_text="never", language="en") for n, url in enumerate(urls)
    }
    made = Runtime(
        Settings(
            database_url=f"sqlite:///{folder / 'unbury.db'}",  # type: ignore[arg-type]
            out=folder / "out",
            feeds=folder / "feeds.opml",
            sources=sources,
            digests={"daily": DigestSettings(zone="UTC", stories=100)},
            web=WebSettings(allow=tuple(allow), timeout="2s", delay=0),  # type: ignore[arg-type]
        )
    )
    made.database.ready()
    yield made
    made.database.close()


def run(parts: Runtime) -> rounds.Result:
    return rounds.run(parts, rounds.intake(parts), ["daily"])


def errors(database: Database) -> dict[str, str]:
    """What each feed's last error was."""
    with database.reading() as session:
        return {name: state.error for name, state in history.source_states(session).items()}


@pytest.mark.parametrize("name", CORPUS)
def test_20_a_hostile_feed_is_parsed_or_refused_within_the_limits(name: str) -> None:
    """No kill timer has to go off, and the parser's process stays small."""
    content = CORPUS[name]()[: 10 * 2**20]
    parser = Parser()
    with suppress(Unparsable):  # ParsingFailed would mean that a limit was needed
        parser.parsed("feed", content, 5.0, url="https://x.example/feed")
    status = Path(f"/proc/{parser._child.process.pid}/status").read_text() if parser._child else ""
    parser.close()
    assert int(status.partition("VmHWM:")[2].split()[0]) / 1024 <= _MEMORY


def test_20_the_whole_corpus_in_one_run(tmp_path: Path) -> None:
    """Each as a feed of its own, with good ones between them: those are told, the run ends with its result."""
    with ExitStack() as stack:
        stages = [stack.enter_context(Stage(f"127.0.1.{n + 1}")) for n in range(len(CORPUS) + 5)]
        for stage, make in zip(stages, CORPUS.values(), strict=False):
            stage.says("/feed", Reply(200, make(), {"Content-Type": "application/xml"}))
        for number, stage in enumerate(stages[len(CORPUS) :]):
            stage.says("/feed", Reply(200, undated(rss(f"Good {number}"))))
        parts = stack.enter_context(reader(tmp_path, [stage.url() for stage in stages]))
        result = run(parts)
        said = errors(parts.database)

    assert result.errors == []
    good = {f"f{n}" for n in range(len(CORPUS), len(stages))}
    assert [said[name] for name in good] == [""] * 5
    assert all("longer than" not in error for error in said.values())
    assert result.failed == sum(bool(error) for error in said.values()) > 5
    told = {document.title for one in result.ingested if one.source in good for document in one.new}
    assert told == {f"Good {n}" for n in range(5)}


def _drip(to: Any) -> None:
    to.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    for _ in range(300):
        to.write(b"x")
        to.flush()
        time.sleep(0.1)


def test_22_no_address_inside_is_ever_connected_to(tmp_path: Path) -> None:
    """Written as an address, in other spellings, by a name, after a redirect, and by a name that changes its mind."""
    with Stage() as inside, Stage("127.0.0.2") as outside:
        inside.says("/feed", Reply(200, rss("Secret")))
        written = [
            f"http://[{a}]:{inside.port}/feed" if ":" in a else f"http://{a}:{inside.port}/feed"
            for a in PRIVATE
            if "%" not in a
        ]
        spelled = [f"http://{spelling}:{inside.port}/feed" for spelling in SPELLINGS]
        named = [f"http://host{n}.example:{inside.port}/feed" for n in range(len(PRIVATE))]
        moved = [
            outside.says(f"/{n}", Reply(302, headers={"Location": url}))
            for n, url in enumerate([*written, *spelled, *named])
        ]
        turns = [outside.url("/0").replace("127.0.0.2", "fickle.example")] * 2
        urls = [*written, *spelled, *named, *moved, *turns]
        answers = {f"host{n}.example": address for n, address in enumerate(PRIVATE)}
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            if host == "fickle.example":
                return ["127.0.0.2" if asked.count(host) == 1 else "127.0.0.1"]
            return [answers.get(host, "127.0.0.1" if not host[0].isdigit() and ":" not in host else host)]

        with reader(tmp_path, urls) as parts:
            client = Client(Gate(("127.0.0.2",), resolve), OwnTurns(0), "Unbury/test", 3.0)
            parts.web = Web(client, Robots(client), parts.now)
            run(parts)
            said = errors(parts.database)
        assert inside.asked == []

    assert len(said) == len(urls)
    assert [error for error in said.values() if not error] == []
    with parts.database.reading() as session:
        assert documents.count(session) == (0, 0)


def test_23_no_payload_of_a_feed_acts_in_any_form(tmp_path: Path) -> None:
    """From the server through parser, store and digest into the files: nothing that a browser would act on."""
    with ExitStack() as stack:
        stages = []
        for number, payload in enumerate(PAYLOADS):
            stage = stack.enter_context(Stage(f"127.0.2.{number + 1}"))
            safe = payload.replace("]]>", "]] >").replace("\x00", "")
            text = f"{PARAGRAPH.format(number)} {safe} {PARAGRAPH.format(-number)}".encode()
            item = described(text).replace(b"<title>x</title>", f"<title><![CDATA[{safe}]]></title>".encode())
            link = f"<link><![CDATA[{safe}]]></link><author><![CDATA[{safe}]]></author>".encode()
            stage.says("/feed", Reply(200, item.replace(b"<description>", link + b"<description>")))
            stages.append(stage)
        parts = stack.enter_context(reader(tmp_path, [stage.url() for stage in stages]))
        result = run(parts)

    assert sum(len(one.new) for one in result.ingested) > len(PAYLOADS) // 2
    (page,) = tmp_path.glob("out/*/digest.html")
    assert dangers(page.read_text(encoding="utf-8"), own=("meta", "style")) == []
    (marked,) = tmp_path.glob("out/*/digest.md")
    body = marked.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    assert dangers(MarkdownIt("commonmark", {"html": True}).render(body)) == []


def _poisoned(stages: list[Stage]) -> dict[int, str]:
    """Make every other one bad, each in another way; gives how each bad one's error begins."""
    junk = b"<rss><channel><item><title>" + b"<d>" * 50_000
    bad = {
        0: (Reply(500), "it answers with 500"),
        2: (Reply(raw=lambda _: time.sleep(20)), "it did not answer"),
        4: (Reply(raw=_drip), "it did not answer"),
        6: (Reply(200, junk), "more than 5000 elements"),
        8: (Reply(200, b"\x00" * 1000), "this is no feed"),
        10: (Reply(302, headers={"Location": "http://10.0.0.1/"}), "10.0.0.1 is not"),
        12: (Reply(410), "it is gone for good"),
        14: (Reply(200, b"<!doctype html><html></html>"), "it answers with a page"),
        16: (Reply(200, b"x", {"Content-Encoding": "br"}), "it is packed as"),
        18: (Reply(raw=lambda to: to.write(b"HTTP/0.0 ???")), "it cannot be reached"),
    }
    for number, stage in enumerate(stages):
        stage.says("/feed", bad[number][0] if number in bad else Reply(200, undated(rss(f"Good {number}"))))
    return {number: begins for number, (_, begins) in bad.items()}


def test_25_poisoned_feeds_stop_no_other(tmp_path: Path) -> None:
    """Twenty feeds, ten of them bad in ten ways, in one process."""
    with ExitStack() as stack:
        stages = [stack.enter_context(Stage(f"127.0.3.{n + 1}")) for n in range(20)]
        bad = _poisoned(stages)
        parts = stack.enter_context(reader(tmp_path, [stage.url() for stage in stages]))
        result = run(parts)
        said = errors(parts.database)

    assert sum(len(one.new) for one in result.ingested) == 10
    assert {number: said[f"f{number}"][: len(begins)] for number, begins in bad.items()} == bad
    (edition,) = result.editions
    assert len(edition.failures) == 10


def test_25_poisoned_feeds_stop_no_other_on_a_cluster(tmp_path: Path, database_url: str) -> None:
    """The same through Celery, two processes; hosts are asked one at a time by all of them together."""
    with ExitStack() as stack:
        stages = [stack.enter_context(Stage(f"127.0.4.{n + 1}")) for n in range(20)]
        bad = _poisoned(stages)
        (tmp_path / "feeds.opml").write_bytes(opml.written([ListedFeed(stage.url()) for stage in stages]))
        more = {
            "UNBURY_FEEDS": str(tmp_path / "feeds.opml"),
            "UNBURY_WEB__ALLOW": '["127.0.0.0/8"]',
            "UNBURY_WEB__TIMEOUT": "2s",
            "UNBURY_WEB__DELAY": "0.1",
            "UNBURY_LIMITS__INGEST": "20s",
        }
        broker = stack.enter_context(redis_server())
        ours = stack.enter_context(fleet(tmp_path, database_url, broker, {}, **more))
        ours.start()
        ours.until(lambda: len(errors(ours.database)) == 20 and _all_read(ours.database))
        said = errors(ours.database)
        by_url = {
            one.url: name for name, one in Runtime(Settings(feeds=tmp_path / "feeds.opml")).feedlist.sources().items()
        }
        wrong = {number: said[by_url[stages[number].url()]] for number in bad}

    assert {number: wrong[number][: len(begins)] for number, begins in bad.items()} == bad
    assert sum(not error for error in said.values()) == 10


def _all_read(database: Database) -> bool:
    with database.reading() as session:
        return documents.count(session)[0] == 10


def test_one_host_is_asked_by_one_worker_at_a_time(tmp_path: Path, database_url: str) -> None:
    """Six feeds of one host, four processes: no two requests overlap."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage())
        urls = [stage.says(f"/{n}", Reply(200, rss(f"Good {n}"), pause=0.2)) for n in range(6)]
        (tmp_path / "feeds.opml").write_bytes(opml.written([ListedFeed(url) for url in urls]))
        more = {
            "UNBURY_FEEDS": str(tmp_path / "feeds.opml"),
            "UNBURY_WEB__ALLOW": '["127.0.0.0/8"]',
            "UNBURY_WEB__DELAY": "0.3",
            "UNBURY_LIMITS__INGEST": "30s",
        }
        broker = stack.enter_context(redis_server())
        ours = stack.enter_context(fleet(tmp_path, database_url, broker, {}, **more))
        ours.start(processes=4)
        ours.until(lambda: len(errors(ours.database)) == 6)
        asked = sorted((one.since, one.until) for one in stage.asked if one.until)

    assert len(asked) == 6
    assert all(later[0] - earlier[1] >= 0.2 for earlier, later in itertools.pairwise(asked))
