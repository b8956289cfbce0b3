"""The edition as an e-mail: what is in it, how long it may be, and whose template it is."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html
from lxml.html import HtmlElement

from tests.builders import FEW, MANY, NEWS, SOME, anything
from tests.exporters.editions import DAY, edition, item, link
from tests.exporters.test_hostile import PAYLOADS, dangers, hostile
from worker.edition import Correction, Differing, Edition, Failure, Figure, Item, Proof, Standing
from worker.errors import ConfigError
from worker.exporters import templates
from worker.exporters.html import Html
from worker.exporters.mail import BUDGET, Mail
from worker.exporters.phrases import phrases
from worker.exporters.text import Text
from worker.model import UNSUBSCRIBE, Sentence, Span
from worker.settings import ServeSettings, Settings
from worker.text.clean import cleaned

SERVED = Settings(serve=ServeSettings(base_url="https://news.example.org"))
SAID = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).map(cleaned)


def story(number: int, sentences: int = 3, words: int = 1) -> Item:
    """A story with three more sources; the sentences are of news, or longer."""
    quoted = [(NEWS[(number + n) % len(NEWS)] * words, 1) for n in range(sentences)]
    return item(f"{number}: {NEWS[number % len(NEWS)][:59]}".strip(), quoted, [link(n) for n in range(1, 6)])


def stories(number: int, words: int = 1) -> Edition:
    """An edition of so many stories."""
    return edition(*(story(n, words=words) for n in range(number)))


def both(made: Edition, settings: Settings | None = None, budget: int = BUDGET) -> tuple[str, str]:
    """The two parts: the text and the page."""
    plain, page = Mail(settings, budget).export(made).parts
    assert (plain.media_type, page.media_type) == ("text/plain", "text/html")
    return plain.content, page.content


def parsed(made: Edition, settings: Settings | None = None) -> HtmlElement:
    """The page as a mail program reads it."""
    return read(both(made, settings)[1])


def read(page: str) -> HtmlElement:
    """What a parser makes of a page."""
    found = html.document_fromstring(page)
    assert isinstance(found, HtmlElement)
    return found


def words(text: str) -> str:
    """A text's words, one space apart."""
    return " ".join(text.split())


def told(page: str) -> list[str]:
    """The headlines of a page."""
    return [words("".join(map(str, heading.itertext()))) for heading in read(page).iter("h3")]


def visible(page: HtmlElement) -> str:
    """What is read of a page, without what is shown in the inbox only."""
    for hidden in page.xpath("//style | //title | //*[@class='preheader']"):
        hidden.drop_tree()
    return words(page.text_content())


def rich() -> Edition:
    """An edition that has something of everything."""
    known = replace(story(2), standing=Standing.developing, since=DAY - timedelta(days=1), section="Sea")
    first, second = (Sentence(text, Span(f"d{n}", n, 0, len(text))) for n, text in enumerate(NEWS[:2], 1))
    differ = replace(story(1), differing=(Differing("people", (Figure("12", first), Figure("15", second))),))
    correction = Correction(link(1), "It is 12.", DAY - timedelta(days=1), first, Proof("r", "c"))
    made_by = {"version": "1.2.3/4"}
    made = edition(differ, known, story(3))
    return replace(made, corrections=(correction,), failures=(Failure("wire", "no answer"),), made_by=made_by)


def test_a_mail_has_all_that_the_reader_wants() -> None:
    """Counts, badges, coverage, figures that differ, corrections, other sources, failures, and who made it."""
    seen = visible(parsed(rich(), SERVED))
    for said in (
        "Unbury Monday 23 November 2026 1 min read · 26 documents read · 31 repeated sentences removed · 3 stories",
        "Corrections Yesterday we quoted: It is 12. The source now says: " + NEWS[0] + " paper1.example",
        "Top stories",
        "Sea",
        "New 5 articles, 5 sources",
        "3 new sentences since yesterday",
        NEWS[1] + " paper1.example",
        "Figures differ: 12 (paper1.example), 15 (paper2.example) people",
        "Also in paper2.example, paper3.example, paper4.example and 1 more",
        "Every sentence is quoted word for word from the linked source.",
        "Nothing was left out.",
        "Could not be read today: wire – no answer.",
        "Made at 05:47 (Europe/Berlin) by Unbury 1.2.3.",
        "Unsubscribe · View in browser",
    ):
        assert said in seen, said


