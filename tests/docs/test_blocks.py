"""Every block of code that is no command is what it says it is: configurations load, programs run, units verify."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.shown import PAGES, ROOT, Block, blocks, in_language
from worker.configuration.loading import load
from worker.errors import ConfigError
from worker.runtime import Runtime
from worker.status.checks import check

#: What a block can be. Drawings and other people's configurations, which nothing here can read, have no check.
LANGUAGES = {"sh", "toml", "python", "json", "ini", "dotenv", "mermaid", "caddy", "nginx", "csv", "text"}
#: Its programs are run by test_plugins.py, as a reader would.
_PLUGINS = "docs/plugins.md"
#: What a page's configuration takes for granted.
_AROUND: Mapping[str, str] = {"UNBURY_SMTP__HOST": "smtp.example.org", "UNBURY_SMTP__PASSWORD": "secret"}


@pytest.mark.parametrize("page", PAGES)
def test_each_block_says_what_it_is(page: str) -> None:
    """A block in no language, or in one that nobody checks, is named."""
    assert [f"{block}: {block.language!r}" for block in blocks(page) if block.language not in LANGUAGES] == []


@pytest.mark.parametrize("block", [block for block in in_language("toml") if block.page != _PLUGINS], ids=str)
def test_a_configuration_loads(block: Block, tmp_path: Path) -> None:
    """Each key is known, each value possible, and every plug-in and webhook that is named is there."""
    file = tmp_path / "unbury.toml"
    file.write_text(block.text, encoding="utf-8")
    check(Runtime(load(file, dict(_AROUND)).settings))


def test_a_wrong_configuration_is_found(tmp_path: Path) -> None:
    """The check is no decoration."""
    file = tmp_path / "unbury.toml"
    file.write_text("[digests.daily]\nstoriess = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="storiess"):
        load(file, {})


@pytest.mark.parametrize("page", sorted({block.page for block in in_language("python")} - {_PLUGINS}))
def test_the_programs_of_a_page_run(page: str) -> None:
    """One after the other, as one program; what they assert holds."""
    program = "\n".join(block.text for block in blocks(page) if block.language == "python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", in_language("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    """One value, or one a line."""
    try:
        json.loads(block.text)
    except ValueError:
        assert [json.loads(line) for line in block.text.splitlines()]


@pytest.mark.parametrize("block", in_language("dotenv"), ids=str)
def test_an_environment_is_one_that_is_handed_on(block: Block) -> None:
    """docker-compose.yml hands on each variable that is named."""
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    names = [line.partition("=")[0] for line in block.text.splitlines()]
    assert [name for name in names if f"${{{name}" not in compose] == []
