"""unbury subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from worker.cli.grammar import Group
from worker.cli.known import DIGEST
from worker.cli.saying import as_json, note, say
from worker.cli.wiring import content, digests, runtime
from worker.errors import NotFound, UsageError, nearest
from worker.model import Subscription
from worker.runtime import Runtime
from worker.store import subscriptions
from worker.store.database import Transaction
from worker.values import one_address

#: RFC 5321, 4.5.3.1: what a server has to take.
_LONGEST = 254
#: So many are named one by one.
_FEW = 20
#: Since when a reader of the configuration is one, nobody knows.
_NEVER = datetime.min.replace(tzinfo=UTC)

for_digest = click.option("--digest", "name", type=DIGEST, metavar="NAME", help="Of which digest (the only one).")
addresses = click.argument("addresses", nargs=-1, metavar="ADDRESS...")


@click.group(cls=Group, examples=("unbury subscribers add reader@example.org", "unbury subscribers list"))
def subscribers() -> None:
    """Who gets a digest by e-mail.

    Those of the configuration and those added here are one list.
    """


@subscribers.command(
    examples=("unbury subscribers add reader@example.org", "unbury subscribers add --file - < readers.txt")
)
@addresses
@click.option("--file", type=click.Path(path_type=Path, allow_dash=True), help="One address a line (- for stdin).")
@for_digest
@as_json
@click.pass_context
def add(context: click.Context, addresses: tuple[str, ...], file: Path | None, name: str | None, json_: bool) -> int:
    """Subscribe readers.

    One who unsubscribed comes back only if named here, not by a file.
    """
    parts = runtime(context)
    digest = _named(parts, name)
    named = _checked(enumerate(addresses), None)
    listed = _checked(_lines(file), file) if file else []
    if not named + listed:
        raise UsageError("no address is named", "name some, or a file with --file")
    with parts.database.writing() as session:
        came = _sorted(_all(session, parts, digest), named, listed)
        subscriptions.add(session, digest, [*came.new, *came.again], parts.now())
    say({"digest": digest, **asdict(came)}, "\n".join(f"{digest}: {line}" for line in _said(came)), json_=json_)
    if not parts.settings.smtp.host:
        note("No mail is sent yet: smtp.host is not set.")
    return 0


@subscribers.command("list", examples=("unbury subscribers list", "unbury subscribers list --digest daily --json"))
@for_digest
@as_json
@click.pass_context
def list_(context: click.Context, name: str | None, json_: bool) -> int:
    """List readers.

    Where each comes from, the state and since when, and how the last delivery went.
    """
    parts = runtime(context)
    names = digests(parts, name)
    with parts.database.reading() as session:
        found = [one for digest in names for one in _described(session, parts, digest)]
    lines = [_line(one, several=len(names) > 1) for one in found]
    nobody = "Nobody gets it by e-mail yet: unbury subscribers add ADDRESS"
    return say({"subscribers": found}, "\n".join(lines) or nobody, json_=json_)


def _changing(state: str, about: str) -> None:
    """Add the command that gives readers a state."""
    word = {"paused": "pause", "active": "resume", "removed": "remove"}[state]
    shown = f"unbury subscribers {word} reader@example.org"

    @subscribers.command(word, examples=(shown, f"{shown} --digest daily"), help=about)
    @addresses
    @for_digest
    @as_json
    @click.pass_context
    def changed(context: click.Context, addresses: tuple[str, ...], name: str | None, json_: bool) -> int:
        parts = runtime(context)
        wanted = _checked(enumerate(addresses), None)
        if not wanted:
            raise UsageError("no address is named", f"unbury subscribers {word} ADDRESS")
        done = [_change(parts, one, state, name) for one in wanted]
        found = [{"digest": one.digest, "address": one.address, "state": state} for one in done]
        lines = [f"{one.digest}: {one.address} is {state}{_named_still(parts, one, state)}" for one in done]
        return say({"changed": found}, "\n".join(lines), json_=json_)


_changing("paused", "Send a reader nothing for a while.")
_changing("active", "Send a paused reader the digest again.")
_changing("removed", "Unsubscribe a reader, as the link in each mail does.")


def _named_still(parts: Runtime, one: Subscription, state: str) -> str:
    """That the configuration goes on naming a reader who was removed."""
    configured = {address.lower() for address in parts.settings.digests[one.digest].subscribers}
    still = state == "removed" and one.address.lower() in configured
    return "; the configuration names it still, which adds it no more" if still else ""


def _change(parts: Runtime, address: str, state: str, name: str | None) -> Subscription:
    """The reader whose state was changed. Raises NotFound, UsageError."""
    with parts.database.writing() as session:
        names = digests(parts, name)
        readers = [one for digest in names for one in _all(session, parts, digest)]
        found = [one for one in readers if one.address.lower() == address.lower()]
        living = [one for one in found if one.state != "removed"] or found
        if len(living) > 1:
            raise UsageError(
                f"{address} gets {' and '.join(one.digest for one in living)}", "say which with --digest NAME"
            )
        if not living:
            raise NotFound(f"{address} does not get {' or '.join(names)}", _nearest(address, readers))
        if state != "removed" and living[0].state == "removed":
            raise UsageError(f"{address} has unsubscribed from {living[0].digest}", "unbury subscribers add ADDRESS")
        subscriptions.change(session, living[0].digest, living[0].address, state, parts.now())
    return living[0]


def _all(session: Transaction, parts: Runtime, digest: str) -> list[Subscription]:
    """All that are known of, by address: stored ones, and those of the configuration that nobody said more of."""
    configured = {one.lower(): one for one in parts.settings.digests[digest].subscribers}
    found = {key: Subscription(digest, one, "active", _NEVER) for key, one in configured.items()}
    found |= {one.address.lower(): one for one in subscriptions.known(session, digest)}
    return [found[key] for key in sorted(found)]


def _described(session: Transaction, parts: Runtime, digest: str) -> list[dict[str, Any]]:
    configured = {one.lower() for one in parts.settings.digests[digest].subscribers}
    last = subscriptions.last(session, digest)
    return [
        {
            "digest": digest,
            "address": one.address,
            "state": one.state,
            "since": one.since if one.since != _NEVER else None,
            "from": "configuration" if one.address.lower() in configured else "command",
            "round": one.round,
            "last": asdict(last[one.address.lower()]) if one.address.lower() in last else None,
        }
        for one in _all(session, parts, digest)
    ]


def _line(one: dict[str, Any], *, several: bool) -> str:
    since = f" since {one['since']:%Y-%m-%d}" if one["since"] else ""
    last = one["last"]
    sent = f"last {last['day']} {last['status']}" if last else "nothing sent yet"
    why = f": {last['receipt']}" if last and last["status"] != "sent" and last["receipt"] else ""
    place = f"{one['digest']}: " if several else ""
    return f"{one['state']:8}{place}{one['address']}{since} ({one['from']}); {sent}{why}"


@dataclass(frozen=True)
class Came:
    """What there is to do for those who are to be added: new ones, again after they unsubscribed, none for others."""

    new: list[str]
    again: list[str]
    gone: list[str]
    known: list[str]


def _sorted(before: Iterable[Subscription], named: Sequence[str], listed: Sequence[str]) -> Came:
    """Each address once. A file may be older than what was said of a reader: it changes nobody who is known."""
    states = {one.address.lower(): one.state for one in before}
    by_name = {one.lower() for one in named}
    came = Came([], [], [], [])
    for key, address in {one.lower(): one for one in (*listed, *named)}.items():
        named_here = key in by_name
        place = {
            "active": came.known,
            "paused": came.new if named_here else came.known,
            "removed": came.again if named_here else came.gone,
        }
        place.get(states.get(key, ""), came.new).append(address)
    return came


def _said(came: Came) -> list[str]:
    """What was done, in lines: with many addresses, how many they are."""
    few = len(came.new) <= _FEW
    lines = [f"{one} is subscribed" for one in came.new] if few else [f"{len(came.new)} added"]
    lines += [f"{one} is subscribed anew, having unsubscribed; links in earlier mails are void" for one in came.again]
    lines += [f"{len(came.gone)} left out, having unsubscribed: name them to add them"] if came.gone else []
    return lines + ([f"{len(came.known)} known already"] if came.known else [])


def _named(parts: Runtime, name: str | None) -> str:
    """The digest that is meant. Raises UnknownName, UsageError."""
    if not name and len(parts.digests) != 1:
        raise UsageError("there are several digests", f"say which with --digest: {', '.join(parts.digests)}")
    return parts.digest(name or next(iter(parts.digests))).name


def _nearest(address: str, readers: Iterable[Subscription]) -> str:
    near = nearest(address, [one.address for one in readers], 0.8)
    return f"did you mean {near}?" if near else "`unbury subscribers list` shows who does"


def _lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a file that hold an address, by number; one that begins with # is a remark. Raises UsageError."""
    try:
        lines = [line.strip() for line in content(file).decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text: {error}", "one address a line, in UTF-8") from None
    return [(number, line) for number, line in enumerate(lines, 1) if line and line[0] != "#"]


def _checked(words: Iterable[tuple[int, str]], file: Path | None) -> list[str]:
    """The addresses, all of them good. Raises UsageError, which names the line."""
    found = []
    for number, word in words:
        try:
            found.append(_short(one_address(word)))
        except ValueError as error:
            place = f"line {number} of {'stdin' if str(file) == '-' else file}: " if file else ""
            raise UsageError(f"{place}{word!r} cannot be written to", f"it {error}; nothing was done") from None
    return found


def _short(address: str) -> str:
    if len(address) > _LONGEST or not address.isprintable():
        raise ValueError(f"should have at most {_LONGEST} letters, all of which can be printed")
    return address
