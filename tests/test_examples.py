"""The examples of docs/examples/, each set up and used as its first lines say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema  # type: ignore[import-untyped]  # types-jsonschema is one package more for one test
import pytest
import yaml

from tests.cli.desk import BELL, FERRY, ROOT, Desk, at_a_desk
from tests.sink import smtp_sink
from tests.web.stage import Reply, Stage
from worker.cli.schema import schema

EXAMPLES = ROOT / "docs" / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/unbury.toml"))
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBkZXNr"  # protects nothing
CLUSTER = EXAMPLES / "cluster"
_CALM = (
    "The committee of {place} met for the {number}th time on Tuesday and took {number} decisions in all.",
    "A new lamp stands at the corner of {place} since Monday, said warden {place} Alder, and it is lit all night.",
    "Some {number}40 households near {place} get their water from another well until the end of the month.",
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A folder of one's own, and nothing of the machine's settings."""
    with at_a_desk(tmp_path, monkeypatch, capsys) as desk:
        yield desk


def _set_up(desk: Desk, name: str) -> None:
    shutil.copytree(EXAMPLES / name, desk.folder / "config", ignore=shutil.ignore_patterns("*.yml", "systemd"))


def _secret(desk: Desk, variable: str, value: str) -> None:
    """A secret in a file, as the example says."""
    file = desk.folder / variable.lower()
    file.write_text(f"{value}\n", encoding="utf-8")
    desk.monkeypatch.setenv(variable, str(file))


def _on_loopback(desk: Desk, stage: Stage, *texts: tuple[str, ...]) -> int:
    """Serve each feed of the list from here: one text each, by its place; gives how many there are."""
    file = desk.folder / "config" / "feeds.opml"
    listed = file.read_text(encoding="utf-8")
    addresses = re.findall(r'xmlUrl="(.*?)"', listed)
    for number, address in enumerate(addresses, 1):
        host = urlsplit(address).hostname or ""
        words = texts[number - 1] if number <= len(texts) else _calm(host, number)
        listed = listed.replace(address, stage.says(f"/{number}", Reply(200, _feed(host, words))))
    file.write_text(listed, encoding="utf-8")
    desk.monkeypatch.setenv("UNBURY_WEB__ALLOW", "127.0.0.0/8")
    desk.monkeypatch.setenv("UNBURY_WEB__DELAY", "0")
    return len(addresses)


def _calm(host: str, number: int) -> tuple[str, ...]:
    return tuple(line.format(place=host.partition(".")[0].title(), number=number) for line in _CALM)