def test_each_sentence_is_followed_by_its_source() -> None:
    """With the way to it, whatever the next sentence's is."""
    mixed = edition(item(quoted=[(NEWS[0], 1), (NEWS[1], 1), (NEWS[2], 2)]))
    page = parsed(mixed)
    pairs = [
        (p.text.strip(), [a.get("href") for a in p.iter("a")])
        for p in page.iter("p")
        if p.text in [f"{said} " for said in NEWS]
    ]
    ways = [link(n).url for n in (1, 1, 2)]
    assert pairs == [(said, [way]) for said, way in zip(NEWS[:3], ways, strict=True)]


def test_the_page_can_be_heard_and_seen_anywhere() -> None:
    """A language, one h1, then h2 and h3; tables that are none; the scheme of colors named; the charset at once."""
    page = both(rich())[1]
    root = read(page)
    assert root.get("lang") == "en"
    headings = [str(element.tag) for element in root.iter("h1", "h2", "h3", "h4")]
    assert headings == ["h1", "h2", "h2", "h3", "h3", "h2", "h3"]
    assert all(table.get("role") == "presentation" for table in root.iter("table"))
    assert page.count('<!--[if mso]><table role="presentation" width="640"') == 1
    assert root.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert page.encode().index(b'charset="utf-8"') < 1024


def test_nothing_is_fetched_or_run() -> None:
    """No image, no font, no script, no style sheet of elsewhere; each link leads to a source or to us."""
    page = both(rich(), SERVED)[1]
    assert dangers(page, own=("meta", "style")) == []
    assert not re.search(r"url\(|@import|@font-face|<link|<img|src=|background=", page)
    ours = {UNSUBSCRIBE, "https://news.example.org/editions/edition-id"}
    sources = {link(n).url for n in range(1, 6)}
    assert {way for _, attribute, way, _ in read(page).iterlinks() if attribute} <= ours | sources


def test_dark_colors_stand_in_the_one_rule_that_is_left() -> None:
    """All other styles are in the tags, where every mail program looks."""
    page = both(rich())[1]
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    assert re.findall("@media[^{]*", style) == ["@media (prefers-color-scheme:dark) ", "@media (max-width:480px) "]
    assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", style).strip() == ""
    assert len(style) < 1000
    assert 'h1 dir="auto" style="' in page


def test_the_inbox_shows_the_next_headlines() -> None:
    """The second to the fourth, cut at a word, and nothing of the page behind them."""
    made = edition(*(item(name) for name in ("Lead", "Second", "Third", "Fourth", "Fifth")))
    [shown] = parsed(made).find_class("preheader")
    said, _, filler = shown.text_content().partition("\u034f")
    assert said == "Second; Third; Fourth"
    assert len(filler) > 150 and set(filler) == set("\u034f\u200c\xa0")
    assert "display:none" in shown.get("style", "")


@pytest.mark.parametrize("headline", ["word " * 30, "w" * 300, "渡船" * 100])
def test_the_inbox_shows_no_more_than_fits(headline: str) -> None:
    """110 characters, a mark where it goes on."""
    [shown] = parsed(edition(item(), item(headline), item(headline))).find_class("preheader")
    said = shown.text_content().partition("\u034f")[0]
    assert 50 < len(said) <= 110 and said.endswith("…")


def test_an_only_story_is_not_told_twice_in_the_inbox() -> None:
    """Its headline is the subject already: the counts stand beside it."""
    [shown] = parsed(edition(item())).find_class("preheader")
    assert shown.text_content().startswith("1 min read · 26 documents read")


def test_a_day_with_nothing_new_is_said() -> None:
    """For those who want such mails."""
    plain, page = both(edition())
    assert "Nothing new today." in plain and "Nothing new today." in page
    assert UNSUBSCRIBE in plain and UNSUBSCRIBE in page


def test_an_edition_of_corrections_says_no_such_thing() -> None:
    """It has something to tell."""
    made = replace(rich(), items=())
    assert all("Nothing new" not in part and "It is 12." in part for part in both(made))


