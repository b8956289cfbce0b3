"""A real HTTP server on loopback that says what a test wants it to say, and remembers what it was asked."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

PARAGRAPH = "The harbour office withdrew the ferry {} on Monday after a crack was found in the forward ramp."


@dataclass(frozen=True)
class Asked:
    """A request as it came in: `since` and `until` are its beginning and end on the monotonic clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    since: float
    until: float = 0.0
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """An answer; with `raw`, whatever that writes to the socket instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[Any], None] | None = None
    pause: float = 0.0


class Stage:
    """A server of its own; each path has its replies, one after the other, the last one again and again."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Reply | Callable[[Asked], Reply]]] = {}
        self._lock = threading.Lock()
        stage = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                stage._answer(self)

            do_HEAD = do_POST = do_GET  # noqa: N815  # the names http.server looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        ThreadingHTTPServer.request_queue_size = 256
        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.host, self.port = host, self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/feed") -> str:
        """The address of a path."""
        return f"{self._scheme}://{self.host}:{self.port}{path}"

    def says(self, path: str, *replies: Reply | Callable[[Asked], Reply]) -> str:
        """Answer so from now on; gives the path's address."""
        with self._lock:
            self._replies[path] = list(replies)
        return self.url(path)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked]

    def count(self, path: str = "/feed") -> int:
        """How often a path was asked for."""
        return self.paths().count(path)

    def header(self, name: str, nth: int = -1) -> str | None:
        """A header of the nth request."""
        return self.asked[nth].headers.get(name.lower())

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        since = time.monotonic()
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        asked = Asked(handler.command, handler.path, headers, since, body=body)
        with self._lock:
            place = len(self.asked)
            self.asked.append(asked)
            waiting = self._replies.get(handler.path, [Reply(404)])
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(reply):
            reply = reply(asked)
        time.sleep(reply.pause)
        try:
            self._write(handler, reply)
        except OSError:
            handler.close_connection = True  # whoever asked has heard enough
        with self._lock:
            self.asked[place] = replace(asked, until=time.monotonic())

    @staticmethod
    def _write(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.raw:
            handler.close_connection = True
            reply.raw(handler.wfile)
            return
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if reply.status != 304:
            handler.wfile.write(reply.body)


def certified(folder: Path) -> ssl.SSLContext:
    """What a server on loopback proves itself with; who trusts cert.pem in the folder believes it."""
    openssl = shutil.which("openssl") or pytest.skip("no openssl, which makes a certificate")
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def rss(*titles: str, head: str = "", day: int = 20, teaser: bool = False) -> bytes:
    """A feed of entries with these titles, the newest first, each long enough to be no teaser."""
    items = "".join(_item(title, day, len(titles) - number, teaser=teaser) for number, title in enumerate(titles))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>Harbour</title>'
        f"<link>http://harbour.example/</link>{head}{items}</channel></rss>"
    ).encode()


def _item(title: str, day: int, number: int, *, teaser: bool) -> str:
    text = " ".join(PARAGRAPH.format(f"{title} {line}") for line in range(1 if teaser else 8))
    return (
        f"<item><title>{title}</title><link>{{link}}/{title}</link><guid>{title}</guid>"
        f"<pubDate>{day:02} Nov 2026 {number:02}:00:00 GMT</pubDate><description>{text}</description></item>"
    ).replace("{link}", "http://harbour.example")


def undated(feed: bytes) -> bytes:
    """The feed without its entries' dates: what is older than a feed's first fetch is not told."""
    return re.sub(rb"<pubDate>.*?</pubDate>", b"", feed)


def page(name: str, paragraphs: int = 12) -> bytes:
    """A page with a text of its own, between a menu and a footer."""
    text = "".join(f"<p>{PARAGRAPH.format(f'{name} {number}')}</p>" for number in range(paragraphs))
    return f"<html><head><title>{name}</title></head><body><nav><a href='/'>Home</a></nav><article><h1>{name}</h1>{text}</article></body></html>".encode()


def conditional(body: bytes, etag: str = '"one"') -> Callable[[Asked], Reply]:
    """A well-made server's answer: 304 for who has it already."""

    def answer(asked: Asked) -> Reply:
        same = asked.headers.get("if-none-match") == etag
        return Reply(304, headers={"ETag": etag}) if same else Reply(200, body, {"ETag": etag})

    return answer
