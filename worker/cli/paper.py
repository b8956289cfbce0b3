"""An edition's text as a terminal shows it, and other words within its width."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap

#: An outlet and its page's address, as the form `text` writes them.
_SOURCE = re.compile(r"^(\s*(?:-- )?)(\S.*?) <(https?://[^>\s]+)>", re.MULTILINE)
_LINK = "\x1b]8;;"
_END = "\x1b\\"


def on_paper() -> bool:
    """Whether somebody looks at a terminal that understands more than letters."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def linked(text: str) -> str:
    """An edition's text; on a terminal an outlet's name leads to its page, whose address is not spelt out."""
    if not on_paper():
        return text
    return _SOURCE.sub(rf"\1{_LINK}\3{re.escape(_END)}\2{_LINK}{re.escape(_END)}", text)


def fitted(words: str) -> str:
    """Lines; on a terminal broken between words where they are longer than it is wide."""
    if not sys.stdout.isatty():
        return words
    return "\n".join(_broken(line, shutil.get_terminal_size().columns) for line in words.split("\n"))


def _broken(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    later = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, columns, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)
