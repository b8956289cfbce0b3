"""The archive as a whole: its pages find each other, from any folder, and tell strangers' words from our own."""

from __future__ import annotations

import hashlib
import json
import os
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from tests.exporters.editions import dispositions, edition, item, link
from tests.exporters.test_hostile import PAYLOADS, dangers, hostile
from tests.exporters.test_phrases import pieces, said
from tests.exporters.week import entry, week
from tests.processes import printed
from worker.edition import Edition, Standing, Verdict
from worker.exporters import places
from worker.exporters.phrases import phrases
from worker.exporters.site import Site
from worker.model import Join, Rendition
from worker.settings import Settings

SITE = Site()


def archive(editions: Sequence[Edition], *, among_others: bool = False, language: str = "en") -> list[Rendition]:
    """All pages of an archive, of which no text is kept."""
    entries = [entry(one) for one in editions]
    made = [
        SITE.index("Unbury", language, entries, among_others=among_others),
        SITE.search("Unbury", language, entries),
    ]
    for place, one in enumerate(editions):
        earlier = entries[place - 1] if place else None
        made += [SITE.page(one, earlier, entries[place + 1] if place + 1 < len(editions) else None)]
        made += SITE.evidence(one, {})
    months = {
        places.month(one): [other for other in editions if places.month(other) == places.month(one)] for one in editions
    }
    return [*made, *map(SITE.month, months.values())]


def several() -> list[Edition]:
    """Editions of several days and years, two of one day, one with a time; a story id that is cut longer than six."""
    far = [replace(item(f"Story {n}"), story=replace(item().story, id=f"a1b2c3{n}" + "0" * 17)) for n in range(5)]
    return [
        edition(item("Old"), day=date(2025, 12, 31)),
        edition(item("First"), day=date(2026, 11, 22)),
        edition(item("Second"), day=date(2026, 11, 22), number=2),
        replace(edition(*far, number=2), time="18:00"),
    ]


def written(folder: Path, pages: Sequence[Rendition]) -> None:
    """Writes the pages as files."""
    for page in pages:
        path = folder / page.filename
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.parts[0].content, encoding="utf-8")


def handed(month: Rendition) -> list[Any]:
    """What a month's file hands to the search: nothing but one call, with what JSON can say."""
    called = re.fullmatch(r"unbury\((.*)\)\n", month.parts[0].content)
    assert called
    handed: list[Any] = json.loads(f"[{called[1]}]")
    return handed


def seen(content: str) -> Any:
    """A page as a browser has it."""
    return html.document_fromstring(content)


def read(path: Path) -> Any:
    """A page out of its file."""
    return seen(path.read_text(encoding="utf-8"))


def test_every_way_leads_somewhere(tmp_path: Path) -> None:
    """From the page above all digests every page can be reached, every link is relative, and its place on the page is there."""
    titles = {"daily": "Daily", "Löwe & Co": "Löwe"}
    for name in titles:
        written(tmp_path / name, archive(several(), among_others=True))
    written(tmp_path, [SITE.digests("All", "en", titles)])
    known, open_ = set[Path](), [tmp_path / "index.html"]
    while open_:
        path = open_.pop()
        known.add(path)
        for href in read(path).xpath("//a[not(@rel='noopener noreferrer')]/@href"):
            way = urlsplit(href)
            assert not way.scheme and not way.netloc and not way.path.startswith("/"), href
            target = Path(os.path.normpath(path.parent / unquote(way.path))) if way.path else path
            assert target.is_file(), f"{path}: {href}"
            assert not way.fragment or read(target).xpath(f"//*[@id='{way.fragment}']"), f"{path}: {href}"
            if target not in known:
                open_.append(target)
    assert known == set(tmp_path.rglob("*.html"))


def test_pages_have_the_names_they_will_always_have() -> None:
    """By day, by day and time, and by number; the stories' ids as short as they differ."""
    names = [page.filename for page in archive(several())]
    assert names == [
        "index.html",
        "search.html",
        "2025-12-31/digest.html",
        "2025-12-31/story-a1b2c3.html",
        "2026-11-22/digest.html",
        "2026-11-22/story-a1b2c3.html",
        "2026-11-22/digest-2.html",
        "2026-11-22/story-a1b2c3-2.html",
        "2026-11-23-1800/digest.html",
        *(f"2026-11-23-1800/story-a1b2c3{n}.html" for n in range(5)),
        "search/2025-12.js",
        "search/2026-11.js",
    ]


