"""The edition as an Atom feed, held against RFC 4287 and read by feedparser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree, html

from tests import quoted
from tests.builders import SOME
from tests.exporters.editions import AT, DAY, edition, item, link
from tests.exporters.test_hostile import PAYLOADS, dangers, hostile
from worker.edition import Correction, Edition, Failure, Proof
from worker.errors import ConfigError
from worker.exporters import wording
from worker.exporters.atom import MOST, Atom, feed
from worker.settings import ServeSettings, Settings
from worker.text.clean import cleaned

SITE = Settings(serve=ServeSettings(base_url="https://news.example.org"))
SAID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(cleaned).filter(str.strip)
EVIL = "]]></content><entry/><!-- & &amp; &#0; \x00\x1b\ufffe\ud83d </p><script>alert('x')</script>\u0338"
_ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IN_FEED = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "author": (0, 99), "generator": (0, 1), "link": (0, 99)}
_IN_ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "author": (0, 99), "content": (1, 1), "link": (0, 99)}


def faults(written: str, base: str = "https://site.example/feed.xml") -> list[str]:
    """What a feed validator would say of a feed that stands at the base."""
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", written):
        return ["it has control characters"]
    root = etree.fromstring(written.encode())
    if root.tag != f"{_ATOM}feed":
        return [f"it is a {root.tag}"]
    entries = root.findall(f"{_ATOM}entry")
    ids = [piece.findtext(f"{_ATOM}id") or "" for piece in [root, *entries]]
    found = [f"the id {name} stands twice" for name, times in Counter(ids).items() if times > 1]
    found += _piece_faults(root, _IN_FEED | {"entry": (0, 999)}, base)
    for entry in entries:
        found += _piece_faults(entry, _IN_ENTRY, base)
        if root.find(f"{_ATOM}author") is None and entry.find(f"{_ATOM}author") is None:
            found.append("an entry has no author")
    return found


def _piece_faults(piece: Any, allowed: dict[str, tuple[int, int]], base: str) -> Iterable[str]:
    """What is wrong with a feed or an entry by itself."""
    tally = Counter(str(child.tag) for child in piece)
    yield from (f"it has a {tag}" for tag in tally if tag.removeprefix(_ATOM) not in allowed)
    for name, (least, most) in allowed.items():
        if not least <= tally[f"{_ATOM}{name}"] <= most:
            yield f"{tally[f'{_ATOM}{name}']} times {name}"
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", piece.findtext(f"{_ATOM}id")):
        yield "the id is no URI"
    if not (piece.findtext(f"{_ATOM}title") or "").strip():
        yield "the title is empty"
    if not _DATE.fullmatch(piece.findtext(f"{_ATOM}updated")):
        yield "updated is no date of RFC 3339"
    if not all((person.findtext(f"{_ATOM}name") or "").strip() for person in piece.findall(f"{_ATOM}author")):
        yield "an author has no name"
    yield from _link_faults(piece.findall(f"{_ATOM}link"), base)
    for inner in piece.findall(f"{_ATOM}content"):
        if inner.get("type") != "html" or len(inner):
            yield "the content is no HTML in a text"


def _link_faults(links: Sequence[Any], base: str) -> Iterable[str]:
    kinds = Counter((way.get("rel", "alternate"), way.get("type"), way.get("hreflang")) for way in links)
    yield from (f"two links are {kind}" for kind, times in kinds.items() if times > 1)
    for way in links:
        whole = urlsplit(urljoin(base, way.get("href", "")))
        if not way.get("href") or whole.scheme not in ("http", "https") or not whole.hostname:
            yield f"a link leads to {way.get('href')!r}"


def written(made: Edition, settings: Settings | None = None) -> str:
    """The edition's feed."""
    (part,) = Atom(settings).export(made).parts
    assert part.media_type == "application/atom+xml"
    return part.content


def read(feed_written: str) -> Any:
    """What feedparser makes of it; it has to like it."""
    found = feedparser.parse(feed_written.encode(), response_headers={"content-type": "application/atom+xml"})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def page(feed_written: str) -> Any:
    """The content of a feed's first entry, as a browser reads it."""
    return html.document_fromstring(content(feed_written))


