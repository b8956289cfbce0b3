"""A desk: a folder with a configuration and seeds, and the unbury command called in it."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from worker.cli.main import main

ROOT = Path(__file__).parents[2]
#: What starts the command in a process of its own, as the console script does.
COMMAND = (sys.executable, "-c", "from worker.cli.main import main; main()")
CONFIG = """
[sources.seeds]
path = "seeds/**/*.txt"
[digests.daily]
zone = "UTC"
"""
BELL = (
    "A bronze bell missing for ninety years has turned up in a drawer of the Eastquay museum.",
    "Curator Ida Brandt found it on Monday while she was looking for a box of wooden spoons.",
    "The bell weighs eleven kilograms and still carries the name of the schooner it belonged to.",
)
FERRY = (
    "The ferry to Holm Sarra was taken out of service after a gearbox failed on the first crossing.",
    "Engineers expect that the repair of the ship will take four days, said director Maren Oldacre.",
    "Some 410 tickets that were sold for this week are going to be refunded by the company.",
)
DAY = "2022-02-08"


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stands on stdout, as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What stands on stdout, as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Desk:
    """Calls the command in a folder of its own."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def configure(self, config: str = CONFIG) -> Path:
        """The path of the configuration file, which now says this."""
        path = self.folder / "config" / "unbury.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(config, encoding="utf-8")
        return path

    def seed(self, name: str, *paragraphs: str, title: str = "", day: str = "20220208", url: str | None = None) -> Path:
        """The path of a seed file; its address is made from its name if none is given, and "" means none."""
        address = f"https://lantern.example/{name}" if url is None else url
        path = self.folder / "seeds" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        heading = [title or name.title(), day, *filter(None, [address])]
        path.write_text("\n".join([*heading, *paragraphs]) + "\n", encoding="utf-8")
        return path

    def call(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """The command, called in this process."""
        self.capsys.readouterr()
        self.monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = self.capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    def start(
        self, *arguments: str, environ: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """The command, started in a process of its own."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=environment(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )

    def spawn(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Answer:
        """The command, run in a process of its own."""
        with self.start(*arguments, environ=environ) as process:
            out, err = process.communicate(timeout=60)
        return Answer(process.returncode, out, err)

    def written(self) -> dict[str, bytes]:
        """The editions' own forms below out/, by name; the archive around them is left out."""
        own = {name: content for name, content in self.archive().items() if Path(name).name.startswith("digest")}
        return {name: content for name, content in own.items() if Path(name).parent.name != "latest"}

    def archive(self) -> dict[str, bytes]:
        """All files below out/, by name."""
        out = self.folder / "out"
        return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@contextmanager
def at_a_desk(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A desk in a folder, in which the command is called; nothing of the machine's own settings."""
    for name in [name for name in os.environ if name.startswith("UNBURY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield Desk(folder, monkeypatch, capsys)
    # The command sends all logs to a stderr that is gone after the test.
    root.handlers[:], root.level = handlers, level


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment without our settings, so that the tree under test is imported."""
    path = os.pathsep.join(filter(None, [str(ROOT), more.get("PYTHONPATH")]))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("UNBURY_")}
    return plain | dict(more) | {"PYTHONPATH": path}
