"""The mail and the page in a real browser: what people with other eyes, screens and settings meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.builders import NEWS
from tests.exporters.editions import DAY, dispositions, edition, item, link
from tests.exporters.test_mail import rich
from tests.pages.browser import Beholder
from worker.edition import Edition, Failure, Standing, Verdict
from worker.exporters.html import Html
from worker.exporters.mail import Mail
from worker.plugins import Exporter
from worker.settings import ServeSettings, Settings

SETTINGS = Settings(serve=ServeSettings(base_url="https://news.example.org"))
FORMS: dict[str, Exporter] = {"mail": Mail(SETTINGS), "html": Html(SETTINGS)}


def full() -> Edition:
    """An edition with something of everything, in three languages."""
    ways = [replace(link(1), language="ar"), replace(link(2), language="de", published=None), link(3)]
    arabic = item(
        "عاصفة تضرب الساحل وتصيب 12 شخصا", [("قالت السلطات إن العاصفة أصابت 12 شخصا.", 1), (NEWS[3], 3)], ways
    )
    known = item(NEWS[4], [(said, 3) for said in NEWS[5:8]], [link(3, outlet="Herald & Post")], Standing.developing)
    known = replace(known, since=DAY - timedelta(days=2), section="Harbour")
    made = rich()
    verdicts = dispositions(Verdict.told, Verdict.copy, Verdict.below_budget)
    return replace(made, items=(*made.items, arabic, known), account=tuple(verdicts))


def wild() -> Edition:
    """An edition whose words know no end."""
    long, address = "x" * 10_000, "https://a.example/" + "y" * 2000
    ways = [link(1, address, long), *(link(n, address, f"{long}.example") for n in range(2, 6))]
    told = item(long, [(long, 1), ("渡" * 3000, 1), ("\u202egpj." + "\u0301" * 500, 1)], ways)
    return replace(edition(told, title=long[:500]), failures=(Failure(long[:2000], "no answer"),))


EDITIONS = {"full": full(), "empty": edition(), "wild": wild()}


def address(folder: Path, form: str, made: Edition) -> str:
    """Where the form of an edition lies as a file."""
    path = folder / f"{form}.html"
    path.write_text(FORMS[form].export(made).parts[-1].content, encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["full", "empty"])
@pytest.mark.parametrize("form", FORMS)
def test_nothing_keeps_anybody_from_reading(
    browser: Beholder, tmp_path: Path, form: str, which: str, dark: bool, width: int
) -> None:
    """No violation that axe knows of, letters of 14 pixels or more, the colors that were asked for; nothing is wider
    than the screen, asked of anybody, or complained of.
    """
    seen = browser.look(address(tmp_path, form, EDITIONS[which]), width, dark=dark)
    assert seen.violations == []
    assert seen.smallest >= 14
    assert seen.paper == ("rgb(23, 22, 20)" if dark else "rgb(251, 250, 247)")
    assert seen.overflow <= 0
    assert seen.remote == [] and seen.complaints == []


@pytest.mark.parametrize(("which", "width"), [("full", 320), ("wild", 320), ("wild", 390), ("wild", 1200)])
@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_wider_than_the_screen(browser: Beholder, tmp_path: Path, form: str, which: str, width: int) -> None:
    """Whatever the words, and however small the screen."""
    seen = browser.look(address(tmp_path, form, EDITIONS[which]), width)
    assert seen.overflow <= 0
    assert seen.remote == [] and seen.complaints == []


def test_the_browser_sees_what_is_wrong(browser: Beholder, tmp_path: Path) -> None:
    """The tests above can fail: each thing that they look for is found on a page that has it."""
    page = tmp_path / "bad.html"
    page.write_text(
        "<title>x</title><p style='color:#ccc;font-size:9px;width:2000px'>pale</p>"
        "<img src='http://no.invalid/x.png'><script>nobody()</script>",
        encoding="utf-8",
    )
    seen = browser.look(page.as_uri(), 390)
    rules = {violation.partition(":")[0] for violation in seen.violations}
    assert {"color-contrast", "image-alt", "html-has-lang"} <= rules
    assert seen.overflow > 1000 and seen.smallest == 9
    assert seen.remote == ["http://no.invalid/x.png"]
    assert any("nobody" in complaint for complaint in seen.complaints)


def test_a_page_can_be_acted_on(browser: Beholder, tmp_path: Path) -> None:
    """The account opens with a key, as for those who have no mouse."""

    def opened(page: Page) -> None:
        page.focus("summary")
        page.keyboard.press("Enter")
        assert page.locator("details[open] td").count() == 3

    assert browser.look(address(tmp_path, "html", full()), act=opened).violations == []