def content(feed_written: str) -> str:
    """The HTML in a feed's first entry, as a reader unpacks it."""
    return etree.fromstring(feed_written.encode()).findtext(f"{_ATOM}entry/{_ATOM}content") or ""


def texts(tree: Any) -> list[str]:
    """What is quoted in a page."""
    return [said.text_content() for said in tree.iterfind(".//blockquote/p")]


@SOME
@given(headline=SAID, said=SAID, title=SAID)
@example(headline=EVIL, said=EVIL, title=EVIL)
@example(headline="\u0338x", said="\u0338 a mark that would melt with the tag before it", title="\x00")
def test_any_text_is_a_valid_feed(headline: str, said: str, title: str) -> None:
    """Whatever is said is found again word for word, by a browser and by feedparser, and is nothing but text."""
    made = edition(item(headline, [(said, 1)]), title=title)
    whole = written(made)
    plain = page(written(edition(item("Headline", [("Said.", 1)]))))
    assert faults(whole) == []
    assert texts(page(whole)) == [cleaned(said)]
    assert [each.tag for each in page(whole).iter()] == [each.tag for each in plain.iter()]
    found = read(whole)
    assert found.entries[0].title == wording.subject(made)
    heard: Any = html.document_fromstring(found.entries[0].content[0].value)
    assert " ".join(cleaned(said).split()) in " ".join(heard.text_content().split())


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_does_nothing(payload: str) -> None:
    """Not in the feed, and not in the HTML that a reader unpacks from it."""
    whole = written(hostile(payload))
    assert faults(whole) == []
    assert dangers(content(whole)) == []


def test_a_feed_says_what_it_is() -> None:
    """Its id, title, time and author; and of its entry the subject, the language and the way to the page."""
    made = replace(edition(item()), language="de")
    found = read(written(made, SITE))
    assert (found.feed.id, found.feed.title, found.feed.language) == (
        "tag:news.example.org,2026:/feed/morning",
        "Unbury",
        "de",
    )
    (entry,) = found.entries
    assert entry.id == "tag:news.example.org,2026-11-23:/editions/edition-id"
    assert (entry.title, entry.author, entry.updated) == (wording.subject(made), "Unbury", "2026-11-23T04:47:31Z")
    assert entry.link == "https://news.example.org/editions/edition-id"
    assert entry.content[0].type == "text/html"


def test_without_an_address_there_is_no_link() -> None:
    """The content stands in the feed, which is then all there is."""
    assert "<link" not in written(edition(item()))


def test_all_of_an_edition_is_in_its_entry() -> None:
    """Corrections, sentences with their sources and languages, the promise and what could not be read."""
    made = replace(quoted.edition(), failures=(Failure("herald", "timed out"),), language="de")
    whole = page(written(made))
    now = made.corrections[0].now
    assert now is not None
    told = [sentence.text for item in made.items for sentence in item.summary.sentences]
    assert texts(whole) == ["Two firms wrap fruit.", now.text, *told]
    sources = [p.find("a").get("href") for p in whole.iterfind(".//p[@class='source']")]
    assert sources == [
        "https://post.example/kelp",
        "https://herald.example/ferry",
        "https://lantern.example/a?b=1&c=Z%C3%BCrich",
        "https://post.example/buses",
    ]
    said = whole.text_content()
    assert wording.say(made, "promise") in said and wording.failures(made) in said and wording.account(made) in said
    assert wording.dateline(made) in said and wording.counts(made) in said


def test_a_quote_is_heard_in_its_own_language() -> None:
    """And so is a headline, and a sentence that was corrected."""
    way = replace(link(1), language="fr")
    (now,) = item().summary.sentences
    correction = Correction(way, "Il fut.", date(2026, 11, 22), now, Proof("r", "c"))
    whole = page(written(replace(edition(item("Feu", [("Il brûle.", 1)], [way])), corrections=(correction,))))
    assert [quote.get("lang") for quote in whole.iter("blockquote")] == ["fr", "fr", "fr"]
    assert [way.get("lang") for way in whole.iterfind(".//h3/a")] == ["fr"]