def test_a_page_knows_its_neighbours() -> None:
    """The earlier edition and the later one, where there are any, by their days and times."""
    ones = several()
    first, middle = SITE.page(ones[0]), SITE.page(ones[1], entry(ones[0]), entry(ones[3]))
    ways = seen(middle.parts[0].content).xpath("//nav[@class='archive onward']/a")
    assert [(way.get("href"), way.text) for way in ways] == [
        ("../2025-12-31/digest.html", "Earlier: Wednesday 31 December 2025"),
        ("../2026-11-23-1800/digest.html", "Later: Monday 23 November 2026, 18:00"),
    ]
    assert "Earlier:" not in first.parts[0].content and "Later:" not in first.parts[0].content
    assert (middle.edition, middle.digest, middle.title) == ("edition-id", "morning", "Unbury")


def test_a_quote_leads_to_its_place_in_the_text() -> None:
    """Each quotation to its first sentence; the story to its page."""
    told = edition(item("A fire", [("One.", 1), ("Two.", 1), ("Three.", 2), ("Four.", 1)]))
    ways = seen(SITE.page(told).parts[0].content).xpath("//article//a/@href")
    own = [way for way in ways if way.startswith("story-")]
    assert own == [f"story-a1b2c3.html{place}" for place in ("#s1", "#s3", "#s4", "")]


def test_the_index_lists_editions_by_month() -> None:
    """The newest first, each with its lead and its day; years to jump to where there is more than one."""
    page = seen(SITE.index("Unbury", "en", [entry(one) for one in several()]).parts[0].content)
    assert page.xpath("//h2/text()") == ["November 2026", "December 2025"]
    listed = [" ".join(one.text_content().split()) for one in page.xpath("//main//li")]
    assert listed == [
        "Story 0 Monday 23 November 2026, 18:00 · 5 stories",
        "Second Sunday 22 November 2026, second edition · 1 story",
        "First Sunday 22 November 2026 · 1 story",
        "Old Wednesday 31 December 2025 · 1 story",
    ]
    assert page.xpath("//nav[@class='years']/a/@href") == ["#y2026", "#y2025"]
    only = seen(SITE.index("Unbury", "en", [entry(one) for one in several()[1:]]).parts[0].content)
    assert only.xpath("//nav[@class='years']") == []
    assert "There is no edition yet." in SITE.index("Unbury", "en", []).parts[0].content


def test_a_name_grows_until_no_other_story_has_it() -> None:
    """Six digits, or more where somebody made two ids begin alike."""
    alike, other = "a1b2c3d4" + "0" * 16, "a1b2c3d5" + "0" * 16
    assert places.names([alike, "f" * 24]) == {alike: "a1b2c3", "f" * 24: "ffffff"}
    assert places.names([alike, other, alike]) == {alike: "a1b2c3d4", other: "a1b2c3d5"}
    assert places.names(["a" * 24, "a" * 23 + "b"])["a" * 24] == "a" * 24


def test_a_month_holds_what_is_searched() -> None:
    """Every headline and every sentence, beside the way to the story's page; the newest edition first."""
    ones = several()[1:]
    month = SITE.month(ones)
    name, found = handed(month)
    assert (name, month.filename, month.parts[0].media_type) == ("search/2026-11.js",) * 2 + ("text/javascript",)
    assert [day for day, *_ in found] == [
        "Monday 23 November 2026, 18:00",
        "Sunday 22 November 2026, second edition",
        "Sunday 22 November 2026",
    ]
    assert found[2][1:] == [
        ["2026-11-22/story-a1b2c3.html", "First", "The ferry was taken out of service on Wednesday."]
    ]


def test_the_search_page_changes_with_the_month_only() -> None:
    """A new edition adds to its month's file and to no other; a new month is named in the page."""
    ones = [entry(one) for one in several()]
    page = SITE.search("Unbury", "en", ones).parts[0].content
    assert 'data-months="search/2026-11.js search/2025-12.js"' in page
    assert page == SITE.search("Unbury", "en", ones[:2]).parts[0].content
    assert page != SITE.search("Unbury", "en", ones[1:]).parts[0].content


