"""What the intake costs: python -m benchmarks.intake [FEEDS] (1,000).

Each feed has a loopback address of its own (127.x.y.z, so Linux only), and the server a process of its own:
requests and bytes are counted by it, processor seconds of ours by the kernel (children, the parsers, included).
"""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import socketserver
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.web.stage import rss
from worker import logs
from worker.model import Job
from worker.queue import rounds
from worker.runtime import Runtime
from worker.settings import LogSettings, Settings, SourceSettings, WebSettings

_BAD = ("silent", "drip", "error", "junk", "page", "bomb", "trap", "inside", "loop", "closed")
TIMEOUT = 5.0


class Handler(socketserver.StreamRequestHandler):
    """Answers 304 to who has the feed, the feed to who has not, and misbehaves where the path says so."""

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return
            head += line
        path = head.split(b" ", 2)[1].decode()
        answer = _bad(path, self) if path.startswith("/bad/") else _good(path, head)
        with self.server.lock:  # type: ignore[attr-defined]
            counts = self.server.counts  # type: ignore[attr-defined]
            counts["requests"] += 1
            counts["unchanged"] += answer.startswith(b"HTTP/1.1 304")
            counts["in"] += len(head)
            counts["out"] += len(answer)
        self.wfile.write(answer)


def _good(path: str, head: bytes) -> bytes:
    if b'If-None-Match: "1"' in head:
        return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'
    return _packed(rss(*(f"{path[1:]}-{n}" for n in range(10))), b'ETag: "1"\r\n')


def _packed(body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + more + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def _bad(path: str, handler: Handler) -> bytes:
    kind = path.split("/")[2]
    if kind == "silent":
        time.sleep(60)
    if kind == "drip":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(600):
            handler.wfile.write(b"x")
            time.sleep(0.1)
    if kind == "bomb":
        import gzip

        return _packed(gzip.compress(bytes(50 * 2**20)), b"Content-Encoding: gzip\r\n")
    if kind == "inside":
        return b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    if kind == "loop":
        return f"HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    bodies = {
        "junk": os.urandom(200_000),
        "page": b"<!doctype html><html><body>Maintenance</body></html>",
        "trap": b"<rss><channel><item><title>" + b"<d>" * 100_000 + b"</title></item></channel></rss>",
    }
    return (
        _packed(bodies[kind])
        if kind in bodies
        else b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


class Server(socketserver.ThreadingTCPServer):
    """One socket for all of 127.0.0.0/8."""

    request_queue_size = 1024
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def serve(pipe: Connection) -> None:
    import threading

    with Server(("0.0.0.0", 0), Handler) as server:  # noqa: S104
        server.lock = threading.Lock()  # type: ignore[attr-defined]
        server.counts = dict.fromkeys(("requests", "unchanged", "in", "out"), 0)  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pipe.send(server.server_address[1])
        while pipe.recv():
            pipe.send(dict(server.counts))  # type: ignore[attr-defined]


def feeds(number: int, bad: int, port: int) -> dict[str, SourceSettings]:
    def url(n: int) -> str:
        host = f"127.{1 + n // 62_500}.{n // 250 % 250}.{1 + n % 250}"
        kind = _BAD[n % len(_BAD)]
        if n >= bad:
            return f"http://{host}:{port}/feed{n}"
        return f"http://{host}:{port if kind != 'closed' else 9}/bad/{kind}/{n}"

    return {f"feed{n}": SourceSettings(kind="feed", url=url(n), full_text="never") for n in range(number)}


def runtime(folder: Path, sources: dict[str, SourceSettings]) -> Runtime:
    web = WebSettings(allow=("127.0.0.0/8",), timeout=f"{TIMEOUT:g}s")  # type: ignore[arg-type]
    made = Runtime(
        Settings(
            database_url=f"sqlite:///{folder / 'unbury.db'}",
            out=folder / "out",
            feeds=folder / "none",
            sources=sources,
            web=web,
        )
    )  # type: ignore[arg-type]
    made.database.ready()
    return made


def cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    parsers = sum(_of(int(pid)) for pid in _children())
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime + parsers


def _children() -> list[str]:
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    found = [pid for task in path.parents[1].iterdir() for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"worker.parsing" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(
    what: str, ask: Callable[[], dict[str, int]], do: Callable[[], rounds.Result], number: int
) -> tuple[float, rounds.Result]:
    before, spent, begun = ask(), cpu(), time.perf_counter()
    result = do()
    wall, spent, after = time.perf_counter() - begun, cpu() - spent, ask()
    counts = {name: after[name] - before[name] for name in after}
    print(
        f"{what:34} {counts['requests']:6} requests ({counts['unchanged']} × 304), {counts['in'] / 1e3:8.0f} kB asked,"
        f" {counts['out'] / 1e3:8.0f} kB answered, {spent:6.1f} s CPU ({spent / number * 1e3:.1f} ms a feed), {wall:6.1f} s",
        flush=True,
    )
    return wall, result


def main(number: int) -> None:
    logs.configure(LogSettings(level="error"))
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    server = context.Process(target=serve, args=(other,), daemon=True)
    server.start()
    port = pipe.recv()

    def ask() -> dict[str, int]:
        pipe.send(True)
        counts: dict[str, int] = pipe.recv()
        return counts

    def run(parts: Runtime) -> rounds.Result:
        return rounds.run(parts, [Job("ingest", name) for name in parts.sources], [])

    with tempfile.TemporaryDirectory() as folder:
        parts = runtime(Path(folder), feeds(number, 0, port))
        timed("new, read and stored", ask, lambda: run(parts), number)
        for _ in range(2):
            timed("unchanged", ask, lambda: run(parts), number)
    bad = number // 20
    with tempfile.TemporaryDirectory() as folder:
        parts = runtime(
            Path(folder), {name: one for name, one in feeds(number, bad, port).items() if "/bad/" not in one.url}
        )
        good, _ = timed(f"{number - bad} good ones alone", ask, lambda: run(parts), number)
    with tempfile.TemporaryDirectory() as folder:
        parts = runtime(Path(folder), feeds(number, bad, port))
        both, result = timed(f"with {bad} bad ones among them", ask, lambda: run(parts), number)
    allowed = good + math.ceil(bad / parts.settings.web.at_once) * TIMEOUT
    new = sum(len(one.new) for one in result.ingested)
    print(
        f"{new} entries of {10 * (number - bad)}, {result.failed} failures of {bad}; {both:.1f} s of the {allowed:.1f} s that are allowed"
    )
    pipe.send(False)
    server.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
