"""HTML to paragraphs of plain text: nothing that a browser would act on is left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from worker.text.clean import cleaned

# Whatever is not here flows on in its paragraph.
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul".split()
)
_SILENT = frozenset(
    "audio base button canvas frame frameset head iframe input link map math meta noembed noframes"
    " noscript option rp rt script select style svg template textarea title video xml".split()
)
_TAGGED = re.compile(
    r"</?(?:a|article|b|blockquote|br|div|em|font|h[1-6]|i|img|li|ol|p|script|span|strong|style|table|td|tr|u|ul)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_BREAK = "\x1e"  # no text has it: `cleaned` takes it out
_MOST = 20_000  # paragraphs; a long novel has as many
_LARGEST = 3_000_000  # characters, a long novel; 10 million of markup took 371 MB


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a piece of HTML or of a page, in order, blanks and line breaks made single blanks.

    Where all markup was escaped once too often, it is taken for markup; where some was, it is meant to be read.
    """
    found = _of(text)
    if not _TAGGED.search(text):
        joined = "\n\n".join(found)
        return _of(joined) if _TAGGED.search(joined) else found
    return found


def lines(text: str) -> list[str]:
    """The paragraphs of plain text: blank lines stand between them, or where there are none, line breaks."""
    whole = cleaned(text)
    if _TAGGED.search(whole):
        return paragraphs(whole)
    parts = _BLANK_LINE.split(whole)
    if len(parts) == 1:
        parts = whole.split("\n")
    return _tidy(parts)


def line(text: str) -> str:
    """A piece of HTML as one line, for titles and names."""
    return " ".join(paragraphs(text))


def tree(text: str) -> etree._Element | None:
    """The page's tree, of limited depth, and read without the network; None where there is nothing."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(cleaned(text).encode(), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _of(whole: str) -> list[str]:
    text = whole[:_LARGEST]
    if "<" not in text and "&" not in text:
        return _tidy(_BLANK_LINE.split(cleaned(text)))
    root = tree(text)
    return [] if root is None else _tidy("".join(_pieces(root)).split(_BREAK))


def _pieces(root: etree._Element) -> Iterator[str]:
    """The text in document order, with a break wherever a block begins or ends."""
    silent = 0
    breaks = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else "script"
        if event == "start":
            silent += name in _SILENT
            breaks = breaks + 1 if name == "br" else 0
            if not silent:
                yield _BREAK if name in _BLOCKS or breaks > 1 else "\n" if name == "br" else ""
                yield element.text or ""
            continue
        silent -= name in _SILENT
        if not silent:
            yield _BREAK if name in _BLOCKS else ""
            yield element.tail or ""
        breaks = 0 if (element.tail or "").strip() or name != "br" else breaks


def _tidy(parts: list[str]) -> list[str]:
    joined = (" ".join(cleaned(part).split()) for part in parts)
    return [part for part in joined if part][:_MOST]
