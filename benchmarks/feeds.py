"""Suites of feeds, and what ours makes of them: python -m benchmarks.feeds DATA.

DATA holds feeds.tar.gz and feeds_index.jsonl: a line a file, with what feedparser's own tests expect of it
(`expect`), or for a feed from the wild how many entries, titles, dates and links a lenient reader finds.
An expectation on a title, a link, a date, an author or a text is held if our entry has it; markup and blanks
do not count, because we keep plain paragraphs.
"""

from __future__ import annotations

import ast
import re
import sys
import tarfile
import time
from calendar import timegm
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.data import records
from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import Entry, address, documented, keys, received
from worker.parsers.feed import parsed
from worker.store import documents
from worker.store.database import Database

_HEADER = re.compile(rb"Header:\s*([\w-]+):\s*([^\r\n]*?)\s*(?:-->|\r?\n)")
_KINDS = {
    "title": "title", "title_detail": "title", "link": "link", "author": "author", "author_detail": "author",
    "summary": "text", "description": "text", "summary_detail": "text", "content": "text", "subtitle": "text",
    "published_parsed": "date", "updated_parsed": "date", "created_parsed": "date",
}  # fmt: skip
_BASE = "http://127.0.0.1:8097/"


def entries_of(content: bytes) -> tuple[list[Entry], str]:
    """Our entries of a feed, and its base address."""
    said = {name.lower().decode(): value.decode("latin-1") for name, value in _HEADER.findall(content[:3000])}
    base = address(said.get("content-location", ""), _BASE) or _BASE
    found = parsed(content, url=base, media_type=said.get("content-type", ""))
    return [received(one) for one in found.get("entries", [])], base


def expectations(expect: str) -> Iterator[tuple[int, str, str, Any]]:
    """What a test says of entries: place, our kind of fact, feedparser's key, value."""
    for node in ast.walk(ast.parse(expect.strip(), mode="eval")):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            path = _path(node.left)
            if len(path) >= 3 and path[0] == "entries" and isinstance(path[1], int) and path[2] in _KINDS:
                whole = len(path) == 3 and path[2] not in ("title_detail", "summary_detail", "content", "author_detail")
                if whole or path[3:] in (["value"], [0, "value"], ["name"]):
                    try:
                        yield path[1], _KINDS[path[2]], path[2], ast.literal_eval(node.comparators[0])
                    except ValueError:
                        continue


def _path(node: ast.AST) -> list[Any]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return [*_path(node.value), node.slice.value]
    return [None]


def held(entry: Entry, kind: str, key: str, value: Any, base: str) -> bool:
    if kind == "date":
        moment = datetime.fromtimestamp(timegm(tuple(value)), UTC)
        return entry.published == moment.isoformat()
    if kind == "link":
        return entry.url == address(value, base)
    if kind == "author":
        return _blank(entry.author) == _bare(value)
    if kind == "title":
        return _blank(entry.title) == _bare(value)
    return _blank(" ".join(entry.paragraphs)) == _bare(value)


def _bare(text: str) -> str:
    return _blank(prose.line(str(text)))


def _blank(text: str) -> str:
    return "".join(text.split())


def main(data: Path) -> int:
    with tarfile.open(data / "feeds.tar.gz") as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
    rows = records(data / "feeds_index.jsonl")
    table: dict[str, Counter[str]] = defaultdict(Counter)
    why: dict[str, Counter[str]] = defaultdict(Counter)
    raised, begun = [], time.perf_counter()
    stored = Stored()
    for row in rows:
        content = files[row["path"]]
        try:
            entries, base = entries_of(content)
        except Unparsable as error:
            entries, base = [], _BASE
            if row["entries"]:
                why[row["set"]][f"refused: {error}"] += 1
        except Exception as error:  # noqa: BLE001
            raised.append((row["path"], repr(error)[:200]))
            continue
        if row["expect"]:
            _expected(row, entries, base, table, why)
        else:
            _real(row, entries, table, why)
        stored.put(row["path"], entries, base, why)
    print(f"{'suite':28}{'cases':>8}{'held':>8}")
    for name, counts in sorted(table.items()):
        print(f"{name:28}{counts['cases']:>8}{counts['held']:>8}")
    for name, reasons in sorted(why.items()):
        for reason, number in reasons.most_common(60):
            print(f"  {name}: {number} × {reason}")
    print(
        f"{len(rows)} feeds, {len(raised)} raised, {time.perf_counter() - begun:.1f} s; {stored.entries} entries stored, {stored.wrong} feeds with one too many or too few"
    )
    for path, error in raised:
        print("  raised:", path, error)
    return int(bool(raised or stored.wrong))


def _expected(
    row: dict[str, Any], entries: list[Entry], base: str, table: dict[str, Counter[str]], why: dict[str, Counter[str]]
) -> None:
    for place, kind, key, value in expectations(row["expect"]):
        name = f"{row['set']}, {kind}"
        table[name]["cases"] += 1
        if place < len(entries) and held(entries[place], kind, key, value, base):
            table[name]["held"] += 1
        else:
            got = (
                getattr(entries[place], {"text": "paragraphs", "date": "published", "link": "url"}.get(kind, kind))
                if place < len(entries)
                else "no entry"
            )
            why[name][f"{row['path']}: {key} {str(value)[:70]!r}, ours {str(got)[:70]!r}"] += 1


def _real(
    row: dict[str, Any], entries: list[Entry], table: dict[str, Counter[str]], why: dict[str, Counter[str]]
) -> None:
    ours = {
        "entries": len(entries),
        "titles": sum(bool(entry.title) for entry in entries),
        "linked": sum(bool(entry.url) for entry in entries),
        "dated": sum(bool(entry.published) for entry in entries),
    }
    for name, number in ours.items():
        if row[name]:
            table[f"{row['set']}, {name}"]["cases"] += 1
            table[f"{row['set']}, {name}"]["held"] += number >= row[name]
            if number < row[name]:
                why[f"{row['set']}, {name}"][f"{row['path']}: {number} of {row[name]}"] += 1


class Stored:
    """Each feed into a store of its own, twice: its entries are there once each."""

    def __init__(self) -> None:
        self.entries = self.wrong = 0

    def put(self, path: str, entries: list[Entry], base: str, why: dict[str, Counter[str]]) -> None:
        wanted = [entry for entry in entries if not entry.empty]
        if not wanted:
            return
        names = keys(path, wanted)
        made = [
            documented(entry, known, source=path, home=base, speaks="en")
            for entry, known in zip(wanted, names, strict=True)
        ]
        database = Database("sqlite://")
        database.upgrade()
        now = datetime(2026, 11, 23, tzinfo=UTC)
        with database.writing() as session:
            documents.add(session, made, now)
            documents.add(session, made, now)
            count, _ = documents.count(session)
        database.close()
        distinct = len({(entry.guid or entry.url or entry.title, entry.url) for entry in wanted})
        self.entries += count
        if count > len(wanted) or count < min(len(set(names)), distinct):
            self.wrong += 1
            why["stored"][f"{path}: {count} documents of {len(wanted)} entries, {distinct} distinct"] += 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
