"""The plug-ins that docs/plugins.md shows make a digest, by their paths and by a package's entry points."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs.shown import ROOT, blocks

_PAGE = "docs/plugins.md"
_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
_RUN = ("-c", "from worker.cli.main import main; main(['run'])")
_BEST = "Mayor Orla Finch has promised 250 crowns for a new rope of 9 metres."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the page's module, its configuration, and something to take in."""
    (tmp_path / "my_unbury.py").write_text(_module(), encoding="utf-8")
    (tmp_path / "shelf.csv").write_text(_shown("csv"), encoding="utf-8")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "unbury.toml").write_text(_shown("toml"), encoding="utf-8")
    return tmp_path


def test_each_is_about_twenty_lines() -> None:
    """As short as it is promised."""
    sources = [block for block in blocks(_PAGE) if block.text.startswith("# my_unbury.py")]
    lines = [len([line for line in block.text.splitlines() if line.strip()]) for block in sources]
    assert len(lines) == 4
    assert max(lines) <= 22


def test_they_make_a_digest_by_their_paths(folder: Path) -> None:
    """The source is read, the ranker's favourite is quoted first, the form is written, the channel gets it."""
    _call(folder, *_RUN)
    (written,) = folder.glob("out/20*/digest.tsv")
    assert written.read_text(encoding="utf-8") == "Bell found in a drawer\thttps://lantern.example/bell\n"
    assert _BEST in (written.parent / "digest.html").read_text(encoding="utf-8")
    spooled = " ".join((folder / "spool.txt").read_text(encoding="utf-8").split())
    assert _BEST in spooled
    assert spooled.endswith("* * *")


def test_the_ranker_decides_what_is_told(folder: Path) -> None:
    """With room for one sentence only, it is the one that the ranker prefers."""
    config = folder / "config" / "unbury.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("daily]", "daily]\nsentences = 1"), encoding="utf-8")
    told = " ".join(_call(folder, *_RUN).split())
    assert _BEST in told
    assert "wooden spoons" not in told


def test_a_source_that_fails_says_so(folder: Path) -> None:
    """Its problem is a sentence of the run's, and not a traceback."""
    (folder / "shelf.csv").unlink()
    done = _start(folder, *_RUN)
    assert (done.returncode, "failed: shelf.csv: No such file or directory" in done.stderr) == (5, True), done.stderr


def test_they_have_names_in_a_package(folder: Path) -> None:
    """What an installer would write of the page's package into an environment makes their names known."""
    package = tomllib.loads(_shown("toml", 1))["project"]
    metadata = folder / f"{package['name'].replace('-', '_')}-{package['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package['name']}\nVersion: {package['version']}\n", encoding="utf-8"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in names.items())
        for group, names in package["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(points), encoding="utf-8")
    config = folder / "config" / "unbury.toml"
    text = config.read_text(encoding="utf-8")
    for path, name in (("Shelf", "shelf"), ("Figures", "figures"), ("Headlines", "headlines"), ("Spool", "spool")):
        text = text.replace(f"my_unbury:{path}", name)
    config.write_text(text, encoding="utf-8")
    assert "my_unbury" not in text
    _call(folder, *_RUN)
    assert list(folder.glob("out/20*/digest.tsv"))
    assert (folder / "spool.txt").exists()


def test_the_test_that_is_shown_passes(folder: Path) -> None:
    """With the command that is installed, and fails when the form is broken."""
    [test] = [block.text for block in blocks(_PAGE) if block.text.startswith("# test_my_unbury.py\n")]
    (folder / "test_my_unbury.py").write_text(test, encoding="utf-8")
    tested = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_unbury.py")
    assert "1 passed" in _call(folder, *tested)
    module = folder / "my_unbury.py"
    module.write_text(_module().replace('"tsv"', '"csv"'), encoding="utf-8")
    assert _start(folder, *tested).returncode == 1


def _module() -> str:
    """What the page shows of the module, one after the other."""
    return "\n".join(block.text for block in blocks(_PAGE) if block.text.startswith("# my_unbury.py\n"))


def _shown(language: str, number: int = 0) -> str:
    """The page's first block in a language, or another one."""
    return [block for block in blocks(_PAGE) if block.language == language][number].text


def _call(folder: Path, *arguments: str) -> str:
    done = _start(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("UNBURY_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=plain | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "PATH": _PATH},
        capture_output=True,
        text=True,
        check=False,
    )
