"""What the README and the docs show: their pages, and the blocks of code in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("seeds/*.md"))
)


@dataclass(frozen=True)
class Block:
    """A block of code: its page, the line of the page on which it begins, its language, its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in their order."""
    tokens = MarkdownIt("commonmark").parse((ROOT / page).read_text(encoding="utf-8"))
    return [
        Block(
            page,
            (token.map or [0])[0] + 2,
            token.info.partition(" ")[0] if token.type == "fence" else "text",
            token.content,
        )
        for token in tokens
        if token.type in ("fence", "code_block")
    ]


def in_language(*languages: str) -> list[Block]:
    """The blocks of all pages that are written in one of these languages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def commands(block: Block) -> Iterator[str]:
    """The commands of a shell's block: a line each, or several that end in a backslash or stand in a here-document."""
    lines = iter(block.text.splitlines())
    for line in lines:
        command, end = line, line.partition("<<")[2].strip(" '\"") if "<<" in line else ""
        while command.endswith("\\") or (end and command.splitlines()[-1] != end):
            command += "\n" + next(lines)
        if command.strip() and not command.lstrip().startswith("#"):
            yield command
