"""Parsing what strangers wrote, in a process of its own that may hang, swell or die without harm.

The child lives as long as its parent and answers one request after the other: a frame of JSON and
bytes in, a frame of JSON with its number out (never pickle: whoever takes over the child must not reach the
parent). It is started by exec, because Celery's pool forbids multiprocessing. Its limits are the kernel's:
compiled code hears no exception, and a child whose parent is gone ends all the same.
"""

from __future__ import annotations

import atexit
import importlib
import itertools
import json
import os
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from worker.errors import ParsingFailed, Unparsable

#: What may be asked for, and where it is: a request names one of these and nothing else.
PARSERS = {
    "feed": "worker.parsers.feed:parsed",
    "lines": "worker.parsers.written:lines",
    "markdown": "worker.parsers.written:markdown",
    "opml": "worker.parsers.opml:parsed",
    "page": "worker.parsers.page:parsed",
    "plain": "worker.parsers.written:plain",
    "seed": "worker.parsers.seed:parsed",
}
_SECONDS = 20.0
_MEMORY = 2**30  # bytes of address space
_REQUESTS = 1000  # after so many a new child is started: what libraries leak stays small
_GRACE = 5.0  # seconds that the parent waits longer than the child's own timer
_HEAD = struct.Struct("!Q")
_LARGEST = 256 * 2**20  # bytes of an answer
_NUMBERS = itertools.count()  # of this process and its threads: no two requests share one


