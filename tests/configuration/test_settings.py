"""Settings: defaults, then the file, then the environment; every mistake is said in words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import ROOT
from worker.configuration.loading import load
from worker.errors import ConfigError
from worker.settings import Settings

SECRET = "hunter2-is-a-secret"  # protects nothing
URL = f"postgresql://unbury:{SECRET}@db.example/unbury"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a configuration, and says where."""

    def write(text: str) -> Path:
        path = tmp_path / "unbury.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _said(file: Path, environ: Mapping[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as raised:
        load(file, environ or {})
    return raised.value


def _dump(settings: Settings) -> dict[str, Any]:
    table = settings.model_dump(mode="json")
    return table | {name: getattr(settings, name).get_secret_value() for name in ("database_url", "broker_url")}


def _keys(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _keys(value, f"{before}{key}.") if isinstance(value, Mapping) else {before + key: value}
    return found


def test_the_reference_is_the_defaults(written: Callable[[str], Path]) -> None:
    """Every key is in the reference, at its default, and no other."""
    reference = tomllib.loads((ROOT / "config" / "reference.toml").read_text(encoding="utf-8"))
    defaults = _keys(_dump(load(written(""), {}).settings))
    for shown in ("rules", "channels"):  # they are there as examples, and so all comment
        assert defaults.pop(f"digests.daily.{shown}") == []
    assert _keys(reference) == defaults


def test_the_reference_can_be_read(written: Callable[[str], Path]) -> None:
    """As a configuration it changes nothing."""
    assert _dump(load(ROOT / "config" / "reference.toml", {}).settings) == _dump(load(written(""), {}).settings)


def test_the_configuration_that_comes_along_loads() -> None:
    """It has the sources and digests that it shows."""
    loaded = load(ROOT / "config" / "unbury.toml", {})
    assert set(loaded.settings.sources) == {"seeds"}
    assert loaded.settings.digests["daily"].stories == 12


@pytest.mark.parametrize(
    ("text", "parts", "hint"),
    [
        ("[digests.d]\nstorys = 4", [":2", "'digests.d.storys'", "4"], "did you mean 'digests.d.stories'?"),
        ("[sources.s]\nlanguag = 'de'", [":2", "'sources.s.languag'", "'de'"], "did you mean 'sources.s.language'?"),
        ("[log]\n\nlvl = 'info'", [":3", "'log.lvl'", "'info'"], "did you mean 'log.level'?"),
        ("[reading.edmundson]\nbonuses = []", [":2", "'reading.edmundson.bonuses'"], "'reading.edmundson.bonus'"),
        ("digest = 1", [":1", "'digest'", "1"], "did you mean 'digests'?"),
        ("zzz = 1", [":1", "'zzz'", "1"], "`unbury config reference` shows every key"),
    ],
)
def test_an_unknown_key_is_said_with_the_nearest(
    written: Callable[[str], Path], text: str, parts: list[str], hint: str
) -> None:
    """The file and line, the key, its value, and what it was meant to be."""
    file = written(text)
    error = _said(file)
    assert [part for part in [f"{file}", *parts] if part not in error.message] == []
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[digests.d]\nstories = 0", ["'digests.d.stories' is 0", "greater than or equal to 1"]),
        ("[digests.d]\nstories = 'many'", ["'digests.d.stories' is 'many'", "valid integer"]),
        ("[digests.d]\nat = '25:00'", ["'digests.d.at.0' is '25:00'", 'like "06:30"']),
        ("[digests.d]\nzone = 'Mars/Phobos'", ["'digests.d.zone' is 'Mars/Phobos'", "Europe/Berlin"]),
        ("[digests.d]\nzone = '../../etc/passwd'", ["'digests.d.zone'", "Europe/Berlin"]),
        ("[digests.d]\nforms = 'html'", ["'digests.d.forms' is 'html'"]),
        ("[digests.d]\nforms = ['html', 5]", ["'digests.d.forms.1' is 5"]),
        ("[sources.s]\nevery = '5 parsecs'", ["'sources.s.every' is '5 parsecs'", '"30m"']),
        ("[sources.s]\nevery = 5", ["'sources.s.every' is 5", '"30m"']),
        ("[sources.s]\nevery = '99999999999d'", ["'sources.s.every' is '99999999999d'"]),
        ("[log]\nlevel = 'loud'", ["'log.level' is 'loud'", "'debug'"]),
        ("sources = 5", ["'sources' is 5"]),
        ("[sources.'Bad Name']\npath = 'x'", ["'sources.Bad Name"]),
    ],
)
def test_a_wrong_value_is_said(written: Callable[[str], Path], text: str, parts: list[str]) -> None:
    """The file, the key, the value, and what it should be."""
    file = written(text)
    message = _said(file).message
    assert [part for part in [str(file), *parts] if part not in message] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[digests.a]\nstories = 3\n[digests.b]\nstories = 0", 4),
        ("digests.b.stories = 0", 1),
        ("[digests]\na.stories = 3\nb.stories = 0", 3),
        ("[digests.'b']\n\n\"stories\" = 0", 3),
        ("[digests]\nb = { stories = 0 }", 2),
        ("[digests.b]\nforms = [\n  'html',\n  5,\n]", 2),
        ("[[digests.b.rules]]\nname = 'a'\nwords = ['x']\nmute = true\n[[digests.b.rules]]\nname = 5", 6),
    ],
)
def test_the_line_of_a_mistake_is_said(written: Callable[[str], Path], text: str, line: int) -> None:
    """Also where the same key stands elsewhere, and however it is written."""
    file = written(text)
    assert _said(file).message.startswith(f"{file}:{line}: ")


