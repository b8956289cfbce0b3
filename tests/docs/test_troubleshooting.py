"""The sentences by which docs/troubleshooting.md knows a failure are those that the code prints."""

from __future__ import annotations

import ast
from functools import cache

import pytest
from markdown_it import MarkdownIt

from tests.docs.shown import ROOT

_PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
_SENTENCES = [
    token.children[0].content
    for token in MarkdownIt("commonmark").parse(_PAGE)
    if token.type == "inline"
    and token.level == 1
    and token.children
    and token.children[0].type == "code_inline"
    and len(token.children) == 1
]


def test_there_are_ten_or_more() -> None:
    """The likeliest failures are there."""
    assert len(_SENTENCES) >= 10


@pytest.mark.parametrize("sentence", _SENTENCES)
def test_each_sentence_is_printed(sentence: str) -> None:
    """As it stands there, with "…" for what is filled in."""
    assert any(sentence in text for text in _said()), sentence


def test_a_sentence_that_nobody_says_is_found() -> None:
    """The search is no decoration."""
    assert not any("there is no … so wrong" in text for text in _said())


@cache
def _said() -> frozenset[str]:
    """All texts of the package but docstrings, with "…" for what is filled in; and what make prints."""
    found = {(ROOT / "Makefile").read_text(encoding="utf-8").replace("$(PYTHON)", "…")}
    for path in (ROOT / "worker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Expr):
                found |= {_text(child) for child in ast.iter_child_nodes(node)}
    return frozenset(found - {""})


def _text(node: ast.AST) -> str:
    """A text as it stands in the code, however many pieces it has there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
