"""The archive in a real browser, opened from a folder: reading, keys, searching, and eyes of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.builders import document
from tests.exporters.editions import edition, item
from tests.exporters.test_evidence import arrived, telling
from tests.exporters.test_site import SITE, written
from tests.exporters.week import entry, week
from tests.pages.browser import Beholder
from tests.pages.test_pages import full, wild
from worker.edition import Edition
from worker.exporters import places

PAGES = (
    "index.html",
    "search.html",
    "2026-11-20/digest.html",
    "2026-11-19/story-8d0c30.html",
    "2026-11-20/story-8d0c30.html",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample week's archive, in a folder whose name has a space and an umlaut."""
    folder = tmp_path_factory.mktemp("archive") / "Mein Überblick #1"
    ones = [(told, documents, entry(told)) for told, documents in week()]
    for place, (told, documents, _) in enumerate(ones):
        before, after = ones[place - 1][2] if place else None, ones[place + 1][2] if place < 2 else None
        written(folder, [SITE.page(told, before, after), *SITE.evidence(told, documents)])
    entries = [one for _, _, one in ones]
    month = SITE.month([told for told, _, _ in ones])
    written(folder, [SITE.index("Unbury", "en", entries), SITE.search("Unbury", "en", entries), month])
    return folder


def opened(page: Page) -> None:
    """All that is folded is opened."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def asking(words: str, done: Callable[[Page], object] = lambda page: None) -> Callable[[Page], None]:
    """Types words into the search and waits for its answer."""

    def act(page: Page) -> None:
        page.fill("#words", words)
        page.keyboard.press("Enter")
        page.locator("#said:not(:empty)").wait_for()
        done(page)

    return act


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_keeps_anybody_from_reading(
    browser: Beholder, archive: Path, name: str, dark: bool, width: int
) -> None:
    """No violation that axe knows of with all that is folded opened; nothing is asked of anybody or complained of."""
    seen = browser.look((archive / name).as_uri(), width, dark=dark, act=opened)
    assert seen.violations == []
    assert seen.smallest >= 14
    assert seen.paper == ("rgb(23, 22, 20)" if dark else "rgb(251, 250, 247)")
    assert seen.overflow <= 0
    assert seen.remote == [] and seen.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_smallest_screen(browser: Beholder, archive: Path, name: str) -> None:
    """At 320 pixels, with all that is folded opened."""
    assert browser.look((archive / name).as_uri(), 320, act=opened).overflow <= 0


@pytest.mark.parametrize("make", [full, wild])
def test_no_word_is_too_long(browser: Beholder, tmp_path: Path, make: Callable[[], Edition]) -> None:
    """Whatever strangers write, and in whatever direction."""
    told = make()
    written(tmp_path, [SITE.page(told), SITE.evidence(told, {})[-1], SITE.index(told.title, "en", [entry(told)])])
    for path in sorted(tmp_path.rglob("*.html")):
        seen = browser.look(path.as_uri(), 320, act=opened)
        assert (path.name, seen.overflow, seen.complaints) == (path.name, min(seen.overflow, 0), [])


def test_an_edition_can_be_read_by_keys(browser: Beholder, archive: Path) -> None:
    """The first key skips to the text; each thing that a key comes to can be seen to be there; Enter follows a link."""

    def by_keys(page: Page) -> None:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        for _ in range(12):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            page.keyboard.press("Tab")
        page.focus("p.evidence a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/story-*.html")
        assert page.locator("h1").count() == 1

    browser.look((archive / "2026-11-19/digest.html").as_uri(), act=by_keys)


def test_a_quotation_opens_at_its_place(browser: Beholder, archive: Path) -> None:
    """From the edition into the text: the sentence is on the screen, and marked."""

    def into_the_text(page: Page) -> None:
        said = page.locator("article blockquote p").nth(1).inner_text()
        page.locator("figcaption .inside a").nth(1).click()
        page.wait_for_url("**#s2")
        mark = page.locator("mark:target")
        assert mark.text_content() == said
        assert 0 <= mark.evaluate("one => one.getBoundingClientRect().top") < 900

    browser.look((archive / "2026-11-19/digest.html").as_uri(), act=into_the_text)


def test_the_search_finds_and_opens_a_story(browser: Beholder, archive: Path) -> None:
    """Without a server: by the beginnings of words, in any case, in headlines and in what is quoted."""

    def found(page: Page) -> None:
        assert page.locator("#said").inner_text() == "2 stories found"
        assert page.locator("#found mark").first.inner_text() == "Odda"
        assert "Friday 20 November 2026" in page.locator("#found li").first.inner_text()
        page.keyboard.press("Tab")
        page.locator("#found a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/2026-11-20/story-8d0c30.html")
        page.go_back()
        page.locator("#found li").nth(1).wait_for()

    seen = browser.look((archive / "search.html").as_uri(), act=asking("ODD inju", found))
    assert seen.violations == [] and seen.complaints == [] and seen.remote == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cafe", ["Un été au CAFÉ"]),
        ("ete", ["Un été au CAFÉ"]),
        ("ÉTÉ", ["Un été au CAFÉ"]),
        ("strasse", ["Die Straße"]),
        ("straß", ["Die Straße"]),
        ("raße", []),
        ("船", ["渡し船が止まる"]),
        ("عاصف", ["عاصفة تضرب الساحل"]),
        ("قاص", []),
        ("die cafe", []),
        ("</script>", ["<b>Not</b> </script> bold"]),
        ("xyz", []),
    ],
)
def test_the_search_knows_how_words_are_written(
    browser: Beholder, tmp_path: Path, words: str, found: list[str]
) -> None:
    """Accents and case do not matter, the beginning of a word does, but where words have no spaces between them."""
    headlines = ("Un été au CAFÉ", "Die Straße", "渡し船が止まる", "عاصفة تضرب الساحل", "<b>Not</b> </script> bold")
    told = edition(*(item(one) for one in headlines))
    written(tmp_path, [SITE.search("Unbury", "en", [entry(told)]), SITE.month([told])])

    def answered(page: Page) -> None:
        assert page.locator("#found a").all_inner_texts() == found

    seen = browser.look((tmp_path / "search.html").as_uri(), act=asking(words, answered))
    assert seen.complaints == [] and seen.violations == []


def test_the_search_reads_no_more_than_it_needs(browser: Beholder, tmp_path: Path) -> None:
    """The newest months first, until a screenful is found; more when it is asked for, and all for what is rare."""
    ones = [
        replace(edition(*(item(f"Boat {n}") for n in range(12)), day=date(2026, 11, 1) - timedelta(days=31 * n)))
        for n in range(8)
    ]
    ones[-1] = replace(ones[-1], items=(item("Rare bird"),))
    written(tmp_path, [SITE.search("Unbury", "en", list(map(entry, ones))), *(SITE.month([one]) for one in ones)])

    def more(page: Page) -> None:
        assert page.locator("#said").inner_text() == "36+ stories found"
        assert page.locator("script[src]").count() == 3
        page.click("#more")
        page.locator("#found li").nth(71).wait_for()
        assert page.locator("script[src]").count() == 6
        page.click("#more")
        page.locator("#more").wait_for(state="hidden")
        assert page.locator("#said").inner_text() == "84 stories found"
        asking("rare", lambda page: page.wait_for_selector("#found a"))(page)
        assert page.locator("#found a").get_attribute("href") == f"{places.folder(ones[-1])}/story-a1b2c3.html"

    def nothing_first(page: Page) -> None:
        page.fill("#words", " , .")
        page.keyboard.press("Enter")
        assert page.locator("script[src]").count() == 0
        asking("boat", more)(page)

    seen = browser.look((tmp_path / "search.html").as_uri(), act=nothing_first)
    assert seen.complaints == [] and seen.violations == []


def test_a_month_that_is_gone_is_said(browser: Beholder, archive: Path, tmp_path: Path) -> None:
    """What is there is searched all the same."""
    told = week()[2][0]
    entries = [entry(told), entry(replace(told, day=date(2026, 10, 1)))]
    written(tmp_path, [SITE.search("Unbury", "en", entries), SITE.month([told])])

    def said(page: Page) -> None:
        assert page.locator("#said").inner_text() == "1 story found · A part of the archive could not be read."

    seen = browser.look((tmp_path / "search.html").as_uri(), act=asking("odda", said))
    assert [complaint for complaint in seen.complaints if "ERR_FILE_NOT_FOUND" not in complaint] == []


def test_without_a_script_there_is_no_search(browser: Beholder, archive: Path) -> None:
    """A browser that runs none shows no form that would do nothing, and says what does without."""

    def plain(page: Page) -> None:
        assert page.context.browser
        context = page.context.browser.new_context(java_script_enabled=False)
        other = context.new_page()
        other.goto(page.url)
        assert not other.locator("form").is_visible() and not other.locator("#more").is_visible()
        assert "The list of all editions is there without." in other.locator("main").inner_text()
        other.click("text=All editions")
        other.wait_for_url("**/index.html")
        context.close()
        assert page.locator("form").is_visible() and not page.locator("#without").is_visible()

    browser.look((archive / "search.html").as_uri(), act=plain)


def test_a_stranger_cannot_turn_around_what_is_quoted(browser: Beholder, tmp_path: Path) -> None:
    """A mark that reverses what follows it ends where the quoted sentence begins."""
    came = document("\u202eHidden words that turn around. The ferry sails at noon.", shuffled=False)
    arrival = arrived(came)
    told = edition(telling([arrival.reading.sentences[-1]], came))
    written(tmp_path, SITE.evidence(told, {came.id: arrival}))

    def in_order(page: Page) -> None:
        opened(page)
        places = page.locator(".raw mark").evaluate(_LETTERS)
        assert places == sorted(places) and len(places) > 20

    [path] = tmp_path.rglob("*.html")
    browser.look(path.as_uri(), act=in_order)


#: Where each letter of an element's text stands, from left to right.
_LETTERS = """element => {
  const text = element.firstChild, range = document.createRange();
  return [...text.data].map((_, at) => {
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect().left;
  });
}"""


def test_evidence_prints_whole(browser: Beholder, archive: Path) -> None:
    """On paper what is folded is open, and what leads to other pages is not there."""

    def printed(page: Page) -> None:
        page.emulate_media(media="print")
        assert page.locator(".raw p").last.is_visible() and page.locator(".proof dd").last.is_visible()
        assert not page.locator("nav").first.is_visible()

    browser.look((archive / "2026-11-19/story-8d0c30.html").as_uri(), act=printed)
