"""Every link of the README and the docs leads somewhere: to a file, a heading of a page, a picture, a line of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.shown import PAGES, ROOT


def links(page: str) -> Iterator[str]:
    """Where a page's links and pictures lead, in Markdown and in HTML."""
    tokens = MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))
    for token in (inner for outer in tokens for inner in (outer, *(outer.children or ()))):
        for name in ("href", "src"):
            if name in token.attrs:
                yield str(token.attrs[name])
        if token.type in ("html_block", "html_inline"):
            yield from re.findall(r'(?:href|src|srcset)="([^"]+)"', token.content)


def anchors(page: str) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    tokens = MarkdownIt("commonmark").parse((ROOT / page).read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", _plain(tokens[number + 1]).lower()).replace(" ", "-")
        for number, token in enumerate(tokens)
        if token.type == "heading_open"
    }


def _plain(inline: Token) -> str:
    return "".join(token.content for token in inline.children or ())


def broken(page: str, link: str) -> bool:
    """Whether a link within the project leads nowhere."""
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = ((ROOT / page).parent / path if path else ROOT / page).resolve()
    if not target.exists() or not target.is_relative_to(ROOT):
        return True
    return bool(anchor) and anchor not in anchors(target.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("page", PAGES)
def test_each_link_leads_somewhere(page: str) -> None:
    """Broken ones are named."""
    assert [link for link in links(page) if broken(page, link)] == []


def test_a_broken_link_is_found() -> None:
    """No file, no heading, or outside of the project."""
    assert broken("README.md", "docs/nothing.md")
    assert broken("README.md", "docs/digest.md#nothing")
    assert broken("README.md", "../elsewhere")
    assert not broken("docs/serve.md", "digest.md#the-archive")


def test_each_page_is_reached_from_the_readme() -> None:
    """No page is lost: whoever reads the README and follows its links comes to each."""
    seen, waiting = set[str](), ["README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        near = [link.partition("#")[0] for link in links(page) if not re.match(r"[a-z]+:", link)]
        paths = [((ROOT / page).parent / link).resolve() for link in near if link.endswith(".md")]
        waiting += sorted({path.relative_to(ROOT).as_posix() for path in paths if path.exists()} - seen - set(waiting))
    assert sorted(set(PAGES) - seen) == []


def test_each_picture_is_shown() -> None:
    """No picture lies in docs/ that no page shows or links to."""
    shown = {link.rpartition("/")[2] for page in PAGES for link in links(page)}
    assert [
        path.name
        for path in sorted((ROOT / "docs").iterdir())
        if path.suffix in (".png", ".svg") and path.name not in shown
    ] == []