def test_the_page_speaks_the_digests_language() -> None:
    """As the text does; what is in another language says so."""
    ways = [replace(link(n), language=language) for n, language in ((1, "en"), (2, "de"), (3, "fr"))]
    german = replace(edition(item(quoted=[("One.", 1), ("Zwei.", 2)], links=ways)), language="de")
    plain, page = both(german)
    named = [(element.tag, element.get("lang")) for element in read(page).iter("html", "p", "a") if element.get("lang")]
    assert named == [("html", "de"), ("a", "en"), ("p", "en"), ("a", "fr")]
    leave = phrases("de").say("unsubscribe")
    assert f">{leave}<" in page and f"\n{leave}: " in plain


def test_the_browser_is_named_only_where_there_is_one() -> None:
    """Without serve.base_url nothing can be viewed."""
    way = "https://news.example.org/editions/edition-id"
    assert all("View in browser" not in part for part in both(rich()))
    assert all("View in browser" in part and way in part for part in both(rich(), SERVED))


def test_the_text_is_the_text_form_and_its_end() -> None:
    """Full, in 72 columns; then who made it, and how to leave."""
    plain = both(rich(), SERVED)[0]
    (form,) = Text().export(rich()).parts
    assert plain.startswith(form.content)
    assert plain.removeprefix(form.content).splitlines() == [
        "",
        "Made at 05:47 (Europe/Berlin) by Unbury 1.2.3.",
        "View in browser: https://news.example.org/editions/edition-id",
        f"Unsubscribe: {UNSUBSCRIBE}",
    ]


def test_an_edition_made_later_than_its_day_says_when() -> None:
    """Of a day long ago, the time alone would mislead."""
    late = replace(edition(item()), at=edition().at + timedelta(days=2))
    assert "Made on Wednesday 25 November 2026 at 05:47 (Europe/Berlin) by Unbury." in words(both(late)[0])


def test_a_mail_is_named_by_its_edition() -> None:
    """The whole edition's subject and day, even where the mail has only a part of it."""
    once, again = (Mail(budget=20_000).export(replace(stories(30), number=number)) for number in (1, 2))
    assert (once.filename, again.filename) == ("digest.eml", "digest-2.eml")
    assert once.subject == Html().export(stories(30)).subject and "+29 ·" in once.subject
    assert (once.edition, once.digest, once.title) == ("edition-id", "morning", "Unbury")


@pytest.mark.parametrize(("number", "whole"), [(5, True), (12, True), (30, True), (200, False)])
def test_no_part_is_longer_than_the_budget(number: int, whole: bool) -> None:
    """Gmail cuts at 102 KB: 200 stories are cut by us, at a story, and it is said how many are missing."""
    plain, page = both(stories(number), SERVED)
    shown = len(told(page))
    assert len(page.encode()) <= BUDGET and len(plain.encode()) <= BUDGET
    assert (shown == number) == whole
    missing = f"+{number - shown} more in the full edition"
    assert (missing in page) != whole
    if not whole:
        assert told(page) == [made.headline for made in stories(number).items[:shown]]
        assert read(page).xpath(f"//a[text()='{missing}']/@href") == ["https://news.example.org/editions/edition-id"]
        assert UNSUBSCRIBE in page and UNSUBSCRIBE in plain


def test_other_sources_are_dropped_before_a_story_is() -> None:
    """A story is worth more than a list of outlets."""
    whole = len(both(stories(12))[1].encode())
    _, page = both(stories(12), budget=whole - 1)
    assert len(told(page)) == 12 and "Also in" not in page and "more in the full" not in page


def test_as_many_stories_as_fit_are_kept() -> None:
    """One more would be too many."""
    budget = 30_000
    page = both(stories(40), budget=budget)[1]
    alone = len(both(stories(len(told(page)) + 1), budget=10**6)[1].encode())
    assert budget - 1500 < len(page.encode()) <= budget < alone