def test_one_script_may_run_and_no_other() -> None:
    """The search's, by its hash, and what it loads; it is short, and nothing is shown that would need it."""
    page = SITE.search("Unbury", "en", [entry(several()[0])]).parts[0].content
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    own = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall('Content-Security-Policy" content="([^"]*)"', page)
    rest = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'"
    assert policy == f"{rest}; script-src 'sha256-{own}' 'strict-dynamic'"
    assert len(script.splitlines()) < 80
    assert [one.get("hidden") is not None for one in seen(page).xpath("//form | //button[@class='more']")] == [
        True,
        True,
    ]
    for other in archive(several()):
        if other.filename not in ("search.html", *map(places.month, several())):
            assert "<script" not in other.parts[0].content
            assert f'content="{rest}"' in other.parts[0].content


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_does_nothing_in_any_page(payload: str) -> None:
    """Wherever a stranger's words stand, the pages have the elements that they have anyway."""
    evil, plain = (archive([_joined(hostile(text))]) for text in (payload, "https://plain.example/"))
    for one, other in zip(evil, plain, strict=True):
        if one.filename.endswith(".js"):
            assert "<" not in one.parts[0].content
            assert len(handed(one)) == 2
        else:
            assert sorted(dangers(one.parts[0].content)) == sorted(dangers(other.parts[0].content))
    index = SITE.index(payload, "en", []).parts[0].content
    assert sorted(dangers(index)) == sorted(dangers(SITE.index("x", "en", []).parts[0].content))


def _joined(made: Edition) -> Edition:
    """With the payload where it says why a document joined its story."""
    (told,) = made.items
    joins = (Join("d1"), Join("d2", "d1", told.headline, reprint_of=""))
    return replace(made, items=(replace(told, story=replace(told.story, joins=joins)),))


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_the_archive_speaks_the_digests_language(language: str) -> None:
    """In all its pages, but for what sources say, and for a reason that is given as it was kept."""
    ours, english = phrases(language), phrases("en")
    own = f"{' '.join(said(ours))} {' '.join(ours.months)}"
    wrong = {piece for phrase in said(english) for piece in pieces(phrase) if piece not in own}
    ways = [replace(link(n), title="~", published=None if n == 3 else link(n).published) for n in range(1, 5)]
    told = replace(item("~", [("12 ~.", 1), ("15 ~.", 2)], ways), standing=Standing.developing)
    joins = (Join("d1"), Join("d2", "d1", "~"), Join("d3", "d1", "~", "d1"))
    told = replace(told, story=replace(told.story, joins=joins, documents=(*told.story.documents, "d9")))
    made = replace(edition(told, account=dispositions(*Verdict), title="~"), language=language)
    told_week, texts = week()[1]
    evidence = SITE.evidence(replace(told_week, language=language), texts)[:2]
    for page in [*archive([made, replace(made, number=2)], language=language), *evidence]:
        if page.filename.endswith(".html"):
            shown = _own_words(page)
            assert [piece for piece in wrong if re.search(rf"\b{re.escape(piece)}\b", shown)] == []
            assert f'<html lang="{language}">' in page.parts[0].content


def _own_words(page: Rendition) -> str:
    """What can be read of a page or heard, but for what is marked as English."""
    whole = seen(page.parts[0].content)
    for element in whole.xpath("//*[@lang='en'] | //script | //style"):
        element.drop_tree()
    heard = whole.xpath("//@aria-label | //@title | //@*[starts-with(name(), 'data-')]")
    return " ".join([*whole.xpath("//text()"), *heard])


def test_pages_can_be_the_users_own(tmp_path: Path) -> None:
    """A look for all pages, and a template in place of one of ours, which can extend it."""
    (tmp_path / "style.css.j2").write_text("body { color: red }", encoding="utf-8")
    (tmp_path / "index.html.j2").write_text(
        '{% extends "unbury/index.html.j2" %}{% block header %}<h1>Mine</h1>{% endblock %}', encoding="utf-8"
    )
    site = Site(Settings(templates=str(tmp_path)))
    one = several()[0]
    pages = [site.page(one), *site.evidence(one, {}), site.index("x", "en", [entry(one)]), site.search("x", "en", [])]
    assert all("<style>\nbody { color: red }</style>" in page.parts[0].content for page in pages)
    assert "<h1>Mine</h1>" in pages[2].parts[0].content


def test_another_process_writes_the_same_archive() -> None:
    """Neither the seed of hashes nor the order in which documents are found changes a byte."""
    program = """
import hashlib, random, sys
from tests.exporters.week import entry, week
from worker.exporters.site import Site
site, digest = Site(), hashlib.sha256()
for told, documents in week():
    names = sorted(documents, reverse=sys.argv[1] == "1")
    pages = [site.page(told), *site.evidence(told, {name: documents[name] for name in names}), site.month([told])]
    for page in pages:
        digest.update(page.parts[0].content.encode())
print(digest.hexdigest())
"""
    runs = {printed(program, seed, PYTHONHASHSEED=seed, TZ=zone) for seed, zone in (("1", "Asia/Tokyo"), ("2", "UTC"))}
    assert len(runs) == 1
