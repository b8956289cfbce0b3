"""Feeds of every kind become entries, and entries documents with an identity that holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY
from worker.errors import Unparsable
from worker.model import Document
from worker.parsers import prose
from worker.parsers.entry import Entry, documented, keys, received
from worker.parsers.feed import parsed
from worker.parsers.screen import screened
from worker.store import documents
from worker.store.database import Database

BASE = "https://paper.example/feed"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

RSS = """<rss version="2.0"><channel><title>Paper &amp; Ink</title><link>https://paper.example/</link>
<language>en-GB</language><ttl>90</ttl><item><title>Ferry &lt;b&gt;halted&lt;/b&gt;</title><link>/ferry?utm_source=rss</link>
<guid isPermaLink="false">f1</guid><author>ida@paper.example (Ida Brandt)</author><pubDate>Fri, 20 Nov 2026 08:00:00 +0100</pubDate>
<description>Short.</description><content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[<p>The ferry
was halted.</p><p>Engineers <em>came</em>.</p><script>alert(1)</script>]]></content:encoded>
<enclosure url="https://paper.example/ferry.mp3" type="audio/mpeg" length="1"/></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Blatt</title><link href="https://blatt.example/"/>
<entry><title type="html">F&amp;auml;hre</title><link href="https://blatt.example/f"/><id>urn:f</id>
<updated>2026-11-20T07:00:00Z</updated><author><name>Ida</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Die Fähre steht.</p><p>Morgen auch.</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://r.example/"><title>R</title></channel>
<item rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link><dc:date>2026-11-20T07:00:00Z</dc:date>
<description>The ferry was halted.</description></item></rdf:RDF>"""
RSS091 = """<?xml version="1.0"?><rss version="0.91"><channel><title>Old</title><item><title>One</title>
<link>https://o.example/1</link><description>The ferry was halted.</description></item></channel></rss>"""
RSS092 = RSS091.replace("0.91", "0.92")
CDF = """<CHANNEL HREF="https://c.example/"><TITLE>C</TITLE><ITEM HREF="https://c.example/1"><TITLE>One</TITLE>
<ABSTRACT>The ferry was halted.</ABSTRACT></ITEM></CHANNEL>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "https://j.example/", "language": "fr",
        "authors": [{"name": "Ida"}], "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {"id": 1, "url": "/un", "title": "Un &amp; deux", "content_html": "<p>Le bac est arrêté.</p><p>Demain aussi.</p>",
             "summary": "Court.", "date_published": "2026-11-20T08:00:00+01:00", "attachments": [{"url": "https://j.example/a.mp3"}]},
            {"id": "https://j.example/two", "content_text": "Deux lignes.\n\nUne autre.", "authors": [{"name": "Bo"}, {"name": "Al"}]},
        ],
    }
)  # fmt: skip


def entries(text: str | bytes, **more: str) -> list[Entry]:
    found = parsed(text.encode() if isinstance(text, str) else text, **{"url": BASE, **more})
    return [received(one) for one in found.get("entries", [])]


def test_rss_in_all_its_parts() -> None:
    """Content before description, markup gone, relative link absolute, date in UTC."""
    (entry,) = entries(RSS)
    assert entry == Entry(
        title="Ferry halted",
        url="https://paper.example/ferry?utm_source=rss",
        guid="f1",
        published="2026-11-20T07:00:00+00:00",
        author="Ida Brandt",
        language="en",
        paragraphs=("The ferry was halted.", "Engineers came."),
        enclosures=("https://paper.example/ferry.mp3",),
    )


def test_what_rss_says_of_itself() -> None:
    found = parsed(RSS.encode(), url=BASE)
    assert {name: found[name] for name in ("title", "home", "ttl", "skip_hours")} == {
        "title": "Paper & Ink",
        "home": "https://paper.example/",
        "ttl": 5400,
        "skip_hours": [],
    }


def test_atom() -> None:
    (entry,) = entries(ATOM)
    assert (entry.title, entry.author, entry.language) == ("Fähre", "Ida", "de")
    assert entry.paragraphs == ("Die Fähre steht.", "Morgen auch.")
    assert entry.published == "2026-11-20T07:00:00+00:00"


@pytest.mark.parametrize("text", [RDF, RSS091, RSS092, CDF], ids=["RDF", "0.91", "0.92", "CDF"])
def test_older_kinds(text: str) -> None:
    (entry,) = entries(text)
    assert (entry.title, entry.url[8:].partition("/")[2], entry.paragraphs) == ("One", "1", ("The ferry was halted.",))


def test_json_feed() -> None:
    first, second = entries(JSON_FEED)
    assert (first.title, first.guid, first.url, first.author) == ("Un & deux", "1", "https://paper.example/un", "Ida")
    assert first.paragraphs == ("Le bac est arrêté.", "Demain aussi.")
    assert (first.published, first.language) == ("2026-11-20T07:00:00+00:00", "fr")
    assert (second.url, second.author) == ("https://j.example/two", "Bo, Al")
    assert second.paragraphs == ("Deux lignes.", "Une autre.")
    assert parsed(JSON_FEED.encode())["hub"] == "https://hub.example/"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("  \n ", "it is empty"),
        ("{", "this is no JSON"),
        ("[1]", "no object"),
        ('{"a": 1}', "no JSON Feed"),
        ("[" * 100_000, "this"),
        ("hello", "this is no feed"),
        ("<a/>", "this is no feed"),
        ("<rss " + " ".join(f'a{n}="x"' for n in range(300)) + "/>", "more than 256 attributes"),
        ("<rss><channel>" + "<d>" * 6000, "stand in each other"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(Unparsable, match=said):
        parsed(text.encode())


def test_a_page_gives_its_feeds() -> None:
    """RSS and Atom before JSON, comments' feeds last, relative to the page's base."""
    links = "".join(
        f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'
        for kind, href, title in (
            ("application/rss+xml", "comments", "Comments"),
            ("application/feed+json", "json", "J"),
            ("application/atom+xml; charset=utf-8", "atom", "A"),
            ("text/html", "other", "not a feed"),
            ("application/rss+xml", "javascript:alert(1)", "bad"),
        )
    )
    page = f'<!doctype html><html><head><base href="/blog/">{links}</head></html>'
    found = parsed(page.encode(), url="https://b.example/x/y")["alternates"]
    assert found == [f"https://b.example/blog/{name}" for name in ("atom", "json", "comments")]


def test_a_page_may_begin_like_xml() -> None:
    page = b'<?xml version="1.0"?><!-- hi --><!DOCTYPE html><html><head></head></html>'
    assert parsed(page) == {"alternates": []}


def test_skip_hours_and_days() -> None:
    head = "<skipHours><hour>24</hour><hour>5</hour><hour>99</hour></skipHours><skipDays><day>sunday</day></skipDays>"
    found = parsed(RSS.replace("<ttl>90</ttl>", head).encode())
    assert (found["skip_hours"], found["skip_days"]) == ([0, 5], ["Sunday"])


@pytest.mark.parametrize("when", ["Fri, 99 Nov 2026", "0000-00-00", "-1", "9" * 5000, "31 Dec 9999 23:59:59 -2300", ""])
def test_an_impossible_date_is_none(when: str) -> None:
    (entry,) = entries(RSS.replace("Fri, 20 Nov 2026 08:00:00 +0100", when))
    assert entry.when is None or entry.when.year < 9000


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-16", "utf-8"])
def test_charsets(charset: str) -> None:
    text = f'<?xml version="1.0" encoding="{charset}"?>' + RSS091.partition("?>")[2].replace("ferry", "Fähre")
    (entry,) = entries(text.encode(charset), media_type="application/rss+xml")
    assert entry.paragraphs == ("The Fähre was halted.",)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", ["a", "b"]),
        ("a<br>b", ["a b"]),
        ("a<br><br>b", ["a", "b"]),
        ("a<br/> <br/>b", ["a", "b"]),
        ("<ul><li>a<li>b</ul>", ["a", "b"]),
        ("x <b>y</b> z", ["x y z"]),
        ("<p>a<script>bad()</script>b</p>", ["ab"]),
        ("<style>p{}</style><p>a</p>", ["a"]),
        ("&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;", ["a", "b"]),
        ("<p>Use <code>&lt;b&gt;</code></p>", ["Use <b>"]),
        ("if a &lt; b and b &gt; c", ["if a < b and b > c"]),
        ("Tom &amp; Jerry", ["Tom & Jerry"]),
        ("<!-- x --><p>a</p>", ["a"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("one\n\ntwo", ["one", "two"]),
        ("", []),
        ("<p></p>", []),
        ("<img src=x onerror=alert(1)>", []),
        ("\x00a\x1b[31m", ["a[31m"]),
    ],
)
def test_html_to_paragraphs(html: str, expected: list[str]) -> None:
    assert prose.paragraphs(html) == expected


@MANY
@given(st.text())
def test_any_text_becomes_paragraphs(text: str) -> None:
    """None raises, none is empty, none has a line break, and making them twice changes nothing more."""
    found = prose.paragraphs(text)
    assert all(paragraph.strip() == paragraph and paragraph for paragraph in found)
    assert not any("\n" in paragraph for paragraph in found)


@MANY
@given(st.binary(max_size=3000))
def test_any_bytes_are_a_feed_or_refused(content: bytes) -> None:
    try:
        found = parsed(content)
    except Unparsable:
        return
    assert "entries" in found or "alternates" in found


@pytest.mark.parametrize("tag", ["author", "dc:creator", "pubDate", "managingEditor", "itunes:email"])
@pytest.mark.parametrize("opening", ["", "<![CDATA["])
def test_what_is_too_long_for_a_name_is_cut(tag: str, opening: str) -> None:
    text = f"<{tag}>{opening}{'a@' + 'a.' * 5000}</{tag}>".encode()
    assert len(screened(text)) < 700


def test_an_ordinary_feed_is_left_as_it_is() -> None:
    assert screened(RSS.encode()) == RSS.encode()


# Identity


def _stored(*several: list[Document]) -> tuple[list[documents.Added], int]:
    database = Database("sqlite://")
    database.upgrade()
    added = []
    for one in several:
        with database.writing() as session:
            added.append(documents.add(session, one, NOW))
    with database.reading() as session:
        count = documents.count(session)[0]
    database.close()
    return added, count


def _documents(*found: Entry, source: str = "paper") -> list[Document]:
    named = keys(source, found)
    return [
        documented(entry, names, source=source, home=BASE, speaks="en")
        for entry, names in zip(found, named, strict=True)
    ]


def _entry(**values: Any) -> Entry:
    return replace(Entry("Ferry", "https://paper.example/ferry", "f1", paragraphs=("The ferry was halted.",)), **values)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_entry(), _entry(url="https://paper.example/moved")),
        (_entry(), _entry(guid="other")),
        (_entry(), _entry(url="https://paper.example/ferry?utm_medium=rss#top")),
        (_entry(url=""), _entry(url="")),
        (_entry(guid=""), _entry(guid="")),
        (_entry(url=""), _entry()),
    ],
    ids=["new address", "new guid", "tracked", "guid only", "address only", "address later"],
)
def test_an_edited_entry_is_a_revision(before: Entry, after: Entry) -> None:
    """By its guid or its address, whichever is known."""
    edited = replace(after, paragraphs=("The ferry sails again.",))
    (_, second), count = _stored(_documents(before), _documents(edited))
    assert (count, len(second.new), len(second.revised)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (_entry(), _entry(guid="f2", url="https://paper.example/other")),
        (_entry(guid="same"), _entry(guid="same", url="https://paper.example/other")),
        (_entry(guid="a"), _entry(guid="b")),
        (_entry(guid="", url=""), _entry(guid="", url="", paragraphs=("Something else.",))),
    ],
    ids=["plain", "one guid for all", "one link for all", "nothing but text"],
)
def test_two_entries_are_two_documents(one: Entry, two: Entry) -> None:
    """Also where a feed gives all its entries the same guid, or the same link."""
    _, count = _stored(_documents(one, two))
    assert count == 2


def test_the_same_article_in_two_feeds_is_one_document() -> None:
    (_, second), count = _stored(_documents(_entry()), _documents(_entry(guid="x"), source="other"))
    assert (count, second.unchanged) == (1, 1)


def test_the_same_guid_in_two_feeds_is_two_documents() -> None:
    """A guid means something in its own feed only."""
    other = _entry(url="https://other.example/ferry")
    _, count = _stored(_documents(_entry()), _documents(other, source="other"))
    assert count == 2


def test_a_link_without_text_is_told_by_its_title() -> None:
    (document,) = _documents(_entry(paragraphs=()))
    assert document.paragraphs == ("Ferry",)


def test_author_and_enclosures_are_kept() -> None:
    database = Database("sqlite://")
    database.upgrade()
    given = _documents(_entry(author="Ida", enclosures=("https://paper.example/a.mp3",)))
    with database.writing() as session:
        documents.add(session, given, NOW)
    with database.reading() as session:
        found = documents.newest(session, given[0].id)
    database.close()
    assert (found.author, found.enclosures) == ("Ida", ("https://paper.example/a.mp3",))