@FEW
@given(number=st.integers(0, 40), words=st.integers(1, 20), budget=st.integers(8_000, 60_000))
@example(number=1, words=500, budget=8_000)
def test_any_budget_is_kept_or_the_lead_is_alone(number: int, words: int, budget: int) -> None:
    """What is told is the first part of the edition, and with what is missing it is all of it."""
    for part in both(stories(number, words), budget=budget):
        missing = int(found[1]) if (found := re.search(r"\+(\d+) more in the full", part)) else 0
        assert len(part.encode()) <= budget or number - missing <= 1
        assert part.count("[NEW]") + part.count(">New<") == number - missing
        assert number == 0 or "Nothing new today" not in part


def test_corrections_stay_longest() -> None:
    """They are owed; stories go before them."""
    made = replace(stories(12), corrections=rich().corrections * 2)
    plain, page = both(made, budget=14_000)
    assert page.count("It is 12.") == 2 and 0 < len(told(page)) < 12
    assert f"+{12 - len(told(page))} more in the full edition" in page
    assert plain.count("It is 12.") == 2


@MANY
@given(headline=SAID, said=st.lists(SAID.filter(lambda text: any(map(str.isalnum, text))), min_size=1, max_size=3))
@example(headline="x" * 10_000, said=["y" * 10_000])
@example(headline="\u202egpj.exe", said=["\u034f\u200c\xa0 x", "شارع", UNSUBSCRIBE + "a"])
def test_a_mail_says_what_the_page_says(headline: str, said: list[str]) -> None:
    """The same headline and sentences as the other forms, word for word; nobody's text is taken for markup."""
    made = edition(item(headline, [(text, number) for number, text in enumerate(said)]))
    plain, page = both(made)
    other = visible(read(Html().export(made).parts[0].content))
    shown = visible(read(page))
    for text in (headline, *said):
        expected = words(templates.unmarked(cleaned(text)))  # what overrides directions is dropped at the border
        assert expected in shown and expected in other
        assert expected in words(plain)


@SOME
@given(text=anything)
def test_the_same_edition_is_the_same_mail(text: str) -> None:
    """Byte for byte, and it can be written as UTF-8 whatever was in it."""
    made = edition(item(text, [(text, 1)]), title=text)
    assert Mail().export(made) == Mail().export(made)
    assert "\x00" not in "".join(part.encode().decode() for part in both(made))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_does_nothing(payload: str) -> None:
    """In a headline, a sentence, a name or an address; not even inlined."""
    page = both(hostile(payload), SERVED)[1]
    assert dangers(page, own=("meta", "style")) == []
    assert len(list(read(page).iter("style"))) == 1


@pytest.mark.parametrize("place", ["headline", "sentence", "outlet", "url", "title"])
def test_nobody_else_unsubscribes_the_reader(place: str) -> None:
    """A source that names the place where the reader's own address goes does not get it."""
    way = link(1, url=UNSUBSCRIBE if place == "url" else "", outlet=UNSUBSCRIBE if place == "outlet" else "")
    said = item(
        UNSUBSCRIBE if place == "headline" else "Headline",
        [(UNSUBSCRIBE if place == "sentence" else "Said.", 1)],
        [way],
    )
    plain, page = both(edition(said, title=UNSUBSCRIBE if place == "title" else "Unbury"))
    assert page.count(UNSUBSCRIBE) == 1 and page.index(UNSUBSCRIBE) > page.index("word for word")
    assert plain.count(UNSUBSCRIBE) == 1 and plain.endswith(f": {UNSUBSCRIBE}\n")