def _feed(host: str, paragraphs: tuple[str, ...]) -> bytes:
    text = "".join(f"&lt;p&gt;{paragraph}&lt;/p&gt;" for paragraph in (*paragraphs, "x " * 200))
    item = f"<item><title>{paragraphs[0][:40]}</title><link>https://{host}/story</link><description>{text}</description></item>"
    return (
        f'<rss version="2.0"><channel><title>{host}</title><link>https://{host}/</link>{item}</channel></rss>'.encode()
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_finds_nothing_to_underline(name: str) -> None:
    """The configuration is valid by the schema, and names it."""
    text = (EXAMPLES / name / "unbury.toml").read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("#:schema ")
    assert (EXAMPLES / name / named).resolve() == ROOT / "config" / "unbury.schema.json"
    found = jsonschema.Draft202012Validator(schema()).iter_errors(tomllib.loads(text))
    assert [one.message for one in found] == []


def test_the_page_names_each_example() -> None:
    """And what is in it."""
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| \[(.*?)/\]", page, re.MULTILINE))
    assert named == {*NAMES, "onemachine"} == {path.name for path in EXAMPLES.iterdir() if path.is_dir()}


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the line stays on this machine
def test_one_person_with_ten_feeds_gets_a_mail(desk: Desk) -> None:
    """Ten feeds are asked, and one mail goes out, through a server that wants the password of the file."""
    _set_up(desk, "ten-feeds")
    with Stage() as stage, smtp_sink(login=("you@example.org", "the password")) as sink:
        assert _on_loopback(desk, stage, BELL, FERRY) == 10
        for key, value in {"HOST": "127.0.0.1", "PORT": str(sink.port), "SECURITY": "none"}.items():
            desk.monkeypatch.setenv(f"UNBURY_SMTP__{key}", value)
        _secret(desk, "UNBURY_SMTP__PASSWORD_FILE", "the password")
        assert desk.call("config", "check").out == "config/unbury.toml: ok\n"
        answer = desk.call("run", "--json")
    assert (answer.code, answer.json["ingested"]["new"]) == (0, 10), answer.err
    [mail] = sink.messages
    assert mail.recipients == ("you@example.org",)
    assert b"My morning" in mail.content
    assert BELL[0].encode()[:40] in mail.content.replace(b"=\r\n", b"").replace(b"\r\n", b" ")
    assert (desk.folder / "out" / "index.html").is_file()


def test_a_newsroom_gets_its_sections_by_webhook(desk: Desk) -> None:
    """Feeds and releases under the sections of the rules, muted ones left out, posted signed to the desk's system."""
    _set_up(desk, "newsroom")
    (desk.folder / "releases").mkdir()
    release = (
        "# A sponsored post about lamps\n\n"
        + "\n\n".join(_calm("lamps.example", 7))
        + "\n\nThis is a sponsored post.\n"
    )
    (desk.folder / "releases" / "lamps.md").write_text(release, encoding="utf-8")
    verdict = (
        "The court of Ledder found the miller guilty on Monday, and the verdict was read for an hour.",
        *_calm("ledder", 3),
    )
    with Stage() as stage:
        assert _on_loopback(desk, stage, BELL, verdict) == 2
        _secret(desk, "UNBURY_WEBHOOKS__CMS__URL_FILE", stage.says("/cms", Reply(204)))
        _secret(desk, "UNBURY_WEBHOOKS__CMS__SECRET_FILE", SECRET)
        assert desk.call("config", "check").out == "config/unbury.toml: ok\n"
        answer = desk.call("run")
        [posted] = [one for one in stage.asked if one.path == "/cms"]
    assert answer.code == 0, answer.err
    edition = json.loads(posted.body)
    sections = {one["name"]: [story["headline"] for story in one["stories"]] for one in edition["sections"]}
    assert {name: len(stories) for name, stories in sections.items()} == {"County": 1, "Courts": 1}
    assert posted.headers["webhook-signature"].startswith("v1,")
    assert [path.name for path in (desk.folder / "releases" / "done").iterdir()] == ["lamps.md"]
    assert "no adverts" in desk.call("why", f"file://{desk.folder}/releases/lamps.md").out + json.dumps(
        edition["account"]
    )


def test_a_folder_becomes_a_file_each_day(desk: Desk) -> None:
    """Documents of several kinds are told in one Markdown file, and put aside; what is no document is put elsewhere."""
    _set_up(desk, "folder")
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    (inbox / "minutes.md").write_text("# The bell is found\n\n" + "\n\n".join(BELL) + "\n", encoding="utf-8")
    (inbox / "report.html").write_text(
        "<html><head><title>Ferry halted</title></head><body><article>"
        + "".join(f"<p>{line}</p>" for line in FERRY)
        + "</article></body></html>",
        encoding="utf-8",
    )
    (inbox / "broken.jsonl").write_text("{not JSON\n", encoding="utf-8")
    assert desk.call("config", "check").out == "config/unbury.toml: ok\n"
    assert desk.call("run").code == 5
    [digest] = (desk.folder / "out").glob("20*/digest.md")
    told = digest.read_text(encoding="utf-8")
    assert "The bell is found" in told
    assert "Ferry halted" in told
    assert {path.name for path in (inbox / "done").iterdir()} == {"minutes.md", "report.html"}
    assert "broken.jsonl" in {path.name for path in (inbox / "failed").iterdir()}


def test_a_cluster_s_configuration_is_right(desk: Desk) -> None:
    """With the addresses of PostgreSQL and Redis in files; neither is said."""
    pytest.importorskip("psycopg")
    _set_up(desk, "cluster")
    _secret(desk, "UNBURY_DATABASE_URL_FILE", "postgresql://unbury:hush@db.internal/unbury")
    _secret(desk, "UNBURY_BROKER_URL_FILE", "redis://:hush@redis.internal:6379/0")
    assert desk.call("config", "check").out == "config/unbury.toml: ok\n"
    shown = desk.call("config", "show").out
    assert "db.internal" in shown
    assert "redis.internal" in shown
    assert "hush" not in shown


class _Compose(yaml.SafeLoader):
    """YAML with Compose's own tags, by which a later file takes the place of an earlier one."""


def _in_place(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    return {"!": loader.construct_mapping(node, deep=True)}


_Compose.add_constructor("!override", _in_place)
_Compose.add_constructor("!reset", lambda _, node: {"!": None if isinstance(node, yaml.ScalarNode) else {}})


def _merged(first: Any, second: Any) -> Any:
    """Two files as Compose puts one over the other."""
    if isinstance(second, dict) and "!" in second:
        return second["!"]
    if isinstance(first, dict) and isinstance(second, dict):
        return first | {key: _merged(first.get(key), value) for key, value in second.items()}
    return second


def _overridden(example: str, folder: Path) -> dict[str, Any]:
    """docker-compose.yml with an example's override, found valid."""
    both = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    override = yaml.load((EXAMPLES / example / "compose.override.yml").read_text(encoding="utf-8"), _Compose)  # noqa: S506  # it is a SafeLoader
    merged: dict[str, Any] = _merged(both, override)
    file = folder / "compose.json"
    file.write_text(json.dumps(merged), encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return merged


def test_one_machine_s_passwords_stand_in_files_alone(tmp_path: Path) -> None:
    """Each service that needs a password has its file, no variable holds one, and the file says how each is made."""
    merged = _overridden("onemachine", tmp_path)
    said = (EXAMPLES / "onemachine" / "compose.override.yml").read_text(encoding="utf-8")
    assert all(f"> secrets/{name}\n" in said for name in merged["secrets"])
    for name, service in merged["services"].items():
        environment = service.get("environment", {})
        if "UNBURY_DATABASE_URL" in environment:
            assert (environment["UNBURY_DATABASE_URL"], environment["UNBURY_BROKER_URL"]) == ("", ""), name
            assert service["secrets"] == ["database_url", "broker_url", "smtp"], name
    assert not merged["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert "--requirepass" in merged["services"]["redis"]["command"][-1]


def test_the_cluster_s_services_need_neither_of_the_first_machine_s(tmp_path: Path) -> None:
    """docker-compose.yml with the override is valid, and each service has the secrets and waits for no own server."""
    merged = _overridden("cluster", tmp_path)
    for name in ("migrate", "fetcher", "worker", "ticker", "beat"):
        service = merged["services"][name]
        assert not {"postgres", "redis"} & service["depends_on"].keys()
        assert set(service["secrets"]) == merged["secrets"].keys()
        assert service["environment"]["UNBURY_DATABASE_URL"] == ""
        assert service["environment"]["UNBURY_LOG__FORMAT"] == "json"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze on this machine")
def test_the_cluster_s_units_verify(tmp_path: Path) -> None:
    """Each directive is one, with a value that can be."""
    for unit in (CLUSTER / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/srv/unbury/.venv/bin/", "/usr/bin/env ")
        place = tmp_path / unit.name.replace("@.", "@worker.")
        place.write_text(
            re.sub(r"^(EnvironmentFile|LoadCredential)=.*\n", "", text, flags=re.MULTILINE), encoding="utf-8"
        )
        done = subprocess.run(["systemd-analyze", "verify", str(place)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), unit.name


def test_the_cluster_s_parts_are_those_of_the_compose_file() -> None:
    """The queues that the units' comments name are all that there are."""
    said = (CLUSTER / "systemd" / "unbury@.service").read_text(encoding="utf-8")
    queues = {queue for names in re.findall(r"-Q (\S+)", said) for queue in names.split(",")}
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert queues == {q for names in re.findall(r'-Q, "?([a-z,]+?)"?,? ', compose) for q in names.split(",")}
