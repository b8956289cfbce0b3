"""The pages: strict headers on each answer, the archive, health, numbers, sources."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from prometheus_client.parser import text_string_to_metric_families

from tests.newsroom import NOW
from tests.pages.browser import beholder
from tests.serve.house import ADA, BOB, House, edition, runtime, serving
from tests.servers import free_port
from worker.delivery.unsubscribe import Unsubscription
from worker.fetched import SourceState
from worker.model import Job
from worker.settings import SourceSettings
from worker.store import history, jobs, presence

DAY = date(2026, 11, 23)
#: What everybody gets with every answer.
STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HOSTILE = '<script>alert("x")</script>'


def _strict(headers: dict[str, str]) -> None:
    assert {name: headers.get(name) for name in STRICT} == STRICT
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "script" not in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"]
    assert not {"server", "set-cookie", "x-powered-by", "access-control-allow-origin"} & headers.keys()


def test_every_answer_is_strict(small_house: House) -> None:
    """Whatever is asked, and however it ends."""
    house = small_house
    made = house.add(edition(DAY))
    asked = {
        ("GET", "/"): 200,
        ("GET", "/?page=2"): 404,
        ("GET", f"/editions/{made.id}"): 200,
        ("HEAD", f"/editions/{made.id}"): 200,
        ("GET", "/editions/0000"): 404,
        ("GET", house.path(ADA)): 200,
        ("POST", house.path(ADA)): 400,
        ("GET", "/unsubscribe/x"): 403,
        ("PUT", house.path(ADA)): 405,
        ("OPTIONS", "/"): 405,
        ("GET", "/healthz"): 200,
        ("GET", "/readyz"): 503,
        ("GET", "/metrics"): 200,
        ("GET", "/sources"): 200,
        ("GET", "/favicon.ico"): 404,
        ("GET", "/robots.txt"): 404,
        ("GET", "/unsubscribe/"): 404,
        ("GET", "/healthz/"): 404,
    }
    for (method, path), status in asked.items():
        answer = house.ask(path, method)
        assert (method, path, answer.status) == (method, path, status)
        _strict(dict(answer.headers))


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/editions/../../../etc/passwd",
        "/editions/..%2f..%2f..%2fetc%2fpasswd",
        "/editions/%2e%2e/config/unbury.toml",
        "/editions/%00",
        "/editions/' OR 1=1 --".replace(" ", "%20"),
        "/editions/" + "a" * 5000,
        "/%2e%2e/%2e%2e/etc/passwd",
        "/templates/style.css",
        "//example.org/",
        "/?page=0",
        "/?page=-1",
        "/?page=99999999999999999999",
        "/?page=%00",
    ],
)
def test_no_path_leads_anywhere_else(house: House, path: str) -> None:
    """There are no files behind the addresses, and the database is asked for ids only."""
    assert house.ask(path).status == 404


def test_the_archive_lists_editions_by_month(house: House) -> None:
    """The newest first, so many a page; those of one day by digest and number."""
    for back in range(80):
        house.add(edition(DAY - timedelta(days=back)))
    house.add(edition(DAY, 2))
    weekly = house.add(edition(DAY, digest="weekly"))
    first, second = house.ask("/").text, house.ask("/?page=2").text
    assert re.findall("<h2>(.+)</h2>", first) == ["November 2026", "October 2026", "September 2026"]
    days = re.findall(r'<a href="editions/([0-9a-f]+)">(.+)</a>', first)
    assert len(days) == 62
    assert [day for _, day in days[:4]] == ["Monday 23 November 2026"] * 3 + ["Sunday 22 November 2026"]
    assert days[2][0] == weekly.id
    assert "The Daily &lt;b&gt;, edition 2 · 1 story" in first
    older = re.findall(r'<a href="editions/([0-9a-f]+)">', second)
    assert len(older) == 20
    assert not set(older) & {name for name, _ in days}
    assert ("Older editions" in first, "Newer editions" in first) == (True, False)
    assert ("Older editions" in second, "Newer editions" in second) == (False, True)
    assert house.ask("/?page=3").status == 404
    assert house.ask(f"/editions/{weekly.id}").status == 200


def test_an_edition_is_its_page_and_is_sent_once(small_house: House) -> None:
    """Its own HTML, byte for byte; whoever has it is told that it is the same."""
    made = small_house.add(edition(DAY, headline=HOSTILE))
    answer = small_house.ask(f"/editions/{made.id}")
    assert answer.text == small_house.parts.exporter("html").export(made).parts[0].content
    assert HOSTILE not in answer.text
    assert answer.headers["cache-control"] == "private, max-age=300"
    tag = answer.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = small_house.ask(f"/editions/{made.id}", If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
    assert small_house.ask(f"/editions/{made.id}", If_None_Match='"other"').status == 200


def test_a_style_is_allowed_by_what_it_says(small_house: House) -> None:
    """A page's policy has the hash of its own style, and no other style would do."""
    answer = small_house.ask("/")
    style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style
    said = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{said}'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text


