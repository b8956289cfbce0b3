"""The house rules that neither ruff nor import-linter can hold."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from tests.processes import printed

_ROOT = Path(__file__).parents[2]
_MODULES = sorted((_ROOT / "worker").rglob("*.py"))
_LONGEST = 300
_LONGEST_TASK = 5
#: Names that say nothing of what is inside.
_EMPTY_NAMES = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"})
_SHOW_MODULES = """
import json, sys
from worker.cli.main import main
try:
    sys.argv[1:] = [{argument!r}]
    main()
except SystemExit as end:
    code = end.code
else:
    code = 0
print(json.dumps([code or 0, sorted({{name.partition(".")[0] for name in sys.modules}})]))
"""


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


def _imported(argument: str) -> set[str]:
    """Names of the packages that are there once the command has answered."""
    code, names = json.loads(printed(_SHOW_MODULES.format(argument=argument)).splitlines()[-1])
    assert code == 0
    return set(names)


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _is_task(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    known = [*function.decorator_list, *function.args.args]  # it is one, or is given one
    return any("task" in ast.unparse(one) for one in known)


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", _MODULES, ids=_name)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    """No module has more than 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= _LONGEST


@pytest.mark.parametrize("path", _MODULES, ids=_name)
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    """No module or package is called utils, helpers, base, manager or common."""
    assert not _EMPTY_NAMES & {path.stem, *path.relative_to(_ROOT).parent.parts}


@pytest.mark.parametrize("path", [path for path in _MODULES if path.name == "__init__.py"], ids=_name)
def test_a_package_says_what_it_is_and_nothing_else(path: Path) -> None:
    """`__init__.py` holds a docstring and nothing: re-exports are where import circles come from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_the_tree_on_the_page_is_the_tree_in_the_folder() -> None:
    """docs/architecture.md has a row for each module and package of `worker/`."""
    page = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.partition("## The tree")[2].partition("\n## ")[0]
    there = {path.name for path in (_ROOT / "worker").glob("[a-z]*.py")}
    there |= {f"{path.parent.name}/" for path in (_ROOT / "worker").glob("*/__init__.py")}
    assert {name for name in there if f"`{name}`" not in tree} == set()


def test_every_folder_with_modules_is_a_package() -> None:
    """import-linter sees packages only, so a folder without `__init__.py` would escape the contracts."""
    outside = {
        path.parent
        for path in _MODULES
        if not (path.parent / "__init__.py").exists() and "migrations" not in path.parts
    }
    assert not outside


def test_tasks_only_call_a_service() -> None:
    """A task has at most five lines, so that all it does can be done without Celery."""
    tree = ast.parse((_ROOT / "worker" / "tasks.py").read_text(encoding="utf-8"))
    tasks = [function for function in _functions(tree) if _is_task(function)]
    assert tasks
    assert {task.name: _lines(task) for task in tasks if _lines(task) > _LONGEST_TASK} == {}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_comes_at_once(argument: str) -> None:
    """Of what is not Python's own, `--help` and `--version` import click and nothing else."""
    bare = printed("import sys; print(*{name.partition('.')[0] for name in sys.modules})")
    foreign = _imported(argument) - set(bare.split()) - sys.stdlib_module_names - {"worker"}
    assert foreign == {"click"}
