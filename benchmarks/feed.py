"""What one feed costs: python -m benchmarks.feed.

A feed of 500 entries from its bytes to its rows; what an XML bomb costs beside an ordinary feed of its size;
and the memory that feeds of 10 MB take, hostile and honest, in the parser's process and in ours.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.hostile import CORPUS, bombs
from tests.web.readers import web
from tests.web.stage import Reply, Stage, rss
from worker.errors import ParsingFailed, Unparsable
from worker.fetched import SourceState
from worker.parsing import Parser
from worker.settings import SourceSettings
from worker.sources.feeds import Feed
from worker.store import documents
from worker.store.database import Database

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def tried(parser: Parser, content: bytes) -> str:
    try:
        found = parser.parsed("feed", content, 5.0, url="https://x.example/feed", media_type="application/xml")
    except (Unparsable, ParsingFailed) as error:
        return str(error)[:70]
    return f"{len(found.get('entries', []))} entries"


def timed(do: Callable[[], object]) -> tuple[float, object]:
    begun = time.perf_counter()
    value = do()
    return time.perf_counter() - begun, value


def peak(parser: Parser) -> float:
    """The most memory (MB) that the parser's process ever had."""
    assert parser._child
    status = Path(f"/proc/{parser._child.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def stored(folder: Path, number: int) -> float:
    database = Database(f"sqlite:///{folder / f'{number}.db'}")
    database.upgrade()
    with Stage() as stage:
        url = stage.says("/feed", Reply(200, rss(*(f"n{n}" for n in range(number)))))
        feed = Feed("feed", SourceSettings(kind="feed", url=url, full_text="never"), web())
        feed.fetch(SourceState())  # a warm parser

        def do() -> None:
            fetched = feed.fetch(SourceState())
            with database.writing() as session:
                documents.add(session, fetched.documents, NOW)

        spent, _ = timed(do)
    with database.reading() as session:
        assert documents.count(session)[0] == number
    database.close()
    return spent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(f"500 entries, from the server to the rows: {stored(Path(folder), 500):.2f} s")
    parser = Parser()
    tried(parser, rss("warm"))
    print(f"{'':24}{'size':>10}{'time':>10}{'ordinary':>10}{'memory':>10}{'more':>8}")
    for name, content in bombs().items():
        ordinary = rss(*(f"n{n}" for n in range(max(len(content) // 1000, 1))))
        usual = statistics.median(timed(lambda feed=ordinary: tried(parser, feed))[0] for _ in range(5))  # type: ignore[misc]
        before = peak(parser)
        spent, said = timed(lambda feed=content: tried(parser, feed))  # type: ignore[misc]
        print(
            f"{name:24}{len(content):>10}{spent * 1e3:>7.0f} ms{usual * 1e3:>7.0f} ms{peak(parser):>7.0f} MB{peak(parser) - before:>+5.0f} MB  {said}"
        )
    parser.close()
    print(f"{'':24}{'size':>10}{'time':>10}{'parser':>10}{'ours':>10}")
    for name, make in CORPUS.items():
        content = make()[: 10 * 2**20]
        parser = Parser()
        tried(parser, rss("warm"))
        spent, said = timed(lambda: tried(parser, content))  # noqa: B023
        memory = peak(parser) if parser._child else 0
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:24}{len(content):>10}{spent:>8.2f} s{memory:>7.0f} MB{own:>7.0f} MB  {said}", flush=True)
        parser.close()


if __name__ == "__main__":
    main()