@pytest.mark.parametrize("content", [b"a =", b"[x\n", b"a = 1\na = 2", b"a = \xff"])
def test_a_file_that_is_no_toml_is_said(tmp_path: Path, content: bytes) -> None:
    """The file is named, whatever is wrong in it."""
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    assert str(file) in _said(file).message


def test_a_file_that_is_missing_is_said(tmp_path: Path) -> None:
    """Named by hand or by UNBURY_CONFIG."""
    missing = tmp_path / "missing.toml"
    assert f"{missing} cannot be read" in _said(missing).message
    with pytest.raises(ConfigError, match="cannot be read"):
        load(None, {"UNBURY_CONFIG": str(missing)})
    assert "cannot be read" in _said(tmp_path).message


@pytest.mark.parametrize(
    ("name", "value", "parts", "hint"),
    [
        ("UNBURY_DATABSE_URL", "x", [], "did you mean UNBURY_DATABASE_URL?"),
        ("UNBURY_LOGG__LEVEL", "x", [], "did you mean UNBURY_LOG"),
        ("UNBURY_LOG__LEVL", "info", ["'log.levl'", "'info'"], "did you mean 'log.level'?"),
        ("UNBURY_LOG__LEVEL", "loud", ["'log.level' is 'loud'"], ""),
        ("UNBURY_DIGESTS__DAILY__STORIES", "many", ["'digests.daily.stories' is 'many'"], ""),
        ("UNBURY_DIGESTS__DAILY__FORMS", '["html,text', ["html,text"], ""),
        ("UNBURY_READING__EDMUNDSON__BONUS", '["storm', ["storm"], ""),
        ("UNBURY_LOG", "loud", [], ""),
        ("UNBURY_OUT__FOLDER", "there", [], ""),
    ],
)
def test_a_mistake_in_the_environment_is_said(
    written: Callable[[str], Path], name: str, value: str, parts: list[str], hint: str
) -> None:
    """The variable is named, not the file."""
    error = _said(written("[log]\nformat = 'text'"), {name: value})
    assert [part for part in [name, *parts] if part not in error.message] == []
    assert hint in error.hint


def test_variables_of_others_are_left_alone(written: Callable[[str], Path]) -> None:
    """Without the prefix a variable is nobody's setting, and a few with it are not ours either."""
    environ = {"OUT": "x", "DATABASE_URL": URL, "LOG__LEVEL": "debug", "UNBURY_IMAGE": "i", "UNBURY_UID": "0"}
    assert _dump(load(written(""), environ).settings) == _dump(load(written(""), {}).settings)


