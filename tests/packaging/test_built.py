"""What is built is what is meant: the wheel has the package and its data and nothing else, and works where it is installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.docs.shown import ROOT
from tests.servers import missing

_BUILD = "import sys; from hatchling import build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
#: What is data and not code, and must be there wherever Unbury is installed.
_DATA = (
    "worker/py.typed",
    "worker/exporters/digest.schema.json",
    "worker/exporters/languages/en.toml",
    "worker/exporters/templates/mail.html.j2",
    "worker/ordering/lede.json",
    "worker/serve/templates/style.css",
    "worker/store/migrations/script.py.mako",
    "worker/store/migrations/versions/0001_the_first_tables.py",
    "worker/stories/weights.json",
    "worker/summaries/worth.json",
)


@dataclass(frozen=True)
class Built:
    """A wheel and a source distribution."""

    wheel: Path
    source: Path

    def names(self) -> list[str]:
        """The wheel's files."""
        with zipfile.ZipFile(self.wheel) as opened:
            return sorted(opened.namelist())

    def metadata(self) -> Message:
        """What the wheel says of itself."""
        (name,) = (name for name in self.names() if name.endswith(".dist-info/METADATA"))
        with zipfile.ZipFile(self.wheel) as opened:
            return message_from_bytes(opened.read(name))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package as it is now, built without a network."""
    if importlib.util.find_spec("hatchling") is None:
        missing("hatchling", "pip install hatchling")
    folder = tmp_path_factory.mktemp("dist")
    wheel, source = (_build(ROOT, kind, folder) for kind in ("build_wheel", "build_sdist"))
    return Built(wheel, source)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, and what it depends on beside it; gives the folder of its programs."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "--python", str(python), "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(built.wheel)], env=_plain(), check=True)
    return home / "bin"


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    """Each file below worker/, no test, no configuration of somebody's."""
    inside = [name for name in built.names() if ".dist-info/" not in name]
    tree = [path for path in (ROOT / "worker").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert inside == sorted(path.relative_to(ROOT).as_posix() for path in tree)
    assert set(_DATA) <= set(inside)


def test_the_wheel_says_what_it_is(built: Built) -> None:
    """Its version is the changelog's, its licence lies in it, its command and extras are declared."""
    about = built.metadata()
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if "## " in line)
    assert newest.split()[1].rstrip(",") == about["Version"]
    assert (about["License-Expression"], about["Requires-Python"]) == ("Apache-2.0", ">=3.11")
    assert sorted(about.get_all("Provides-Extra") or ()) == ["flower", "postgres", "serve"]
    assert any(name.endswith("licenses/LICENSE") for name in built.names())


def test_the_version_stands_in_one_place(built: Built) -> None:
    """No module repeats it."""
    version = str(built.metadata()["Version"])
    assert [
        path for path in (ROOT / "worker").rglob("*.py") if f'"{version}"' in path.read_text(encoding="utf-8")
    ] == []


def test_the_source_makes_the_same_wheel(built: Built, tmp_path: Path) -> None:
    """And has the tests and all that they need."""
    with tarfile.open(built.source) as opened:
        opened.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.2 knows none, 3.13 asks for one
        opened.extractall(tmp_path)  # noqa: S202  # our own, just made
    (root,) = tmp_path.iterdir()
    again = Built(_build(root, "build_wheel", tmp_path), built.source)
    assert again.names() == built.names()
    for name in ("tests/conftest.py", "config/unbury.toml", "seeds/README.md", "docker-compose.yml", "Makefile"):
        assert (root / name).is_file()
    assert not list(root.rglob("*.pyc"))


def test_the_installed_command_finds_its_defaults(installed: Path, tmp_path: Path) -> None:
    """In an empty folder it begins a configuration, and tells what is in its seeds; nothing of the clone is used."""
    assert _call(installed, tmp_path, "--help").startswith("Usage: unbury")
    where = _run([str(installed / "python"), "-c", "import worker; print(worker.__file__)"], tmp_path)
    assert str(ROOT) not in where
    (tmp_path / "seeds").mkdir()
    for path in sorted((ROOT / "seeds" / "sample").iterdir())[:3]:
        (tmp_path / "seeds" / path.name).write_bytes(path.read_bytes())
    told = _call(installed, tmp_path, "run")
    assert "Every sentence is quoted word for word" in told
    assert {path.name for path in (tmp_path / "out" / "latest").iterdir()} >= {"digest.html", "digest.epub"}


def test_types_are_shipped(installed: Path, tmp_path: Path) -> None:
    """Whoever imports the installed package gets its types checked."""
    if importlib.util.find_spec("mypy") is None:
        missing("mypy", "pip install mypy")
    (tmp_path / "mine.py").write_text(
        "from worker.model import Span\nplace: str = Span('d', 0, 0, 1).paragraph\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "mypy", "--python-executable", str(installed / "python"), "--cache-dir", "cache"]
    done = subprocess.run(
        [*command, "mine.py"], cwd=tmp_path, env=_plain(), capture_output=True, text=True, check=False
    )
    assert 'Incompatible types in assignment (expression has type "int", variable has type "str")' in done.stdout


def test_without_the_extra_postgres_its_driver_is_missed_in_words() -> None:
    """No traceback: what is not installed is named."""
    program = "import sys; sys.modules['psycopg'] = None; from worker.cli.main import main; main(['status'])"
    environment = _plain() | {"PYTHONPATH": str(ROOT), "UNBURY_DATABASE_URL": "postgresql://nobody@127.0.0.1/x"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "psycopg" in done.stderr
    assert "Traceback" not in done.stderr


def _build(root: Path, kind: str, folder: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, kind, str(folder)],
        cwd=root,
        env=_plain(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


def _call(programs: Path, folder: Path, *arguments: str) -> str:
    return _run([str(programs / "unbury"), *arguments], folder)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=_plain(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _plain() -> dict[str, str]:
    """The environment without what leads to the clone or to somebody's settings, but for where hatchling may be."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("UNBURY_", "PIP_"))}
