"""The edition as EPUB: an archive that readers open, chapters that are XML, and what epubcheck says of them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from tests import quoted
from tests.builders import SOME, offline
from tests.exporters.editions import AT, dispositions, edition, item, link
from tests.exporters.test_hostile import PAYLOADS, dangers, hostile
from tests.servers import missing
from worker.delivery.files import Files
from worker.edition import Correction, Edition, Failure, Proof, Verdict
from worker.errors import ConfigError
from worker.exporters import wording
from worker.exporters.epub import Epub
from worker.model import Subscriber
from worker.services.deliver import Unmarked
from worker.settings import ServeSettings, Settings
from worker.text.clean import cleaned

SAID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(cleaned).filter(str.strip)
EVIL = "]]></p><script>alert('x')</script><!-- & &amp; &#0; \x00\x1b\ufffe\ud83d \u0338"
_X = "{http://www.w3.org/1999/xhtml}"
_OPF = {"o": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def packed(made: Edition, settings: Settings | None = None) -> bytes:
    """The book's bytes."""
    (part,) = Epub(settings).export(made).parts
    assert (part.media_type, part.content) == ("application/epub+zip", "")
    return part.packed


class Book:
    """What a reader's program finds in a book."""

    def __init__(self, made: Edition, settings: Settings | None = None) -> None:
        with zipfile.ZipFile(io.BytesIO(packed(made, settings))) as archive:
            assert archive.testzip() is None
            self.files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        self.opf = etree.fromstring(self.files["EPUB/package.opf"])
        hrefs = {one.get("id"): one.get("href") for one in self.opf.iterfind(".//o:manifest/o:item", _OPF)}
        self.spine = [hrefs[one.get("idref")] for one in self.opf.iterfind(".//o:itemref", _OPF)]
        self.manifest = set(hrefs.values())
        self.pages: dict[Any, Any] = {name: etree.fromstring(self.files[f"EPUB/{name}"]) for name in self.spine}

    def texts(self) -> list[str]:
        """What is quoted, in the order that it is read in."""
        return [_said(p) for p in self.all("p") if _quoted(p)]

    def all(self, tag: str) -> list[Any]:
        """All elements of a kind, page by page."""
        return [element for page in self.pages.values() for element in page.iter(f"{_X}{tag}")]

    def meta(self, name: str) -> list[str]:
        """What the package says under a name."""
        return [one.text or "" for one in self.opf.iterfind(f".//o:meta[@property='{name}']", _OPF)]


def _said(element: Any) -> str:
    return "".join(map(str, element.itertext()))


def _quoted(element: Any) -> bool:
    return bool(element.getparent().tag == f"{_X}blockquote")


def rich() -> Edition:
    """An edition with all that there can be: sections, corrections, other languages, what was left out."""
    made = quoted.edition()
    (ferry, buses), (corrected,) = made.items, made.corrections
    beside = item("Further away", [("One.", 1)], [link(n) for n in range(1, 8)])
    other = item("Feu", [("Il brûle.", 1)], [replace(link(1), language="fr")])
    return replace(
        made,
        items=(ferry, replace(buses, section="Sport & Spiel"), beside, replace(other, section="Sport & Spiel")),
        corrections=(corrected, replace(corrected, now=None)),
        account=tuple(dispositions(Verdict.told, Verdict.copy, Verdict.filtered)),
        failures=(Failure("herald", "timed out"),),
        language="de",
    )


def test_the_archive_is_as_it_has_to_be() -> None:
    """The media type first, as it is, where programs look for it; then where the package lies."""
    made = packed(rich())
    assert made[30:58] == b"mimetypeapplication/epub+zip"
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries[:3]] == ["mimetype", "META-INF/container.xml", "EPUB/package.opf"]
    assert not any(entry.extra or entry.flag_bits for entry in entries)
    first_day = (1980, 1, 1, 0, 0, 0)
    assert {(entry.date_time, entry.compress_type) for entry in entries} == {(first_day, zipfile.ZIP_STORED)}


def test_a_section_is_a_chapter() -> None:
    """After the contents the corrections, then each section, and at last the account."""
    book = Book(rich())
    assert book.spine == ["nav.xhtml", "corrections.xhtml", "section-1.xhtml", "section-2.xhtml", "account.xhtml"]
    assert [_said(each) for each in book.all("h1")] == [
        "Unbury",
        "Korrekturen",
        wording.say(rich(), "top_stories"),
        "Sport & Spiel",
        wording.say(rich(), "all_documents"),
    ]
    frame = {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}
    assert set(book.files) - frame == {f"EPUB/{name}" for name in book.manifest}


