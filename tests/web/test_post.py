"""A POST goes only where a GET may go, in bounded time, and says what is certain when it breaks."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import free_port
from tests.web.readers import web
from tests.web.stage import Reply, Stage
from worker.errors import FetchFailed, JobLost, Refused
from worker.web.addresses import Gate
from worker.web.client import Client
from worker.web.turns import OwnTurns


class Sending:
    """Counts how often it was told that the body goes out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def test_a_body_arrives_as_it_is() -> None:
    """With its length, its headers and our name, and nothing that a browser would add."""
    with Stage() as stage:
        sending = Sending()
        url = stage.says("/hook?a=b", Reply(204))
        answer = web().client.post(url, b'{"a": "\xc3\xa9"}\n', {"Content-Type": "application/json"}, sending)
        [asked] = stage.asked
    assert (answer.status, sending.times, asked.method, asked.body) == (204, 1, "POST", b'{"a": "\xc3\xa9"}\n')
    assert asked.headers["user-agent"].startswith("Unbury/")
    assert asked.headers["content-length"] == "12"
    assert {"cookie", "transfer-encoding", "accept"}.isdisjoint(asked.headers)


@pytest.mark.parametrize("status", [200, 301, 307, 400, 404, 410, 429, 500, 503])
def test_each_status_is_an_answer(status: int) -> None:
    """Whoever sent it decides; of a refusal the beginning of what the server says comes along."""
    with Stage() as stage:
        url = stage.says("/hook", Reply(status, b"invalid_blocks" * 10_000, {"Location": "/elsewhere"}))
        answer = web().client.post(url, b"x")
        assert answer.status == status
        assert answer.content == (b"" if status == 200 else (b"invalid_blocks" * 10_000)[:4096])
        assert stage.paths() == ["/hook"]


def test_a_refusal_whose_reason_never_ends_is_a_refusal() -> None:
    """The status is known: the reason is left where it is at the deadline."""
    with Stage() as stage:
        head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100000\r\n\r\nno"
        answer = web(seconds=0.5).client.post(stage.says("/hook", Reply(raw=_drip(b"!", head))), b"x")
    assert answer.status == 400
    assert answer.content.startswith(b"no!")


def test_a_flood_of_reasons_is_not_read() -> None:
    """A few of its bytes are enough; the rest stays in the pipe. Naive, read all: 50 MB."""
    written: list[int] = []

    def flood(to: Any) -> None:
        to.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 52428800\r\n\r\n")
        for _ in range(800):
            to.write(b"!" * 65536)
            written.append(65536)

    with Stage() as stage:
        answer = web().client.post(stage.says("/hook", Reply(raw=flood)), b"x")
    assert len(answer.content) == 4096
    assert sum(written) < 25 * 2**20


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "169.254.169.254"])
def test_a_private_address_gets_nothing(host: str) -> None:
    """As with a GET: refused before a connection is made, with the hint to allow it."""
    with Stage() as stage:
        sending = Sending()
        client = Client(Gate(()), OwnTurns(0), "Unbury/test", 3.0)
        with pytest.raises(Refused, match="not an address on the public internet") as raised:
            client.post(f"http://{host}:{stage.port}/hook", b"x", sending=sending)
        assert "web.allow" in raised.value.hint
        assert (stage.asked, sending.times) == ([], 0)


def test_where_nobody_listens_nothing_went_out() -> None:
    sending = Sending()
    with pytest.raises(FetchFailed, match="cannot be reached"):
        web().client.post(f"http://127.0.0.1:{free_port()}/hook", b"x", sending=sending)
    assert sending.times == 0


@pytest.mark.parametrize("name", ["nothing", "drip", "reset"])
def test_what_breaks_after_the_body_went_out_is_in_doubt(name: str) -> None:
    """The word was given, and no answer came."""
    raw: dict[str, Callable[[Any], None]] = {
        "nothing": _nothing,
        "drip": _drip(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
        "reset": _reset,
    }
    with Stage() as stage:
        sending = Sending()
        with pytest.raises(FetchFailed):
            web(seconds=0.5).client.post(stage.says("/hook", Reply(raw=raw[name])), b"x", sending=sending)
        assert (sending.times, stage.asked[0].body) == (1, b"x")


def test_who_may_not_send_sends_nothing() -> None:
    """What the last word raises comes back as it is; the server has not got the body, however long it waits for it."""
    with Stage() as stage:
        stage.says("/hook", Reply(200))

        def lost() -> None:
            until = time.monotonic() + 0.3
            while not stage.asked and time.monotonic() < until:
                time.sleep(0.01)
            assert stage.asked == []
            raise JobLost("somebody else has it")

        with pytest.raises(JobLost):
            web().client.post(stage.url("/hook"), b"x", sending=lost)


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage() as proxy, Stage() as stage:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        assert web().client.post(stage.says("/hook", Reply(200)), b"x").status == 200
        assert proxy.asked == []


def test_no_cookie_is_kept() -> None:
    with Stage() as stage:
        url = stage.says("/hook", Reply(200, headers={"Set-Cookie": "a=b"}))
        client = web().client
        client.post(url, b"x")
        client.post(url, b"x")
        assert stage.header("cookie") is None


def test_the_password_of_an_address_logs_in() -> None:
    """ntfy takes an access token as the password of nobody."""
    with Stage() as stage:
        url = stage.says("/hook", Reply(200)).replace("http://", "http://:tk_token@")
        web().client.post(url, b"x")
        assert stage.header("authorization") == "Basic OnRrX3Rva2Vu"


def test_the_address_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """At no level: what stands in its path may be as good as a password."""
    caplog.set_level(logging.DEBUG)
    with Stage() as stage:
        web().client.post(stage.says("/services/T0/B0/s3cr3t", Reply(404)), b"x")
    assert "s3cr3t" not in caplog.text


def _drip(piece: bytes, first: bytes) -> Callable[[Any], None]:
    def write(to: Any) -> None:
        to.write(first)
        for _ in range(100):
            to.write(piece)
            to.flush()
            time.sleep(0.05)

    return write


def _nothing(to: Any) -> None:
    pass


def _reset(to: Any) -> None:
    to._sock.shutdown(socket.SHUT_RDWR)