class Child:
    """A module of ours in a process of its own, started by exec, that is asked and answers by pipes."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str], **options: Any) -> None:
        path = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        self.process = subprocess.Popen(  # noqa: S603  # Python and a module of ours
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "PYTHONPATH": path},
            **options,
        )
        assert self.process.stdin  # noqa: S101  # both are pipes
        assert self.process.stdout  # noqa: S101
        self.requests, self.answers = self.process.stdin, self.process.stdout

    def end(self) -> None:
        """End it; what it has not read yet is lost."""
        self.process.kill()
        self.process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):
            self.requests.close()


class Parser:
    """A child, started when it is first needed and again when it hit a limit."""

    def __init__(self, parsers: Mapping[str, str] = PARSERS, seconds: float = _SECONDS, memory: int = _MEMORY) -> None:
        self._parsers, self._seconds, self._memory = parsers, seconds, memory
        self._child: Child | None = None
        self._owner = self._asked = 0
        self._lock = threading.Lock()

    def parsed(self, parser: str, content: bytes, seconds: float | None = None, **values: object) -> Any:
        """What a parser makes of bytes. Raises Unparsable if it refuses them, ParsingFailed at a limit.

        `seconds` is its time, where that is not the usual one.
        """
        allowed = self._seconds if seconds is None else seconds
        with self._lock:
            child = self._running()
            self._asked += 1
            try:
                answer = self._answer(child, [parser, values, allowed], content, allowed)
            except (OSError, EOFError):
                raise ParsingFailed(self._ended(allowed)) from None
            except BaseException:  # a time limit of the caller's: the answer that is still to come is nobody's
                self.close()
                raise
        if "memory" in answer:
            raise ParsingFailed(f"parsing it took more than {self._memory / 2**20:.0f} MB")
        if "refused" in answer:
            message, line = answer["refused"]
            raise Unparsable(message, line=line)
        if "failed" in answer:
            raise ParsingFailed(f"parsing it failed: {answer['failed']}")
        return answer["value"]

    def close(self) -> None:
        """End the child; the next request starts another."""
        child, self._child = self._child, None
        if child is not None and self._owner == os.getpid():
            child.end()

    def _running(self) -> Child:
        if self._owner != os.getpid():  # a fork's copy of somebody else's child
            self._child = None
        if self._child is None or self._child.process.poll() is not None or self._asked >= _REQUESTS:
            self.close()
            self._child, self._owner, self._asked = self._started(), os.getpid(), 0
        return self._child

    def _started(self) -> Child:
        limits = json.dumps([self._memory, dict(self._parsers)])
        # No secrets, no proxy, nothing of the parent's; and no module from the folder it is started in.
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
        return Child("worker.parsing", limits, environment=environment, cwd="/")

    def _answer(self, child: Child, asked: list[Any], content: bytes, seconds: float) -> dict[str, Any]:
        number = next(_NUMBERS)
        put(child.requests, json.dumps([number, *asked]).encode())
        put(child.requests, content)
        ready, _, _ = select.select([child.answers], [], [], seconds + _GRACE)
        if not ready:
            raise TimeoutError
        found = got(child.answers, _LARGEST)
        if found[: _HEAD.size] != _HEAD.pack(number):
            raise ParsingFailed("the parser answered another request")
        answer: dict[str, Any] = json.loads(found[_HEAD.size :])
        if "memory" in answer:
            self.close()
        return answer

    def _ended(self, seconds: float) -> str:
        """Why there is no answer; the child is gone after it."""
        child = self._child
        code = child.process.poll() if child else None
        if child is not None and code is None:
            try:
                code = child.process.wait(0.5)
            except subprocess.TimeoutExpired:
                code = -signal.SIGALRM  # frozen: it did not even hear its timer
        self.close()
        if code == -signal.SIGALRM:
            return f"parsing it took longer than {seconds:g} s"
        return f"the parser ended with {said(code)}"


def put(stream: IO[bytes], content: bytes) -> None:
    """Write a frame: how long it is, and the bytes."""
    stream.write(_HEAD.pack(len(content)) + content)
    stream.flush()


def got(stream: IO[bytes], most: int = sys.maxsize) -> bytes:
    """The next frame. Raises EOFError if the stream ends within it, or if it is longer than so many bytes."""
    [length] = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if length > most:
        raise EOFError
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    found = stream.read(length)
    if len(found) != length:
        raise EOFError
    return found


def said(code: int | None) -> str:
    """How a process ended: "signal 9", or its exit code."""
    return f"signal {-code}" if code and code < 0 else str(code)


class Parsers:
    """Several children for the threads of a process: a document that hangs in one holds up no other."""

    def __init__(self, number: int) -> None:
        self._all = [Parser() for _ in range(number)]
        self._free: queue.LifoQueue[Parser] = queue.LifoQueue()  # the last one used is warm
        for parser in self._all:
            self._free.put(parser)

    def parsed(self, parser: str, content: bytes, seconds: float | None = None, **values: object) -> Any:
        """What the next free child makes of bytes. Raises as Parser.parsed does."""
        child = self._free.get()
        try:
            return child.parsed(parser, content, seconds, **values)
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End all children."""
        for parser in self._all:
            parser.close()


_PARSERS = Parsers(max(2, os.cpu_count() or 1))
atexit.register(_PARSERS.close)
parsed = _PARSERS.parsed
#: End the children that wait for work; the next request starts one.
rest = _PARSERS.close


def _serve(memory: int, parsers: Mapping[str, str]) -> None:
    """The child: answer until nobody asks."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with suppress(EOFError, BrokenPipeError):
        while True:
            number, parser, values, seconds = json.loads(got(requests))
            content = got(requests)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer = _tried(parsers[parser], content, values)
            signal.setitimer(signal.ITIMER_REAL, 0)
            put(answers, _HEAD.pack(number) + answer)


def _tried(path: str, content: bytes, values: dict[str, Any]) -> bytes:
    try:
        module, _, name = path.partition(":")
        value = getattr(importlib.import_module(module), name)(content, **values)
        return json.dumps({"value": value}).encode()
    except Unparsable as error:
        return json.dumps({"refused": [error.message, error.line]}).encode()
    except MemoryError:
        return b'{"memory": true}'
    except Exception as error:  # noqa: BLE001  # whatever a library raises on what strangers wrote
        return json.dumps({"failed": f"{type(error).__name__}: {error}"[:500]}).encode()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    _serve(*json.loads(sys.argv[1]))