def test_the_contents_lead_to_each_story() -> None:
    """Chapter by chapter, by the headlines, to where each stands."""
    book = Book(rich())
    ways = [way.get("href") for way in book.pages["nav.xhtml"].iter(f"{_X}a")]
    assert [way.partition("#")[0] for way in ways if "#" not in way] == book.spine[1:]
    stories = [way.partition("#") for way in ways if "#" in way]
    found = {(name, place.get("id")) for name, page in book.pages.items() for place in page.iter(f"{_X}h2")}
    assert len(stories) == len(rich().items) and {(name, place) for name, _, place in stories} == found


def test_everything_is_told() -> None:
    """Corrections and sentences in their order, their sources, the day, the counts, the account."""
    made, book = rich(), Book(rich())
    now = made.corrections[0].now
    assert now is not None
    told = [s.text for _, items in wording.sections(made) for each in items for s in each.summary.sentences]
    assert book.texts() == ["Two firms wrap fruit.", now.text, "Two firms wrap fruit.", *told]
    said = " ".join(_said(page) for page in book.pages.values())
    for words in (wording.dateline, wording.counts, wording.account, wording.failures):
        assert words(made) in said
    assert wording.say(made, "promise") in said and wording.also_shown(made, made.items[2])[1] in said
    ways = [way.get("href") for p in book.all("p") if p.get("class") == "source" for way in p.iter(f"{_X}a")]
    assert ways[2:4] == ["https://herald.example/ferry", "https://lantern.example/a?b=1&c=Z%C3%BCrich"]


