"""What commands and settings write of themselves is what stands in the tree."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # types-jsonschema is one package more for one test
import pytest

from tests.cli.written import ROOT, files
from worker.cli.reference import reference
from worker.cli.schema import descriptions, schema
from worker.settings import Settings


@pytest.mark.parametrize("name", files())
def test_what_is_written_is_as_it_would_be_written_now(name: str) -> None:
    """Whoever forgets is told how it is written."""
    assert (ROOT / name).read_text(encoding="utf-8") == files()[name], "`make written` writes it anew"


def test_the_schema_is_one() -> None:
    """By the specification of JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", ["config/unbury.toml", "config/reference.toml"])
def test_what_comes_along_is_valid_by_the_schema(path: str) -> None:
    """An editor underlines nothing in it."""
    assert _said((ROOT / path).read_text(encoding="utf-8")) == []


def test_the_commented_parts_of_the_reference_are_valid_as_well() -> None:
    """Whoever takes the # away from a key of [webhooks.NAME] or of a rule has what can be read."""
    lines = reference().splitlines()
    bare = [line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in lines]
    table = (
        "\n".join(bare)
        .replace("NAME", "name")
        .replace("weight = 1.0", "weight = 2.0")
        .replace("words = []", 'words = ["x"]')
    )
    assert _said(table) == []
    assert {"name"} == set(tomllib.loads(table)["webhooks"])


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("otu = 1", "'otu' was unexpected"),
        ("[digests.daily]\nstories = 0", "less than the minimum"),
        ("[digests.daily]\nat = '7:00'", "not valid"),
        ("[digests.daily]\nforms = 'html'", "not of type 'array'"),
        ("[digests.'Bad Name']", "does not match any"),
        ("[sources.s]\nevery = 'hourly'", "does not match"),
        ("[log]\nlevel = 'loud'", "not one of"),
        ("[[digests.d.rules]]\nwords = ['x']\nmute = true", "'name' is a required property"),
    ],
)
def test_the_schema_finds_what_is_wrong(toml: str, said: str) -> None:
    """So that an editor shows it while it is being typed."""
    (found,) = _said(toml)
    assert said in found


def test_every_key_is_described() -> None:
    """With a sentence that ends."""
    told = [said for section in descriptions().values() for said in section.values()]
    assert len(told) > len(Settings.model_fields)
    assert [said for said in told if not said.endswith(".")] == []


def _said(toml: str) -> list[str]:
    table: dict[str, Any] = json.loads(json.dumps(tomllib.loads(toml), default=str))
    return [one.message for one in jsonschema.Draft202012Validator(schema()).iter_errors(table)]


def test_the_file_of_init_is_beside_the_schema_that_it_names() -> None:
    """The first line is what Taplo looks for."""
    first = (ROOT / "config" / "unbury.toml").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("#:schema ")
    assert (ROOT / "config" / Path(first.removeprefix("#:schema "))).is_file()
