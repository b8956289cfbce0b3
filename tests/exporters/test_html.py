"""The edition as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import MANY, MORNING, NEWS, arrival, digest
from tests.exporters.editions import dispositions, edition, item, link
from worker.digest.edition import Dateline
from worker.edition import Correction, Edition, Item, Past, Proof, Verdict
from worker.exporters.html import Html
from worker.pipeline import Recipe, compose
from worker.text.clean import cleaned

SAID = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).map(cleaned)
#: The first link of every page, for those who have no mouse.
SKIP = {"class": "skip", "href": "#main"}
EVIL = "</p><script>alert('x')</script><img src=x onerror=\"y\">&lt;{{ 7*7 }}"


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and the text in them."""

    def __init__(self, edition: Edition) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.source = Html().export(edition).parts[0].content
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)
            self.texts.setdefault(self._path(), []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Checks that it closes what was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes the text where it stands."""
        if self._open:
            self.texts[self._path()][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def _path(self) -> str:
        return " ".join(self._open[-2:])


@MANY
@given(headline=SAID, said=SAID)
@example(headline=EVIL, said=EVIL)
@example(headline="\u0338x", said="\u0338 a mark that would melt with the tag before it")
def test_any_text_stays_text(headline: str, said: str) -> None:
    """Whatever is said is found as the text of its paragraph, and adds no element to the page."""
    page = Page(edition(item(headline, [(said, 1)])))
    plain = Page(edition(item("Headline", [("Said.", 1)])))
    assert page.texts["blockquote p"] == [said]
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]


@MANY
@given(url=st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(lambda rest: f"https://a.example/{rest}"))
@example(url="https://a.example/\" onclick='alert(1)'><script>")
def test_an_address_stays_in_its_attribute(url: str) -> None:
    """An address cannot close its quotes, and a link has no attributes but ours."""
    page = Page(edition(item(links=[link(1, cleaned(url))])))
    assert page.all("a") == [SKIP, *[{"href": cleaned(url), "rel": "noopener noreferrer"}] * 2]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "//evil.example/"])
def test_only_web_addresses_become_links(url: str) -> None:
    """Any other source is named, not linked."""
    page = Page(edition(item(links=[link(1, url, "passwd"), link(2, url, "also")])))
    assert page.all("a") == [SKIP] and url not in page.source
    assert page.texts["figcaption span"] == ["passwd"]


def test_nothing_is_loaded_or_run() -> None:
    """No script, nothing from elsewhere, and a policy that would forbid both."""
    page = Page(edition(item(), item()))
    policy = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'"]
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not any(name in ("src", "style") or name.startswith("on") for _, held in page.elements for name in held)
    assert "url(" not in page.source and "@import" not in page.source


def test_the_page_can_be_heard() -> None:
    """A language, one h1, then h2, then an h3 a story that can be asked about by its id."""
    page = Page(edition(item(), item()))
    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)] == ["h1", "h2", "h3", "h3"]
    assert page.all("h3")[0]["title"] == "Story a1b2c3"


def test_many_stories_have_a_table_of_contents() -> None:
    """Four or more do; each line leads to the story whose headline it says."""
    items = [item_of(item(f"Headline {number}"), f"{number}abcdef{number}") for number in range(4)]
    page = Page(edition(*items))
    ways = [way for way in page.all("a") if str(way["href"]).startswith("#story-")]
    assert [way["href"] for way in ways] == [f"#{story['id']}" for story in page.all("article")]
    assert page.texts["li a"] == [told.headline for told in items]
    assert page.all("nav") == [{"class": "contents", "aria-label": "In this edition"}]
    assert Page(edition(*items[:3])).all("nav") == []


def test_a_page_alone_leads_nowhere_else() -> None:
    """Handed over by itself, it has no link to pages that may not be there."""
    page = Page(edition(*(item() for _ in range(5))))
    assert all(str(way["href"]).startswith(("#", "https://")) for way in page.all("a"))


def item_of(item: Item, story: str) -> Item:
    """The item as another story's."""
    return replace(item, story=replace(item.story, id=story))


def test_a_quote_is_heard_in_its_own_language() -> None:
    """Its headline, too, if it is not the page's; what is unknown is not marked."""
    ways = [replace(link(n), language=language) for n, language in ((1, "en"), (2, "de"), (3, ""), (4, "fr"))]
    story = item("A fire", [("It burnt.", 1), ("Es brannte.", 2), ("?", 3)], ways)
    page = Page(replace(edition(story), language="de"))
    assert page.all("html") == [{"lang": "de"}]
    assert [quote.get("lang") for quote in page.all("blockquote")] == ["en", None, None]
    marked = [(way["href"], way["lang"]) for way in page.all("a") if "lang" in way]
    assert marked == [(ways[0].url, "en"), (ways[3].url, "fr")]
    assert page.all("h3")[0]["title"] == "Meldung a1b2c3"
    assert page.all("h3")[0]["dir"] == "auto"
    assert [said for said in page.all("p") if "class" not in said][:3] == [{"dir": "auto"}] * 3


def test_a_correction_is_heard_in_its_own_language() -> None:
    """What was told, and what the source says now."""
    (now,) = item().summary.sentences
    correction = Correction(replace(link(1), language="de"), "Es war.", date(2026, 11, 22), now, Proof("r", "c"))
    page = Page(replace(edition(), corrections=(correction,)))
    assert [quote["lang"] for quote in page.all("blockquote")] == ["de", "de"]
    assert page.texts["article p"] == ["Yesterday we quoted:", "The source now says:"]


def test_a_digest_in_german_marks_what_came_in_english() -> None:
    """From the document to the page: the language stays with what is quoted."""
    told = compose(
        replace(digest(), language="de"),
        Dateline(date(2026, 11, 20), 1, MORNING),
        [arrival(NEWS[0], NEWS[2])],
        Past(),
        Recipe(ranker="luhn"),
    )
    page = Page(told)
    assert page.all("html") == [{"lang": "de"}] and [quote["lang"] for quote in page.all("blockquote")] == ["en"]
    assert "Freitag, 20. November 2026" in page.source


def test_the_account_adds_up() -> None:
    """A row for what was told and for each reason, and together they are all documents."""
    account = dispositions(Verdict.told, Verdict.told, Verdict.copy, Verdict.below_budget)
    page = Page(edition(item(), account=account))
    rows = dict(zip(page.texts["tr th"], page.texts["tr td"], strict=True))
    assert rows == {"told": "2", "the same text as another": "1", "for lack of room": "1"}


def test_other_sources_are_linked() -> None:
    """Each is named once, with its own title, and set apart from the next."""
    page = Page(edition(item(links=[link(n) for n in range(1, 7)])))
    assert [held["title"] for held in page.all("a") if "title" in held] == ["Title 2", "Title 3", "Title 4"]
    words = re.sub("<[^>]*>", "", page.source).split("Also in")[1].split("\n\n")[0]
    assert " ".join(words.split()).startswith("paper2.example, paper3.example, paper4.example and 2 more")


@pytest.mark.parametrize("scheme", [0, 1])
def test_every_color_can_be_read(scheme: int) -> None:
    """Text has a contrast of at least 4.5 to 1 on the page, in light and in dark."""
    palette = re.findall(
        r"--page: (#\w{6}); --ink: (#\w{6}); --soft: (#\w{6});.*--accent: (#\w{6});", Page(edition()).source
    )
    page, *inks = map(_luminance, palette[scheme])
    assert len(palette) == 2
    assert all((max(page, ink) + 0.05) / (min(page, ink) + 0.05) >= 4.5 for ink in inks)


def _luminance(color: str) -> float:
    """How bright a color is, as WCAG 2 reckons it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