def several(number: int, digest: str = "morning") -> list[Edition]:
    """Editions of days that follow one another, the oldest first."""
    days = [timedelta(days=n) for n in range(number)]
    return [
        replace(edition(item(f"Story {n}"), day=DAY + day), id=f"{digest}-{n}", at=AT + day, digest=digest)
        for n, day in enumerate(days)
    ]


def test_a_site_has_a_feed_of_its_newest_editions() -> None:
    """The newest first, none twice, no more than a reader wants; it is as new as the newest."""
    made = several(MOST + 3)
    whole = feed([*made, *made[:5]], SITE)
    found = read(whole)
    assert faults(whole) == []
    assert [entry.id.rpartition("-")[2] for entry in found.entries] == [str(n) for n in range(MOST + 2, 2, -1)]
    assert found.feed.updated == found.entries[0].updated == "2026-12-25T04:47:31Z"
    assert feed(made[::-1], SITE) == feed(made, SITE)


def test_a_page_may_stand_beside_the_feed() -> None:
    """A relative address is read from the feed's own."""
    whole = feed(several(2), Settings(), lambda made: f"{made.day}/digest.html")
    assert faults(whole) == []
    assert [entry.link for entry in read(whole).entries] == ["2026-11-24/digest.html", "2026-11-23/digest.html"]


def test_an_edition_keeps_its_id() -> None:
    """Alone or among others, and made again at another time: a reader does not show it twice."""
    (first, _) = made = several(2)
    alone = read(written(replace(first, at=AT + timedelta(hours=1)), SITE))
    assert alone.entries[0].id == read(feed(made, SITE)).entries[1].id
    assert alone.feed.id == read(feed(made, SITE)).feed.id


def test_digests_have_feeds_of_their_own_or_one() -> None:
    """Another id for each digest, and one for all of them."""
    morning, evening = several(1), several(1, "evening")
    ids = [read(feed(made, SITE)).feed.id for made in (morning, evening, morning + evening)]
    assert [name.rpartition(":")[2] for name in ids] == ["/feed/morning", "/feed/evening", "/feed"]
    assert faults(feed(morning + evening, SITE)) == []


def test_another_clock_tells_the_same_time() -> None:
    """An instant is written in UTC, wherever it was taken."""
    there = datetime.fromisoformat("2026-11-23T13:47:31.250+09:00")
    assert read(written(replace(edition(item()), at=there))).entries[0].updated == "2026-11-23T04:47:31.250000Z"


def test_a_template_of_the_users_own_is_used(tmp_path: Path) -> None:
    """And a broken one is named."""
    own = Settings(templates=str(tmp_path))
    (tmp_path / "feed.html.j2").write_text("<p>{{ wording.counts(edition) }}</p>")
    assert page(written(edition(), own)).text_content() == wording.counts(edition())
    (tmp_path / "feed.html.j2").write_text("{{ nothing.there }}")
    with pytest.raises(ConfigError, match=r"feed\.html\.j2, line 1"):
        Atom(own).export(edition())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<updated>2026-11-23T04:47:31Z", "<updated>2026-11-23", "updated is no date of RFC 3339"),
        ("<name>Unbury<", "<name> <", "an author has no name"),
        ("<id>tag:", "<id>", "the id is no URI"),
        ('href="https:', 'href="mailto:', "a link leads to 'mailto://news.example.org/editions/edition-id'"),
        ("<generator>", "<summary/><generator>", f"it has a {_ATOM}summary"),
        ("Unbury</title>", "</title>", "the title is empty"),
        ('type="html"', 'type="xhtml"', "the content is no HTML in a text"),
        ("<title>", "<title>\x85", "it has control characters"),
    ],
)
def test_the_validator_finds_a_fault(old: str, new: str, fault: str) -> None:
    """What is checked above can fail."""
    whole = written(edition(item()), SITE)
    assert faults(whole) == []
    assert fault in faults(whole.replace(old, new))
