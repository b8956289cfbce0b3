"""unbury verify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from worker.cli.grammar import Command
from worker.cli.known import TARGET, as_day, for_digest
from worker.cli.saying import as_json, progress, say, several
from worker.cli.wiring import digests, runtime, unready
from worker.digest import verification
from worker.edition import Edition
from worker.errors import NotFound, UsageError
from worker.exporters import sealed
from worker.exporters.json import Json
from worker.runtime import Runtime
from worker.services import compose
from worker.store import accounts, documents, editions


@dataclass(frozen=True)
class _Verdict:
    """What was found out about an edition: what its file says, what is wrong, and what nobody can tell."""

    checked: sealed.Checked
    wrong: tuple[str, ...]
    notes: tuple[str, ...]


@click.command(
    cls=Command,
    examples=("unbury verify out/2026-11-23/digest.json", "unbury verify 2026-11-23", "unbury verify --alone FILE"),
)
@click.argument("target", metavar="FILE|DATE", type=TARGET)
@for_digest
@click.option("--alone", is_flag=True, help="Check the file by itself, without the database.")
@as_json
@click.pass_context
def verify(context: click.Context, target: str, name: str | None, alone: bool, json_: bool) -> int:
    """Check every sentence, link and hash of an edition.

    By its digest.json or as the database has it, and against the sources as they were kept. Ends with 1 if anything is
    wrong.
    """
    path = Path(target) / "digest.json" if Path(target).is_dir() else Path(target)
    if alone and not path.is_file():
        raise UsageError(f"--alone checks a file, and {target!r} is none", "name a digest.json, or leave --alone out")
    with progress("checking"):
        found = [_file(context, path, alone=alone)] if path.is_file() else list(_day(context, _as_day(target), name))
    wrong = any(one.wrong for one in found)
    shown = {"verified": not wrong, "editions": [_as_dict(one) for one in found]}
    say(shown, "\n".join(map(_as_text, found)), json_=json_)
    return int(wrong)


def _as_day(target: str) -> date:
    try:
        return as_day(target)
    except ValueError:
        hint = "name a digest.json, or a day like 2026-11-23"
        raise UsageError(f"{target!r} is neither a file nor a day", hint) from None


def _file(context: click.Context, path: Path, *, alone: bool) -> _Verdict:
    """A file by itself, and against the database if that knows the edition."""
    content = path.read_bytes()
    try:
        checked = sealed.check(content)
    except UsageError as error:
        raise UsageError(f"{path}: {error}", error.hint) from None
    if alone:
        return _Verdict(checked, checked.wrong, ())
    parts = _kept(context)
    edition = _known(parts, checked.edition) if parts else None
    if parts is None or edition is None:
        return _Verdict(
            checked, checked.wrong, ("the database does not know this edition: the file was checked alone",)
        )
    wrong, notes = _against_store(parts, edition)
    if (exported := _exported(edition)) != content:
        another = edition.made_by.get("version") != compose.this_version()
        if another and sealed.hashes(exported) == sealed.hashes(content):
            notes = ("another version of Unbury wrote the file: what it quotes is what the database has", *notes)
        else:
            wrong = ("the file is not the edition as the database has it", *wrong)
    return _Verdict(checked, (*checked.wrong, *wrong), notes)


def _kept(context: click.Context) -> Runtime | None:
    """The parts, if there is a database: to look at a file, none is made."""
    file = unready(context).database.file
    return None if file is not None and not file.exists() else runtime(context)


def _known(parts: Runtime, edition: str) -> Edition | None:
    with parts.database.reading() as session:
        return editions.get(session, edition)


def _day(context: click.Context, day: date, name: str | None) -> Iterator[_Verdict]:
    """The editions of a day as the database has them."""
    parts = runtime(context)
    with parts.database.reading() as session:
        found = [edition for one in digests(parts, name) for edition in editions.between(session, one, day, day)]
    if not found:
        raise NotFound(f"there is no edition of {day.isoformat()}", "`unbury status` says which is the last")
    for edition in found:
        checked = sealed.check(_exported(edition))
        wrong, notes = _against_store(parts, edition)
        yield _Verdict(checked, (*checked.wrong, *wrong), notes)


def _against_store(parts: Runtime, edition: Edition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wrong with an edition that the database has, and what of it nobody can tell any more."""
    keys = sorted({(quote.sentence.span.document, quote.revision) for quote in verification.quotes(edition)})
    with parts.database.reading() as session:
        kept = {(one.id, one.revision): one for one in documents.get(session, keys)}
        account = accounts.of_edition(session, edition.id)
    found = verification.verify(edition, kept, account)
    return found.wrong, tuple(f"the text of {url} was forgotten, as [retention] says" for url in found.forgotten)


def _exported(edition: Edition) -> bytes:
    return Json().export(edition).parts[0].content.encode("utf-8")


def _as_text(one: _Verdict) -> str:
    checked = one.checked
    told = several(checked.sentences, "sentence")
    about = f"{told} of {several(checked.documents, 'document')}, edition {checked.edition}"
    notes = [f"note: {note}" for note in one.notes]
    if not one.wrong:
        return "\n".join([f"verified: {about}; all is as quoted", f"seal: {checked.seal}", *notes])
    return "\n".join([f"NOT verified: {about}", *(f"wrong: {fault}" for fault in one.wrong), *notes])


def _as_dict(one: _Verdict) -> dict[str, object]:
    return {
        "edition": one.checked.edition,
        "seal": one.checked.seal,
        "sentences": one.checked.sentences,
        "documents": one.checked.documents,
        "wrong": list(one.wrong),
        "notes": list(one.notes),
    }
