"""The edition as Markdown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.builders import MANY
from tests.exporters.editions import edition, item, link
from worker.edition import Edition
from worker.exporters.markdown import Markdown
from worker.text.clean import cleaned

SAID = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\\`*_[]()<>#~|$=^-+!&;:.@1 "), min_size=1)
    .map(cleaned)
    .filter(lambda text: any(map(str.isalnum, text)))
)
TRAPS = [
    "# not a heading",
    "1. not a list",
    "23) not a list",
    "- not a list",
    "+ not a list",
    "--- x",
    "=== x",
    "![image](https://evil.example/x.png)",
    "[link](https://evil.example/)",
    "[[note]] ![[embed]] ^[footnote] ^block",
    "[ref]: https://evil.example/",
    "<script>alert(1)</script> <https://evil.example/> <!-- x",
    "&lt;b&gt; &#42;x&#42;",
    "*a* _b_ **c** `d` ~~e~~ ==f== $g$",
    "| a | b |",
    "> quoted > again",
    "[!danger] no callout",
    "trailing backslash \\",
    "\\*a\\*",
    "``` x",
    "~~~ x",
]


def markdown(edition: Edition) -> str:
    """What the form writes."""
    return Markdown().export(edition).parts[0].content


def parsed(edition: Edition) -> tuple[list[str], list[str]]:
    """The kinds of all pieces a Markdown parser finds, and each paragraph's and heading's text."""
    _, _, body = markdown(edition).removeprefix("---\n").partition("\n---\n")
    kinds, texts = [], []
    for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body):
        pieces = [piece for piece in block.children or [] if piece.type not in ("text", "text_special")]
        kinds += [block.type, *[piece.type for piece in pieces]]
        if block.type == "inline":
            texts.append("".join(piece.content for piece in block.children or []))
    return kinds, texts


@MANY
@given(headline=SAID, said=SAID)
@example(headline="a&lt;b", said="www.evil.example")
def test_any_text_stays_text(headline: str, said: str) -> None:
    """A parser finds the words as they were said, and no more links, headings or HTML than ours."""
    _check(headline, said)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_stays_text(trap: str) -> None:
    """Nor does anything that looks like Markdown."""
    _check(trap, trap)


def _check(headline: str, said: str) -> None:
    kinds, texts = parsed(edition(item(headline, [(said, 1)])))
    plain, _ = parsed(edition(item("Headline", [("Said", 1)])))
    assert kinds == plain
    words = [" ".join(text.split()) for text in texts]
    assert " ".join(said.split()) in words and " ".join(headline.split()) in words


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("See https://evil.example/ and mailto:a@b.example", r"See https\://evil.example/ and mailto\:a\@b.example"),
        ("www.evil.example", r"www\.evil.example"),
        ("#tag %%hidden%% ==bright== $x$", r"\#tag \%\%hidden\%\% \=\=bright\=\= \$x\$"),
        ("At 10:30 a.m. - 50% of U.S. voters (a half), he said: yes!", None),
    ],
)
def test_what_only_some_programs_take_for_marks(said: str, written: str | None) -> None:
    """Bare addresses, tags, comments and formulas are escaped; ordinary prose stays as it is."""
    assert f"\n> {written or said}\n" in markdown(edition(item(quoted=[(said, 1)])))


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://a.example/x_(y)", "https://a.example/x_%28y%29"),
        ("https://a.example/x y>z", "https://a.example/x%20y%3Ez"),
        ("https://a.example/?a=1&copy;=2&b=3", "https://a.example/?a=1&amp;copy;=2&b=3"),
    ],
)
def test_an_address_cannot_end_early(url: str, written: str) -> None:
    """Brackets, spaces and entities in an address stay part of it."""
    assert f"\n[a.example]({written})\n" in markdown(edition(item(links=[link(1, url, "a.example")])))


def test_other_sources_than_the_web_are_not_linked() -> None:
    """A file is named, not linked."""
    made = edition(item("A fire", links=[link(1, "javascript:alert(1)", "a_b.txt")]))
    assert "\n### A fire\n" in markdown(made) and "\na\\_b.txt\n" in markdown(made)
    assert "javascript" not in markdown(made)


def test_an_edition_reads_as_designed() -> None:
    """The whole note: front matter, headings, quotes and their sources."""
    story = item("A fire", [("It burnt.", 1), ("It is out.", 1), ("Nobody was hurt.", 2)])
    assert markdown(edition(story)) == (
        '---\ndate: 2026-11-23\ndigest: "morning"\nedition: 1\ndocuments: 26\nrepeats_removed: 31\nstories: 1\n---\n'
        "\n# Unbury — Monday 23 November 2026\n"
        "\n1 min read · 26 documents read · 31 repeated sentences removed · 1 story\n"
        "\n## Top stories\n"
        "\n### [A fire](https://paper1.example/a/1?b=1&c=2)\n"
        "\n*New* · 2 articles, 2 sources\n"
        "\n> It burnt.\n>\n> It is out.\n"
        "\n[paper1.example](https://paper1.example/a/1?b=1&c=2)\n"
        "\n> Nobody was hurt.\n"
        "\n[paper2.example](https://paper2.example/a/2?b=1&c=2)\n"
        "\n---\n"
        "\nEvery sentence is quoted word for word from the linked source.\n"
        "\nNothing was left out.\n"
    )


def test_an_edition_speaks_spanish() -> None:
    """The digest's own words; the front matter, which programs read, stays as it is."""
    story = item("A fire", [("It burnt.", 1)], [link(n) for n in range(1, 7)])
    assert markdown(replace(edition(story), language="es")) == (
        '---\ndate: 2026-11-23\ndigest: "morning"\nedition: 1\ndocuments: 26\nrepeats_removed: 31\nstories: 1\n---\n'
        "\n# Unbury — lunes, 23 de noviembre de 2026\n"
        "\n1 min de lectura · 26 documentos leídos · 31 frases repetidas eliminadas · 1 noticia\n"
        "\n## Noticias destacadas\n"
        "\n### [A fire](https://paper1.example/a/1?b=1&c=2)\n"
        "\n*Nueva* · 6 artículos, 6 fuentes\n"
        "\n> It burnt.\n"
        "\n[paper1.example](https://paper1.example/a/1?b=1&c=2)\n"
        "\nTambién en [paper2.example](https://paper2.example/a/2?b=1&c=2), "
        "[paper3.example](https://paper3.example/a/3?b=1&c=2), [paper4.example](https://paper4.example/a/4?b=1&c=2) y 2 más\n"
        "\n---\n"
        "\nCada frase es una cita literal de la fuente enlazada.\n"
        "\nNo se ha omitido nada.\n"
    )
