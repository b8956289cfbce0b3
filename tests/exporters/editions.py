"""Small editions to export; a test chooses the parts it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from worker.edition import Counts, Disposition, Edition, Item, Link, Standing, Verdict
from worker.model import Sentence, Span, Story, Summary

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 4, 47, 31, tzinfo=UTC)


def link(number: int, url: str = "", outlet: str = "") -> Link:
    """A way to document d<number>."""
    address = url or f"https://paper{number}.example/a/{number}?b=1&c=2"
    return Link(f"d{number}", outlet or f"paper{number}.example", address, f"Title {number}", AT)


def item(
    headline: str = "Ferry halted after gearbox fails",
    quoted: Sequence[tuple[str, int]] = (("The ferry was taken out of service on Wednesday.", 1),),
    links: Sequence[Link] = (),
    standing: Standing = Standing.new,
) -> Item:
    """A story; `quoted` has a sentence's words and the number of the document they stand in."""
    sentences = tuple(
        Sentence(text, Span(f"d{number}", place, 0, len(text))) for place, (text, number) in enumerate(quoted)
    )
    ways = tuple(links) or tuple(link(number) for number in dict.fromkeys(number for _, number in quoted))
    story = Story("a1b2c3d4e5f6a1b2c3d4e5f6", tuple(way.document for way in ways))
    publishers = len({way.outlet for way in ways})
    return Item(story, headline, Summary(sentences, "lexrank"), ways, standing, publishers=publishers)


def edition(
    *items: Item,
    number: int = 1,
    day: date = DAY,
    title: str = "Unbury",
    account: Sequence[Disposition] = (),
    counts: Counts | None = None,
) -> Edition:
    """An edition that tells the items."""
    return Edition(
        id="edition-id",
        digest="morning",
        title=title,
        day=day,
        number=number,
        at=AT,
        zone="Europe/Berlin",
        items=items,
        account=tuple(account),
        counts=counts or Counts(26, 400, 31),
    )


def dispositions(*verdicts: Verdict) -> list[Disposition]:
    """One document with each verdict, in this order."""
    return [Disposition(f"d{n}", "r", verdict, "because of it") for n, verdict in enumerate(verdicts)]