@SOME
@given(headline=SAID, said=SAID, title=SAID)
@example(headline=EVIL, said=EVIL, title=EVIL)
@example(headline="\u0338x", said="\u0338 a mark that would melt with the tag before it", title="\x00")
def test_any_text_stays_text(headline: str, said: str, title: str) -> None:
    """Whatever is said is found word for word, and adds no element."""
    book, plain = Book(edition(item(headline, [(said, 1)]), title=title)), Book(edition(item()))
    assert book.texts() == [cleaned(said)]
    assert [[e.tag for e in page.iter()] for page in (book.opf, *book.pages.values())] == [
        [e.tag for e in page.iter()] for page in (plain.opf, *plain.pages.values())
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_does_nothing(payload: str) -> None:
    """Not read as XML, nor by a program that takes it for HTML."""
    book = Book(hostile(payload))
    for name in book.spine:
        page = re.sub('href="[a-z0-9-]+[.]xhtml', 'href="#', book.files[f"EPUB/{name}"].decode())
        assert dangers(page.partition("</head>")[2]) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    """All that a page names lies in the book, but for links that somebody follows."""
    book = Book(rich())
    assert {each.get("href") for each in book.all("link")} == {"style.css"}
    attributes = {str(name) for page in book.pages.values() for each in page.iter() for name in each.attrib}
    assert attributes.isdisjoint({"src", "style", "data", "poster"})
    style = book.files["EPUB/style.css"].decode()
    assert "url(" not in style and "@import" not in style and "prefers-color-scheme: dark" in style


def test_the_book_can_be_heard() -> None:
    """In its language, a quote in its own; and it says so to who looks for books that can be."""
    way = replace(link(1), language="de")
    (now,) = item().summary.sentences
    correction = Correction(way, "Es war.", date(2026, 11, 22), now, Proof("r", "c"))
    fire = item("Feuer", [("Es brannte.", 1), ("?", 2)], [way, link(2)])
    book = Book(replace(edition(fire), corrections=(correction,)))
    assert {(page.get("lang"), page.get(_LANG)) for page in book.pages.values()} == {("en", "en")}
    assert [quote.get("lang") for quote in book.all("blockquote")] == ["de", "de", "de", None]
    assert [quote.get(_LANG) for quote in book.all("blockquote")] == ["de", "de", "de", None]
    assert [way.get("lang") for h2 in book.all("h2") for way in h2] == ["de"]
    assert all(said.get("dir") == "auto" for said in book.all("p") if _quoted(said))
    assert book.meta("schema:accessMode") == book.meta("schema:accessModeSufficient") == ["textual"]
    assert "tableOfContents" in book.meta("schema:accessibilityFeature")
    assert book.meta("schema:accessibilityHazard") == ["none"]


def test_a_book_is_known_by_its_edition() -> None:
    """The same id whenever it is made, another one for another edition or another site; and the time it was made."""
    (one, later, other) = (edition(), replace(edition(), at=AT + timedelta(hours=1)), replace(edition(), id="other"))
    site = Settings(serve=ServeSettings(base_url="https://news.example.org"))
    books = [Book(one), Book(later), Book(other), Book(one, site)]
    ids = [book.opf.findtext(".//dc:identifier", "", namespaces=_OPF) for book in books]
    assert ids[0] == ids[1] and len(set(ids)) == 3
    assert all(re.fullmatch("urn:uuid:[0-9a-f-]{36}", name) for name in ids)
    assert [book.meta("dcterms:modified") for book in books[:2]] == [["2026-11-23T04:47:31Z"], ["2026-11-23T05:47:31Z"]]
    assert books[0].opf.findtext(".//dc:title", namespaces=_OPF) == "Unbury – Monday 23 November 2026"
    assert books[0].opf.findtext(".//dc:date", namespaces=_OPF) == "2026-11-23"


def test_a_day_without_news_is_a_book_as_well() -> None:
    """It says so; and a day of corrections alone has nothing else to say."""
    book = Book(edition())
    assert book.spine == ["nav.xhtml", "nothing.xhtml", "account.xhtml"]
    assert "Nothing new today." in _said(book.pages["nothing.xhtml"])
    assert Book(replace(rich(), items=())).spine == ["nav.xhtml", "corrections.xhtml", "account.xhtml"]


def test_a_book_becomes_a_file(tmp_path: Path) -> None:
    """Byte for byte."""
    made = Epub().export(edition(item()))
    [receipt] = Files(Settings(), offline).deliver([made], Subscriber("files", str(tmp_path), ("epub",)), Unmarked())
    assert receipt == str(tmp_path / "digest.epub")
    assert (tmp_path / "digest.epub").read_bytes() == made.parts[0].packed


def test_a_template_of_the_users_own_is_used(tmp_path: Path) -> None:
    """And a broken one is named."""
    own = Settings(templates=str(tmp_path))
    (tmp_path / "book.css.j2").write_text("body { margin: 0; }\n")
    assert Book(edition(), own).files["EPUB/style.css"] == b"body { margin: 0; }\n"
    (tmp_path / "story.xhtml.j2").write_text("{% macro story( %}")
    with pytest.raises(ConfigError, match=r"story\.xhtml\.j2, line 1"):
        Epub(own).export(edition(item()))


#: Addresses as they come, and such as never lead anywhere.
ADDRESSES = (
    "https://zürich.example/ä?ö=ü#ß",
    "https://x.example/[1]?a[]=2#c#d",
    "https://user:pa@ss@x.example/%zz",
    "https://some_blog.x.example/|`^{}\ue000",
    "http://1.2.3.400/",
    "https://x.example:port/",
    "https://xn--.example/",
    "http://[::1/",
    "https://",
)


@pytest.mark.parametrize("kind", ["full", "empty"])
def test_epubcheck_finds_nothing(tmp_path: Path, kind: str) -> None:
    """Neither an error nor a warning, whatever strangers wrote, by the program that shops and libraries use."""
    strange = [item(f"{text} {EVIL}", [(text, 1)], [link(1, text, text)]) for text in (*PAYLOADS, *ADDRESSES)]
    full = replace(rich(), items=(*rich().items, *strange), title=EVIL, failures=(Failure(EVIL, EVIL),))
    (tmp_path / "digest.epub").write_bytes(packed(full if kind == "full" else edition()))
    done = subprocess.run(
        [*epubcheck(), "digest.epub"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 fatals / 0 errors / 0 warnings" in done.stdout + done.stderr


def epubcheck() -> list[str]:
    """How it is called; Debian's is a JAR."""
    program = shutil.which("epubcheck")
    if program is None:
        missing("epubcheck", "install epubcheck")
    if Path(program).read_bytes()[:2] != b"PK":
        return [program]
    if shutil.which("java") is None:
        missing("Java", "install default-jre")
    return ["java", "-jar", program]