def test_the_environment_goes_over_the_file_and_the_file_over_the_defaults(written: Callable[[str], Path]) -> None:
    """Key by key: what the one does not say, the other does."""
    file = written(
        "out = 'there'\n[digests.daily]\nat = '06:00'\nstories = 5\n[sources.mine]\npath = 'x'\nevery = '90s'"
    )
    settings = load(file, {"UNBURY_DIGESTS__DAILY__AT": "05:30", "UNBURY_LOG__LEVEL": "debug"}).settings
    daily = settings.digests["daily"]
    assert (daily.at, daily.stories, daily.sentences) == ((time(5, 30),), 5, 3)
    assert (settings.out, settings.log.level, settings.log.format) == (Path("there"), "debug", "auto")
    assert list(settings.sources) == ["mine"]
    assert (settings.sources["mine"].every, settings.sources["mine"].kind) == (timedelta(seconds=90), "seeds")


@pytest.mark.parametrize("value", ['["text", "html"]', "text,html", " text , html "])
def test_a_list_in_the_environment_is_json_or_has_commas(written: Callable[[str], Path], value: str) -> None:
    """Whichever is easier to write."""
    settings = load(written(""), {"UNBURY_DIGESTS__DAILY__FORMS": value}).settings
    assert settings.digests["daily"].forms == ("text", "html")


@pytest.mark.parametrize("at", ["'07:00:30'", "'07:00Z'", "07:00:00.5"])
def test_a_time_has_hours_and_minutes(written: Callable[[str], Path], at: str) -> None:
    """The tick knows no seconds, and the zone is the digest's."""
    assert "hours and minutes" in _said(written(f"[digests.d]\nat = {at}")).message


def test_a_time_written_in_two_ways_is_one(written: Callable[[str], Path]) -> None:
    """Twice the same slot would never be settled."""
    assert load(written("[digests.d]\nat = ['07:00', '07:00:00']"), {}).settings.digests["d"].at == (time(7),)


def test_times_are_sorted_and_stand_once(written: Callable[[str], Path]) -> None:
    """Two times, one of them twice: two times, in order."""
    file = written("[digests.d]\nat = ['18:00', '07:00', '18:00']\ndays = ['sat', 'mon']")
    assert load(file, {}).settings.digests["d"].at == (time(7), time(18))
    one = load(written("[digests.d]\nat = '06:00'"), {}).settings.digests["d"]
    assert one.at == (time(6),)


@pytest.mark.parametrize(
    ("written_as", "length"),
    [("30s", 30), ("15m", 900), ("1h", 3600), ("2d", 172_800), (" 90 s ", 90)],
)
def test_an_interval_is_a_number_and_a_unit(written: Callable[[str], Path], written_as: str, length: int) -> None:
    """And is shown again in the largest unit that fits."""
    every = load(written(f"[sources.s]\nevery = '{written_as}'"), {}).settings.sources["s"].every
    assert every == timedelta(seconds=length)


def test_a_secret_can_be_in_a_file_of_its_own(written: Callable[[str], Path], tmp_path: Path) -> None:
    """Without the line break at its end, and before the file."""
    secret = tmp_path / "database_url"
    secret.write_text(f"{URL}\n", encoding="utf-8")
    loaded = load(written("database_url = 'sqlite:///third'"), {"UNBURY_DATABASE_URL_FILE": str(secret)})
    assert loaded.settings.database_url.get_secret_value() == URL


def test_a_value_and_a_file_for_it_are_one_too_many(written: Callable[[str], Path], tmp_path: Path) -> None:
    """Which of them was meant, nobody knows."""
    secret = tmp_path / "database_url"
    secret.write_text(URL, encoding="utf-8")
    environ = {"UNBURY_DATABASE_URL_FILE": str(secret), "UNBURY_DATABASE_URL": "sqlite:///other"}
    error = _said(written(""), environ)
    assert "both UNBURY_DATABASE_URL and UNBURY_DATABASE_URL_FILE" in error.message


def test_a_secret_s_file_that_cannot_be_read_is_said(written: Callable[[str], Path], tmp_path: Path) -> None:
    """By the variable and the path."""
    error = _said(written(""), {"UNBURY_BROKER_URL_FILE": str(tmp_path / "none")})
    assert "UNBURY_BROKER_URL_FILE" in error.message
    assert str(tmp_path / "none") in error.message


