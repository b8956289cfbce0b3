"""Nothing that a server sends or names leads us where we must not go, or holds us up."""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import structlog

from tests.web.readers import START, Ours, web
from tests.web.stage import Reply, Stage, rss
from worker.errors import FetchFailed, Refused
from worker.web.access import Web
from worker.web.addresses import Gate, public
from worker.web.client import Client
from worker.web.robots import Robots
from worker.web.turns import OwnTurns
from worker.web.urls import checked, without_user

#: Addresses of nobody on the open internet, in every disguise that a resolver or Python lets through.
PRIVATE = (
    "0.0.0.0 127.0.0.1 127.255.255.254 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254"
    " 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.5 224.0.0.1"
    " 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1"
    " 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:0a00:0001:: 2001::80ff:fffe 2001:db8::1"
    " 100::1 fe80::1 fe80::1%lo fc00::1 fd00:ec2::254 fec0::1 ff02::1 5f00::1"
).split()
PUBLIC = "8.8.8.8 93.184.215.14 2606:4700:4700::1111 2a00:1450:4001:82f::200e 64:ff9b::8.8.8.8 2002:808:808::1".split()
#: What browsers and resolvers take for loopback.
SPELLINGS = (
    "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "①②⑦.⓪.⓪.①", "127。0。0。1", "localhost", "LOCALHOST.",
    "[::1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_is_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_is_public(address: str) -> None:
    assert public(address)


def _guarded(*answers: Sequence[str], allowed: Sequence[str] = ()) -> Client:
    """A client whose resolver gives these answers one after the other, the last one for ever."""
    waiting = list(answers)

    def resolve(host: str, port: int) -> Sequence[str]:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return Client(Gate(allowed, resolve), OwnTurns(0), "Unbury/test", 3.0)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_to_it_is_refused(address: str) -> None:
    """What counts is where the connection would go, not what the name looks like."""
    with pytest.raises(Refused, match="not an address on the public internet"):
        _guarded([address]).get("http://feeds.example/feed")


def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(Refused):
        _guarded(["93.184.215.14", "10.0.0.1"]).get("http://feeds.example/feed")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_of_loopback_is_refused(spelling: str) -> None:
    """With the machine's own resolver; a server listens there and hears nothing."""
    with Stage() as stage:
        stage.says("/feed", Reply(200, rss("a")))
        with pytest.raises(FetchFailed):
            Client(Gate(), OwnTurns(0), "Unbury/test", 3.0).get(f"http://{spelling}:{stage.port}/feed")
        assert stage.asked == []


def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """Rebinding: what was checked is what is connected to; the next answer is checked as well."""
    with Stage() as stage:
        stage.says("/feed", Reply(200, rss("a")))
        resolved = []

        def resolve(host: str, port: int) -> Sequence[str]:
            resolved.append(host)
            return ["127.0.0.1"] if len(resolved) == 1 else ["10.0.0.1"]

        client = Client(Gate(("127.0.0.1",), resolve), OwnTurns(0), "Unbury/test", 3.0)
        assert client.get(f"http://feeds.example:{stage.port}/feed").status == 200
        assert resolved == ["feeds.example"]
        client._http.close()
        with pytest.raises(Refused):
            Client(Gate(("127.0.0.1",), resolve), OwnTurns(0), "Unbury/test", 3.0).get("http://feeds.example/feed")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{port}/feed", "http://[::1]:{port}/feed", "http://169.254.169.254/"]
)
def test_a_redirect_is_checked_as_well(target: str) -> None:
    """Only 127.0.0.1 is allowed; a redirect to anywhere else inside is refused before it connects."""
    with Stage() as stage, Stage("127.0.0.2") as inner:
        inner.says("/feed", Reply(200, rss("a")))
        url = stage.says("/feed", Reply(302, headers={"Location": target.format(port=inner.port)}))
        with pytest.raises(Refused):
            Client(Gate(("127.0.0.1",)), OwnTurns(0), "Unbury/test", 3.0).get(url)
        assert inner.asked == []


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://ftp.example/", "gopher://g.example/", "javascript:alert(1)", "data:,x"],
)
def test_a_redirect_to_another_scheme_is_refused(target: str) -> None:
    with Stage() as stage:
        url = stage.says("/feed", Reply(302, headers={"Location": target}))
        with pytest.raises(Refused, match="no http or https address"):
            web().client.get(url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x.example/", "//x.example/", "http://", "http://[::1", "x"]
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        checked(url)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would resolve names itself, unchecked."""
    with Stage() as proxy, Stage() as stage:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        assert web().client.get(stage.says("/feed", Reply(200, rss("a")))).status == 200
        assert proxy.asked == []


def test_the_allow_list_takes_names_and_networks() -> None:
    """A name is allowed wherever it leads, a network whoever leads there."""
    assert Gate(("intranet",), lambda *_: ["10.1.2.3"]).addresses("intranet", 80) == ["10.1.2.3"]
    assert Gate(("10.0.0.0/8",), lambda *_: ["10.1.2.3"]).addresses("wiki", 80) == ["10.1.2.3"]
    with pytest.raises(Refused):
        Gate(("intranet",), lambda *_: ["10.1.2.3"]).addresses("wiki", 80)


def _drip(piece: bytes, first: bytes = b"") -> Callable[[Any], None]:
    def write(to: Any) -> None:
        to.write(first)
        for _ in range(200):
            to.write(piece)
            to.flush()
            time.sleep(0.05)

    return write


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        _drip(b"x", HEAD),
        _drip(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
        _drip(b"1\r\nx\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        _drip(b""),
        _drip(b"H"),
    ],
    ids=["body", "headers", "chunks", "nothing", "status line"],
)
def test_a_slow_drip_is_cut_at_the_deadline(raw: Callable[[Any], None]) -> None:
    """Each byte comes in time, the whole does not: ten seconds of drops end after one."""
    with Stage() as stage:
        url = stage.says("/feed", Reply(raw=raw))
        with pytest.raises(FetchFailed, match="did not answer within 1 s"):
            web(seconds=1.0).client.get(url)


def test_a_chain_of_redirects_has_one_deadline() -> None:
    """Each hop takes less than the time set, all of them more."""
    with Stage() as stage:
        for number in range(5):
            stage.says(f"/{number}", Reply(302, headers={"Location": f"/{number + 1}"}, pause=0.4))
        stage.says("/5", Reply(200, rss("a"), pause=0.4))
        with pytest.raises(FetchFailed, match="did not answer within 1 s"):
            web(seconds=1.0).client.get(stage.url("/0"))

    assert stage.count("/5") == 0


def test_a_gzip_bomb_is_cut_at_the_limit() -> None:
    """A hundred megabytes of zeros in a hundred kilobytes: at ten megabytes it is over."""
    with Stage() as stage:
        bomb = gzip.compress(bytes(100 * 2**20), 9)
        url = stage.says("/feed", Reply(200, bomb, {"Content-Encoding": "gzip"}))
        with pytest.raises(FetchFailed, match="larger than 10 MB"):
            web().client.get(url)


def test_a_large_body_is_not_even_begun() -> None:
    """Who says that it is too large is believed."""
    with Stage() as stage:
        url = stage.says("/feed", Reply(200, b"x", {"Content-Length": str(2**40)}))
        with pytest.raises(FetchFailed, match="larger than 10 MB"):
            web().client.get(url)


def test_a_body_without_an_end_is_cut_at_the_limit() -> None:
    with Stage() as stage:

        def endless(to: Any) -> None:
            to.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                to.write(bytes(2**16))

        with pytest.raises(FetchFailed, match="larger than 1 MB"):
            web(most=2**20).client.get(stage.says("/feed", Reply(raw=endless)))


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 2**20 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/9.9 hello\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["long header", "many headers", "negative", "two lengths", "version", "binary", "bad target"],
)
def test_odd_heads_are_failures_in_words(head: bytes) -> None:
    """Whatever h11 or the URL's parser thinks of them."""
    with Stage() as stage, pytest.raises(FetchFailed):
        web(seconds=3).client.get(stage.says("/feed", Reply(raw=lambda to: to.write(head))))


@pytest.mark.parametrize("password", ["s3cret", "s3%40cret"])
def test_a_password_is_never_said(password: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in what a feed's problem says, nor in a log at any level, nor in what is stored of it."""
    caplog.set_level(logging.DEBUG)
    with Stage() as stage, structlog.testing.capture_logs() as logs:
        url = stage.url().replace("http://", f"http://reader:{password}@")
        stage.says("/feed", Reply(302, headers={"Location": "/feed"}))
        reader = Ours(url)
        reader.look()
        stage.says("/feed", Reply(200, rss("a").replace(b"<link>http://harbour.example/a</link>", b"")))
        ours = Ours(url)
        ours.look()
    said = f"{reader.state} {ours.state} {caplog.text} {logs}"

    assert "s3" not in said.replace(url, "")
    assert ours.titles == ["a"]


def test_an_address_is_shown_without_its_user() -> None:
    assert without_user("https://me:pa@ss@x.example/feed?a=b@c") == "https://x.example/feed?a=b@c"
    assert without_user("https://x.example/@someone") == "https://x.example/@someone"


def test_robots_are_asked_once_a_host() -> None:
    """Five pages, one robots.txt."""
    with Stage() as stage:
        stage.says("/robots.txt", Reply(200, b"User-agent: unbury\nDisallow: /private\n\nUser-agent: *\nDisallow: /"))
        way: Web = web(START)
        robots = Robots(way.client)
        allowed = [robots.allow(stage.url(path)) for path in ("/a", "/b", "/private/c", "/d?x=1")]

    assert allowed == [True, True, False, True]
    assert stage.paths() == ["/robots.txt"]
