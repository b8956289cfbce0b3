"""What the repository says to machines and contributors holds: licences, hooks, the workflow, the forms."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.shown import ROOT
from tests.packaging.licences import PAGE, needed, rows

#: Licences under which a library may be used beside Apache 2.0, unchanged.
_ALLOWED = re.compile(
    r"0BSD|Apache-2\.0|BSD-[23]-Clause|CC0-1\.0|CNRI-Python|ISC|LGPL-(2\.1|3\.0)-(only|or-later)|MIT|MPL-2\.0|PSF-2\.0|Unlicense|Zlib"
)


def test_each_licence_is_listed() -> None:
    """All that is needed here stands on the page, with the licence that the package says."""
    listed = rows(PAGE.read_text(encoding="utf-8"))
    assert {name: said for name, said in needed().items() if listed.get(name) != said} == {}


def test_nothing_else_is_listed() -> None:
    """Each package on the page is pinned for the image."""
    pinned = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-image.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert sorted(set(rows(PAGE.read_text(encoding="utf-8"))) - pinned) == []


@pytest.mark.parametrize(("name", "said"), sorted(needed().items()))
def test_each_licence_may_stand_beside_ours(name: str, said: str) -> None:
    """One of a choice, or all that hold at once."""
    assert any(
        all(_ALLOWED.fullmatch(part) for part in re.split(" AND ", one)) for one in re.split(" (?:OR|or) ", said)
    )


@pytest.mark.parametrize("extra", ["postgres", "serve", "flower"])
def test_what_an_extra_needs_is_pinned(extra: str) -> None:
    """The image has all extras, by version and hash."""
    asked = [
        re.match(r"[\w-]+", text)
        for text in distribution("unbury").requires or ()
        if f'"{extra}"' in text.replace("'", '"')
    ]
    names = {found[0].lower() for found in asked if found}
    assert names
    pinned = (ROOT / "requirements-image.txt").read_text(encoding="utf-8")
    assert [name for name in names if f"\n{name}==" not in pinned and f"\n{name}[" not in pinned] == []


def test_the_hooks_are_make_check() -> None:
    """Each command of `make check` is a hook, and no hook is anything else."""
    done = subprocess.run(["make", "-n", "check"], cwd=ROOT, capture_output=True, text=True, check=True)
    check = [line for line in done.stdout.splitlines() if line.startswith(".venv/bin/") and "pip " not in line]
    hooks = _loaded(".pre-commit-config.yaml")["repos"][0]["hooks"]
    assert sorted(hook["entry"].replace(" --force-exclude", "") for hook in hooks) == sorted(check)


def test_the_workflow_runs_what_anybody_runs() -> None:
    """On each Python that is declared, it is .ci/run, which is make check and make test."""
    workflow = _loaded(".github/workflows/ci.yml")
    declared = [
        line.rpartition(" :: ")[2]
        for line in distribution("unbury").metadata.get_all("Classifier") or ()
        if re.search(r"Python :: 3\.\d+$", line)
    ]
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == declared
    assert [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").split()[-4:] == ["make", "check", "make", "test"]


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("github-workflows", ".github/workflows/*.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("dependabot", ".github/dependabot.yml"),
    ],
)
def test_github_understands_it(schema: str, pattern: str) -> None:
    """By GitHub's own schemas, offline."""
    files = sorted(map(str, ROOT.glob(pattern)))
    assert files
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_issue_forms_ask_for_what_exists() -> None:
    """Each command that a form names is one of ours."""
    from worker.cli.main import COMMANDS

    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    named = set(re.findall(r"`unbury (?:-v+ )?([a-z]+)", text))
    assert named
    assert named <= set(COMMANDS)


def _loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
