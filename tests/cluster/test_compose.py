"""docker-compose.yml, without Docker: valid, careful, and each service's command run here against real servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.postgres import PostgresServer
from tests.servers import redis_server

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
_TMP = "/tmp/"  # noqa: S108  # the container's own
RUNNING = ["fetcher", "worker", "ticker", "beat"]


def test_the_schema_knows_every_key() -> None:
    """What Docker would refuse is refused here."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_is_needed_but_the_file() -> None:
    """No name, no env_file, and each variable has a default, so it works with no edits."""
    assert "name" not in COMPOSE
    assert not [name for name, service in SERVICES.items() if "env_file" in service]
    assert not re.findall(r"(?<!\$)\$\{[A-Z_]+\}", FILE.read_text())


@pytest.mark.parametrize("name", OURS)
def test_our_services_have_no_power(name: str) -> None:
    """Read-only, no capability, no new privileges, a limit of memory, and, but for the one that prepares, no root."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"]
    root = service["user"].startswith("0")
    assert root == (name == "prepare") == ("cap_add" in service)


@pytest.mark.parametrize("name", list(SERVICES))
def test_nothing_is_published(name: str) -> None:
    """Whatever listens, listens to this machine only."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_the_images_bases_are_slim_and_theirs_alone() -> None:
    """No foreign frontend, no foreign image to copy from, no compiler to install."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"python:3.12-slim"}
    assert set(re.findall(r"--from=(\S+)", dockerfile)) == {"build"}
    assert "# syntax" not in dockerfile
    assert "--require-hashes" in dockerfile


def test_every_service_does_its_part(tmp_path: Path, postgres: PostgresServer) -> None:
    """Commands, environment and health checks as they stand, in the file's order, until an edition is there."""
    for folder in ("config", "seeds"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "out").mkdir()  # Docker makes it, where the clone has none
    with ExitStack() as stack:
        broker = stack.enter_context(redis_server(*_options("redis")))
        replaced = {"postgresql://unbury:unbury@postgres/unbury": postgres.empty(), "redis://redis:6379/0": broker}
        for name in ("prepare", "migrate"):
            done = subprocess.run(
                _command(name, tmp_path), cwd=tmp_path, env=_environment(name, replaced, tmp_path), check=False
            )
            assert done.returncode == 0, name
        started = {}
        for name in RUNNING:
            with (tmp_path / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(
                    _command(name, tmp_path),
                    cwd=tmp_path,
                    env=_environment(name, replaced, tmp_path),
                    stdout=log,
                    stderr=log,
                )
            stack.callback(started[name].kill)
        _until(lambda: sorted(path.name for path in (tmp_path / "out").rglob("digest.*")), 4, tmp_path)
        for name in RUNNING:
            _until(lambda name=name: [0] * _healthy(name, replaced, tmp_path), 1, tmp_path)
        for process in started.values():
            process.terminate()
        assert {name: process.wait(40) for name, process in started.items()} == dict.fromkeys(RUNNING, 0)
    assert "26 documents read" in next((tmp_path / "out").rglob("digest.txt")).read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away, as the container's prepare does")
def test_what_was_written_as_another_user_is_given_to_this_one(tmp_path: Path) -> None:
    """All of ./out and the lists in ./config; the rest of ./config and whose the folders are is theirs to say."""
    for file in ("config/unbury.toml", "config/feeds.opml", "out/morning/2026-11-25/digest.txt"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    paths = (tmp_path, *tmp_path.rglob("*"))
    for path in paths:
        os.chown(path, 1000, 1000)
    environment = {"PATH": os.environ["PATH"], "UNBURY_UID": "1001"}
    subprocess.run(_command("prepare", tmp_path), cwd=tmp_path, env=environment, check=True)
    ours = {str(path.relative_to(tmp_path)) for path in paths if path.stat().st_uid == 1001}
    assert ours == {"config/feeds.opml", "out/morning", "out/morning/2026-11-25", "out/morning/2026-11-25/digest.txt"}
    assert {(tmp_path / name).stat().st_mode & 0o7777 for name in ("config", "out")} == {0o1777}


def test_each_line_of_the_example_is_asleep_and_read() -> None:
    """Copied as it is, .env.example changes nothing; and each name in it stands in docker-compose.yml."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") for line in lines if line)
    names = [found[1] for line in lines if (found := re.match(r"#([A-Z_]+)=", line))]
    assert "TZ" in names
    unread = [name for name in names if f"${{{name}:" not in FILE.read_text(encoding="utf-8")]
    assert unread == ["COMPOSE_PROFILES"]  # Docker's own


def _options(name: str) -> list[str]:
    command: list[str] = SERVICES[name]["command"]
    return command[1:]


def _command(name: str, folder: Path) -> list[str]:
    """The command, with the programs of this Python and the image's places."""
    first, *rest = [
        str(word).replace("$$", "$").replace(_TMP, f"{folder}/{name}-") for word in SERVICES[name]["command"]
    ]
    program = {"celery": [sys.executable, "-m", "celery"], "unbury": [sys.executable, "-m", "tests.cluster.unbury"]}
    return [*program.get(first, [first]), *rest]


def _environment(name: str, replaced: dict[str, str], folder: Path) -> dict[str, str]:
    """The variables, with their defaults and the addresses of the test's servers."""
    told = {key: _default(str(value)) for key, value in SERVICES[name]["environment"].items()}
    told = {key: replaced.get(value, value) for key, value in told.items()}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("UNBURY_")}
    ours = {"PYTHONPATH": str(ROOT), "UNBURY_UID": str(os.getuid())} if name == "prepare" else {"PYTHONPATH": str(ROOT)}
    return kept | told | ours | ({"UNBURY_ALIVE": str(folder / f"{name}.alive")} if "UNBURY_ALIVE" in told else {})


def _default(value: str) -> str:
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


def _healthy(name: str, replaced: dict[str, str], folder: Path) -> bool:
    shell, test = SERVICES[name]["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    asked = ["sh", "-c", test.replace("$$", "$")]
    environment = _environment(name, replaced, folder)
    return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode == 0


def _until(asked: Any, number: int, folder: Path) -> None:
    end = time.monotonic() + 90
    while len(asked()) < number:
        logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in sorted(folder.glob("*.log")))
        assert time.monotonic() < end, logs
        time.sleep(0.3)
