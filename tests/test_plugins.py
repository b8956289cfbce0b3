"""Plug-ins: found by a built-in name, an entry point or a dotted path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import ROOT
from tests.exporters.editions import edition
from worker.edition import Edition
from worker.errors import ConfigError, DeliveryFailed, FormFailed, UnknownName
from worker.plugins import DELIVERERS, EXPORTERS, RANKERS, SOURCES, Form, Registry
from worker.summaries import rankers

ALL = {"ranker": RANKERS, "form": EXPORTERS, "source kind": SOURCES, "channel": DELIVERERS}


@pytest.mark.parametrize("registry", ALL.values(), ids=ALL)
def test_every_built_in_name_can_be_found(registry: Registry) -> None:
    """Each of the strings leads to something that can be called."""
    assert registry.builtin
    assert set(registry.builtin) <= set(registry.names())
    assert all(callable(registry.find(name)) for name in registry.builtin)


@pytest.mark.parametrize(
    ("registry", "name", "nearest"),
    [
        (RANKERS, "lexrnk", "lexrank"),
        (RANKERS, "LexRank", "lexrank"),
        (RANKERS, "text-rank", "textrank"),
        (EXPORTERS, "markdwn", "markdown"),
        (SOURCES, "seed", "seeds"),
        (DELIVERERS, "file", "files"),
    ],
)
def test_an_unknown_name_answers_with_the_nearest(registry: Registry, name: str, nearest: str) -> None:
    """And says what kind of thing was asked for."""
    with pytest.raises(UnknownName) as raised:
        registry.find(name)
    assert (raised.value.message, raised.value.hint) == (
        f"there is no {registry.what} named {name!r}",
        f"did you mean {nearest!r}?",
    )


def test_a_name_like_no_other_gets_the_whole_list() -> None:
    """Nothing is near, so all are named."""
    with pytest.raises(UnknownName) as raised:
        EXPORTERS.find("qqq")
    assert all(name in raised.value.hint for name in EXPORTERS.names())


def test_a_dotted_path_works() -> None:
    """The user's own is found by its module and attribute."""
    assert RANKERS.find("worker.summaries.rankers:luhn") is rankers.luhn


@pytest.mark.parametrize(
    "path",
    [
        "no.such.module:thing",
        "worker.summaries.rankers:nothing",
        ":",
        ":thing",
        "json:",
        "a b:c",
        "..relative:thing",
        "json:a:b",
    ],
)
def test_a_broken_path_is_a_mistake_in_the_configuration(path: str) -> None:
    """The path is named, and what is wrong with it."""
    with pytest.raises(ConfigError) as raised:
        RANKERS.find(path)
    assert raised.value.message.startswith(f"the ranker {path!r} cannot be loaded: ")


def test_a_plug_in_that_cannot_be_imported_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """Whatever its module raises, the user is told which plug-in it was."""
    (tmp_path / "broken_ranker.py").write_text("def rank(:\n", encoding="utf-8")
    program = """
from worker.errors import ConfigError
from worker.plugins import RANKERS
try:
    RANKERS.find("broken_ranker:rank")
except ConfigError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert "the ranker 'broken_ranker:rank' cannot be loaded" in done.stdout, done.stderr


class Shy:
    """A plug-in that answers nothing and takes nothing."""


class Hasty:
    """A plug-in whose making goes wrong, or whose form does."""

    def __init__(self, settings: object) -> None:
        if settings is None:
            raise LookupError("no settings")

    def export(self, edition: Edition) -> str:
        """No rendition, or an error of Python's or of ours."""
        if edition.title == "refused":
            raise DeliveryFailed("refused on purpose")
        return edition.nothing if edition.title == "broken" else "a text"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("Shy", [], "has no method 'export'"),
        ("Shy", ["settings"], "cannot be made: TypeError: Shy() takes no arguments"),
        ("Hasty", [None], "cannot be made: LookupError: no settings"),
    ],
)
def test_a_plug_in_of_the_wrong_shape_is_a_mistake_in_the_configuration(
    name: str, arguments: list[object], said: str
) -> None:
    """It is named, and what is wrong with it is said before it is used."""
    with pytest.raises(ConfigError) as raised:
        EXPORTERS.check(f"{__name__}:{name}", *arguments)
    assert raised.value.message == f"the form '{__name__}:{name}' {said}"
    assert "docs/plugins.md" in raised.value.hint


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("broken", "the form 'hasty' failed: AttributeError: 'Edition' object has no attribute 'nothing'"),
        ("Unbury", "the form 'hasty' gives no Rendition but a str"),
    ],
)
def test_a_form_that_fails_is_named(title: str, said: str) -> None:
    """Whatever its code raises or returns, who reads the error knows which form it was."""
    with pytest.raises(FormFailed) as raised:
        Form("hasty", Hasty("settings")).export(edition(title=title))  # type: ignore[arg-type]  # that is the mistake
    assert raised.value.message == said


def test_what_a_form_raises_on_purpose_is_left_alone() -> None:
    """An error that is a sentence already stays what it is."""
    with pytest.raises(DeliveryFailed, match="refused on purpose"):
        Form("hasty", Hasty("settings")).export(edition(title="refused"))  # type: ignore[arg-type]


def test_naming_a_plug_in_imports_nothing() -> None:
    """Names are strings: numpy and sumy wait until somebody ranks."""
    program = "import sys, worker.plugins as p; p.RANKERS.names(); print({'numpy', 'sumy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True, text=True
    )
    assert done.stdout == "set()\n"


def test_an_entry_point_is_found_after_the_built_in_names() -> None:
    """A group's entry points are names as well; pytest brings one that can be asked for here."""
    registry = Registry("plug-in", "pytest11", "__call__", {"hypothesispytest": "json:loads"})
    assert registry.find("hypothesispytest")('{"built-in": "first"}') == {"built-in": "first"}
    points = Registry("script", "console_scripts", "__call__", {})
    assert "pytest" in points.names()
    assert callable(points.find("pytest"))
