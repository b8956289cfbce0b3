"""The templates of the forms that have one: ours, and the user's own in their place.

A user's template runs in a sandbox: it can say what an edition holds and no more. It cannot reach Python, files or the
network, so a template that was found somewhere is no program. What it can do is take for ever, or say `|safe` to what
a stranger wrote: that is its author's to know.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import methodcaller
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from worker.errors import ConfigError
from worker.exporters import wording
from worker.model import UNSUBSCRIBE
from worker.text.clean import cleaned

T = TypeVar("T")
#: Whatever of ours a template of the user's extends or includes is named with this before it.
_OURS = "unbury"
# A word joiner cannot be seen, and no server has either name: it looks the same and is not the mark that is replaced.
_NO_MARK = UNSUBSCRIBE.removesuffix("/") + "\u2060/"


def filled(folder: str, name: str, values: Mapping[str, object]) -> str:
    """The template of a name, filled; the user's if the folder has one. Raises ConfigError for one that is broken."""
    return _reading(folder, name, lambda environment: environment.get_template(name).render(values))


def _reading(folder: str, name: str, do: Callable[[ImmutableSandboxedEnvironment], T]) -> T:
    """Do something with the templates. Raises ConfigError if one of the user's is broken."""
    if folder and not Path(folder).is_dir():
        raise ConfigError(f"there is no folder of templates {folder!r}", "create it, or leave `templates` empty")
    own = frozenset(path.name for path in Path(folder).iterdir()) if folder else frozenset()
    try:
        return do(_environment(folder, own))
    except Exception as error:
        where = _place(error, folder, name)
        if not where:
            raise
        raise ConfigError(f"the template {where}: {_said(error)}", "mend it, or take it out of the folder") from error


def check(folder: str) -> None:
    """Read every template in the user's folder, and fill none. Raises ConfigError for one that cannot be read."""
    for file in sorted(Path(folder).glob("*.j2")) if folder else ():
        _reading(folder, file.name, methodcaller("get_template", file.name))


def unmarked(text: str) -> str:
    """The text, in which nothing can be taken for the place of a reader's own address to unsubscribe."""
    return text.replace(UNSUBSCRIBE, _NO_MARK)


@lru_cache(maxsize=8)
def _environment(folder: str, own: frozenset[str]) -> ImmutableSandboxedEnvironment:
    """With a file that came or went, another one: Jinja looks for changes in a file, not for one in place of ours."""
    ours = PackageLoader("worker.exporters")
    loaders: list[BaseLoader] = [ours, PrefixLoader({_OURS: ours})]
    made = environment(ChoiceLoader([FileSystemLoader(folder), *loaders] if folder else loaders))
    made.globals["wording"] = _words()
    return made


def environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    """Where templates are filled: what they are given is escaped and cleaned, and nothing is left out unsaid."""
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _words() -> SimpleNamespace:
    """What `wording` says, without the modules that it imports: through those a template would reach Python."""
    named = {name: value for name, value in vars(wording).items() if not name.startswith("_")}
    own = {name: value for name, value in named.items() if getattr(value, "__module__", "") == wording.__name__}
    return SimpleNamespace(**own, **{name: value for name, value in named.items() if isinstance(value, str)})


def _finalized(value: object) -> object:
    # Each value by itself: over the whole page, NFC would melt a tag's ">" with a combining mark.
    return unmarked(cleaned(value)) if type(value) is str else value


def _place(error: Exception, folder: str, name: str) -> str:
    """Where in the user's folder it broke, as "mail.html.j2, line 3", or nothing if it was not there."""
    if isinstance(error, TemplateSyntaxError):
        places = [(error.filename or "", error.lineno)]
    else:
        places = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    theirs = [(file, line) for file, line in places if folder and Path(file).is_relative_to(folder)]
    if theirs:
        return f"{theirs[-1][0]}, line {theirs[-1][1]}"
    unread = folder and isinstance(error, OSError | UnicodeDecodeError)
    return str(Path(folder) / name) if unread else ""


def _said(error: Exception) -> str:
    return wording.line(getattr(error, "message", None) or str(error)) or type(error).__name__