def test_an_unknown_secret_s_file_is_said(written: Callable[[str], Path], tmp_path: Path) -> None:
    """A typing mistake in the name shows, and the content does not."""
    secret = tmp_path / "secret"
    secret.write_text(URL, encoding="utf-8")
    error = _said(written(""), {"UNBURY_DATABSE_URL_FILE": str(secret)})
    assert "UNBURY_DATABSE_URL" in error.message
    assert SECRET not in error.message + error.hint


def test_settings_never_show_a_secret(written: Callable[[str], Path]) -> None:
    """Neither do they, nor what was loaded with them, from the file or from the environment."""
    for loaded in (load(written(f"database_url = '{URL}'"), {}), load(written(""), {"UNBURY_DATABASE_URL": URL})):
        assert loaded.settings.database_url.get_secret_value() == URL
        assert SECRET not in f"{loaded.settings} {loaded.settings!r} {loaded.settings.model_dump_json()}"
        assert SECRET not in f"{loaded} {loaded!r}"


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (f"database_url = ['{URL}']", {}),
        (f"database_url = {{ url = '{URL}' }}", {}),
        (f"databse_url = '{URL}'", {}),
        (f"[database]\nurl = '{URL}'", {}),
        (f"[log]\ndatabase_url = '{URL}'", {}),
        ("", {"UNBURY_DATABSE_URL": URL}),
        (f"smtp_password = '{SECRET}'", {}),
        (f"password = '{SECRET}'", {}),
        (f"kennwort = '{SECRET}'", {}),
        (f"[serve]\npassword = '{SECRET}'", {}),
        (f"[serve]\nkennwort = '{SECRET}'", {}),
        (f"[smpt]\nhost = 'h'\npassword = '{SECRET}'", {}),
        (f"[[smtp]]\npassword = '{SECRET}'", {}),
        (f"smtp = 'relay:{SECRET}'", {}),
        (f"[smtp]\nhost = ['relay:{SECRET}']\npasword = '{SECRET}'", {}),
        (f"web = [{{ password = '{SECRET}' }}]", {}),
        (f"[digests.d]\nwebhook = 'https://hooks.example/{SECRET}'", {}),
        ("", {"UNBURY_SMTP": f'{{"host": "h", "password": "{SECRET}"'}),
        ("", {"UNBURY_WEBHOOKS": f'{{"team": {{"url": "https://hooks.example/{SECRET}"'}),
        ("", {"UNBURY_SMTP__PASSWORD_FILE": SECRET}),
    ],
)
def test_errors_never_show_a_secret(written: Callable[[str], Path], text: str, environ: dict[str, str]) -> None:
    """Not even one under a name that was mistyped."""
    with pytest.raises(ConfigError) as raised:
        load(written(text), environ)
    assert SECRET not in f"{raised.value.message} {raised.value.hint} {raised.value!r}"


def test_a_setting_s_origin_is_known(written: Callable[[str], Path]) -> None:
    """The environment, the file, or the default."""
    file = written("[log]\nlevel = 'info'\nformat = 'text'")
    loaded = load(file, {"UNBURY_LOG__LEVEL": "debug"})
    assert loaded.origins.origin("log", "level") == "environment UNBURY_LOG__LEVEL"
    assert loaded.origins.origin("log", "format") == str(file)
    assert loaded.origins.origin("digests", "daily", "at") == "default"
    assert loaded.origins.file == file


def test_settings_stay_as_they_are(written: Callable[[str], Path]) -> None:
    """Read once, at the edge, and never set again."""
    settings = load(written(""), {}).settings
    with pytest.raises(ValueError, match="frozen"):
        settings.out = Path("x")
    with pytest.raises(ValueError, match="frozen"):
        settings.log.level = "debug"


def test_a_tilde_is_a_home(written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the paths of sources; a folder named "~" is nobody's wish."""
    monkeypatch.setenv("HOME", "/home/ida")
    file = written('out = "~/digests"\ntemplates = "~/mine"\nalive = "~nobody-of-that-name/alive"')
    settings = load(file, {"UNBURY_FEEDS": "~/feeds.opml"}).settings
    assert (settings.out, settings.feeds) == (Path("/home/ida/digests"), Path("/home/ida/feeds.opml"))
    assert (settings.templates, settings.alive) == ("/home/ida/mine", "~nobody-of-that-name/alive")