# The user's own templates.


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Settings with a folder of templates."""
    folder = tmp_path / "templates"
    folder.mkdir()
    return Settings(templates=str(folder))


def write(own: Settings, template: str, name: str = "mail.html.j2") -> None:
    """Put a template into the folder."""
    (Path(own.templates) / name).write_text(template, encoding="utf-8")


def test_a_template_of_ones_own_is_used(own: Settings) -> None:
    """For the mail and for the page, each by its name; its styles are inlined as ours are, and its values escaped."""
    write(own, "<style>p{color:red}</style><p>{{ edition.items[0].headline }}</p><a href='{{ unsubscribe }}'>x</a>")
    made = edition(item("<b>&"))
    assert f'<p style="color:red">&lt;b&gt;&amp;</p><a href="{UNSUBSCRIBE}">' in both(made, own)[1]
    assert Html(own).export(made).parts == Html().export(made).parts

    write(own, "{{ wording.counts(edition) }}", "digest.html.j2")
    assert Html(own).export(made).parts[0].content.startswith("1 min read")


def test_a_template_can_build_on_ours(own: Settings) -> None:
    """One block said anew, all else as it is."""
    write(own, '{% extends "unbury/mail.html.j2" %}{% block footer %}<tr><td>Bye.</td></tr>{% endblock %}')
    page = both(rich(), own)[1]
    assert told(page) == told(both(rich())[1]) and "Bye." in page and "word for word" not in page


def test_a_changed_template_is_seen(own: Settings) -> None:
    """Without starting anew."""
    write(own, "one")
    assert "one" in both(edition(), own)[1]
    write(own, "two, and longer")
    os.utime(Path(own.templates) / "mail.html.j2", (1, 1))
    assert "two" in both(edition(), own)[1]


@pytest.mark.parametrize(
    ("template", "line", "said"),
    [
        ("<p>\n{% if %}", 2, "Expected an expression"),
        ("<p>\n\n{{ edition.headline }}", 3, "has no attribute 'headline'"),
        ("{{ nothing }}", 1, "'nothing' is undefined"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n\n{% include 'missing.j2' %}", 3, "missing.j2"),
        ("<p>{{ 'x' | no_such_filter }}", 1, "no_such_filter"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ edition.made_by.update(x=1) }}", 1, "unsafe"),
        ("\n{{ wording.line.__globals__ }}", 2, "unsafe"),
        ("{{ wording.re.enum.sys.modules }}", 1, "has no attribute 're'"),
        ("{{ range(1000000000) | list }}", 1, "Range too big"),
    ],
)
def test_a_broken_template_names_its_line(own: Settings, template: str, line: int, said: str) -> None:
    """No half a mail: a sentence with file, line and reason; and what reaches for Python is broken, too."""
    write(own, template)
    with pytest.raises(ConfigError, match=said) as broken:
        Mail(own).export(replace(rich(), made_by={"version": "1"}))
    assert f"{own.templates}/mail.html.j2, line {line}: " in str(broken.value)


def test_a_broken_part_of_a_template_is_named(own: Settings) -> None:
    """The file that it broke in, not the one that was asked for."""
    write(own, '{% extends "unbury/mail.html.j2" %}\n{% block header %}{% include "head.j2" %}{% endblock %}')
    write(own, "\n{{ edition.nobody }}", "head.j2")
    with pytest.raises(ConfigError, match=r"head\.j2, line 2: .*nobody"):
        Mail(own).export(rich())


def test_a_template_that_is_no_text_is_named(own: Settings) -> None:
    """UTF-8 is what is read."""
    (Path(own.templates) / "mail.html.j2").write_bytes(b"<p>Gr\xfc\xdfe</p>")
    with pytest.raises(ConfigError, match=r"mail\.html\.j2: 'utf-8' codec can't decode"):
        Mail(own).export(rich())


def test_a_template_that_is_built_on_itself_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is another; and a folder may be named from where one stands."""
    monkeypatch.chdir(tmp_path)
    Path("own").mkdir()
    here = Settings(templates="./own")
    write(here, '{% extends "mail.html.j2" %}')
    with pytest.raises(ConfigError, match=r"own/mail\.html\.j2, line 1: maximum recursion"):
        Mail(here).export(rich())


def test_a_folder_that_is_not_there_is_said() -> None:
    """Instead of our templates in its place."""
    with pytest.raises(ConfigError, match="no folder of templates"):
        Mail(Settings(templates="nowhere/to/be/found")).export(edition())


def test_a_template_fetches_no_style_sheet(own: Settings) -> None:
    """Neither from elsewhere nor from the disk."""
    (Path(own.templates) / "x.css").write_text("p{color:red}", encoding="utf-8")
    local = (Path(own.templates) / "x.css").as_uri()
    write(own, f'<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><link rel="stylesheet" href="{local}"><p>x</p>')
    assert "<p>x</p>" in both(edition(), own)[1]