def test_health_is_the_database(house: House, tmp_path: Path) -> None:
    """Reachable and of this version: 200. Otherwise 503, without a word of where it is."""
    assert (house.ask("/healthz").status, house.ask("/healthz").text) == (200, '{"status":"ok"}')
    with serving(runtime(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")) as empty:
        assert empty.ask("/healthz").status == 503


def test_ready_is_that_work_gets_done(house: House) -> None:
    """With a tick and nothing that waits for a worker; it says which kind waits."""
    assert (house.ask("/readyz").status, house.ask("/readyz").text) == (503, '{"status":"nothing ticks"}')
    with house.parts.database.writing() as session:
        presence.see(session, presence.Seen("tick", "tick", "", house.parts.now()))
    assert (house.ask("/readyz").status, house.ask("/readyz").text) == (200, '{"status":"ok"}')
    with house.parts.database.writing() as session:
        jobs.insert(session, [Job("compose", "c")], house.parts.now() - timedelta(minutes=2))
    assert house.ask("/readyz").text == '{"status":"nobody takes up what is due: compose"}'
    assert house.ask("/healthz").status == 200


def test_without_the_database_pages_say_so_and_nothing_else(tmp_path: Path) -> None:
    """503, strict headers, and no address of the database; a click is not lost without a word."""
    parts = runtime(tmp_path, f"postgresql://someone:secret@127.0.0.1:{free_port()}/unbury")
    parts.unsubscribe_secret = "5e" * 32
    with serving(parts) as house:
        path = "/unsubscribe/" + Unsubscription("daily", ADA).signed(parts.unsubscribe_secret)
        for answer in (house.ask("/"), house.ask("/healthz"), house.ask("/metrics"), house.click(path)):
            assert answer.status == 503
            assert "127.0.0.1" not in answer.text
            assert "someone" not in answer.text
            _strict(dict(answer.headers))


def test_numbers_are_those_of_the_status(small_house: House) -> None:
    """In Prometheus's text format."""
    small_house.add(edition(DAY))
    answer = small_house.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"unbury_documents", "unbury_lag_seconds", "unbury_next_due_timestamp_seconds"} <= names


def test_sources_are_shown_as_text(house: House) -> None:
    """Titles and errors are strangers' words; a password in an address is nobody's business."""
    feed = SourceSettings(kind="feed", url="https://me:hidden@blog.example/feed", section="<i>")
    house.parts.settings = house.parts.settings.model_copy(update={"sources": {"blog": feed}})
    state = SourceState(title=HOSTILE, error=f"said {HOSTILE}", failures=3, next_check=NOW, succeeded=NOW)
    with house.parts.database.writing() as session:
        history.keep_source_state(session, "blog", state, SourceState())
    page = house.ask("/sources").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "(3 times)" in page
    assert "last read 2026-11-23 07:00 UTC" in page
    assert "hidden" not in page


@pytest.mark.parametrize("path", ["/metrics", "/sources"])
def test_what_says_much_is_not_for_the_world(small_house: House, path: str) -> None:
    """Not through a proxy, nor by the name under which the world reaches us; unsubscribing is."""
    for name in ("X_Forwarded_For", "Forwarded", "X_Forwarded_Host", "X_Real_IP", "Via"):
        assert small_house.ask(path, "GET", b"", **{name: "192.0.2.1"}).status == 404
    assert small_house.ask(path, Host="news.example.org").status == 404
    assert small_house.ask(path, Host="unbury:8080").status == 200
    assert small_house.ask(small_house.path(ADA), Host="news.example.org", Via="1.1 proxy").status == 200


@pytest.mark.parametrize("host", ["evil.example", "news.example.org.evil.example", "[::1", "127.0.0.1.evil.example"])
def test_a_strangers_name_gets_no_answer(small_house: House, host: str) -> None:
    """A page in the operator's browser may lead its own name to this machine, and would read what it says."""
    for path in ("/", "/sources", "/healthz"):
        answer = small_house.ask(path, Host=host)
        assert answer.status == 421
        _strict(dict(answer.headers))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "[::1]:8080", "nas", "NEWS.example.org", "192.168.1.5"]
)
def test_our_own_names_get_one(small_house: House, host: str) -> None:
    """Numbers, names without a dot, and the one that is set."""
    assert small_house.ask("/", Host=host).status == 200


def test_a_browser_shows_the_pages_and_the_button_works(small_house: House) -> None:
    """Styled under their own policy, without a word in the console, and nothing that axe finds wrong, light and dark."""
    made = small_house.add(edition(DAY))
    root = f"http://127.0.0.1:{small_house.port}"
    with beholder() as browser:
        for path in ("/", "/sources", small_house.path(BOB), f"/editions/{made.id}", "/nothing"):
            for dark, paper in ((False, "rgb(251, 250, 247)"), (True, "rgb(23, 22, 20)")):
                seen = browser.look(root + path, 320, dark=dark)
                assert (seen.violations, seen.remote, seen.overflow, seen.paper) == ([], [], 0, paper), path
                assert [one for one in seen.complaints if "404" not in one] == []
        done = browser.look(root + small_house.path(ADA), act=_unsubscribe)
    assert (done.violations, done.complaints) == ([], [])
    assert small_house.readers() == [BOB]


def _unsubscribe(page: Page) -> None:
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
