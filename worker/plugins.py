"""What can be plugged in, and how it is found: by a built-in name, an entry point or a dotted path."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol

from worker.edition import Edition
from worker.errors import ConfigError, FormFailed, UnburyError, unknown_name
from worker.fetched import Fetched, SourceState
from worker.model import Rendition, Sentence, Subscriber


class Source(Protocol):
    """Gives documents; is told what it answered last time, and keeps nothing itself.

    Made with its name, its settings and the way to the web. If it has a method `settle(fetched)`, that is
    called once everything is stored.
    """

    def fetch(self, state: SourceState) -> Fetched:
        """What is there now. Problems are values in the answer; only a bug raises."""


class Ranker(Protocol):
    """Scores sentences; returns numbers, never text, so a summary can only quote."""

    def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> Sequence[float]:
        """One score a sentence, higher is better; `ordered` says that position means something."""


class Exporter(Protocol):
    """Gives an edition a form; pure. Made with the settings."""

    def export(self, edition: Edition) -> Rendition:
        """The edition in this form; the same edition gives the same bytes."""


class Passage(Protocol):
    """The way of one delivery, remembered at each step, so that nobody has to guess after a crash."""

    kept: bytes
    """What was packed at an earlier try, to be handed over unchanged; empty at the first."""

    def keep(self, packed: bytes) -> None:
        """Remember what is about to be handed over, at each try. Raises JobLost."""

    def crossing(self) -> None:
        """Remember that from here on nobody can tell whether it arrives. Raises JobLost."""


class Deliverer(Protocol):
    """Hands renditions over; made with the settings and the way to the web (a function that gives it).

    It may be asked twice for the same renditions, and by several threads at once.
    """

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> Sequence[str]:
        """Receipts: where they went. Raises DeliveryFailed, DeliveryRefused."""


_SHAPES = "docs/plugins.md says what each kind of plug-in is called with, and what it answers"


@dataclass(frozen=True)
class Registry:
    """Finds plug-ins of one kind by name.

    Built-ins are "module:attribute" strings, so that naming them imports nothing. Then come entry
    points of `group`, then a "module:attribute" path of the user's own. `method` is the one that it answers.
    """

    what: str
    group: str
    method: str
    builtin: Mapping[str, str]

    def find(self, name: str) -> Callable[..., Any]:
        """The plug-in's factory. Raises UnknownName or ConfigError."""
        if name in self.builtin:
            return _load(self.builtin[name], self.what)
        for point in entry_points(group=self.group, name=name):
            return _load(point.value, self.what)
        if ":" in name:
            return _load(name, self.what)
        raise unknown_name(self.what, name, self.names())

    def make(self, name: str, *arguments: object, **named: object) -> Any:
        """The plug-in, made. Raises UnknownName, and ConfigError for one that is not of its kind's shape."""
        factory = self.find(name)
        try:
            made = factory(*arguments, **named)
        except (UnburyError, MemoryError):
            raise
        except Exception as error:  # whatever a plug-in of the user's own does when it is made
            raise ConfigError(f"the {self.what} {name!r} cannot be made: {_said(error)}", _SHAPES) from error
        if not callable(getattr(made, self.method, None)):
            raise ConfigError(f"the {self.what} {name!r} has no method {self.method!r}", _SHAPES)
        return made

    def check(self, name: str, *arguments: object, **named: object) -> None:
        """Make sure that there is such a plug-in; a built-in one is not imported. Raises as make does."""
        if name not in self.builtin:
            self.make(name, *arguments, **named)

    def names(self) -> list[str]:
        """All names that can be asked for, but for dotted paths."""
        return sorted({*self.builtin, *entry_points(group=self.group).names})


@dataclass(frozen=True)
class Form:
    """An exporter under its name, which is said of whatever goes wrong in it."""

    name: str
    made: Exporter

    def export(self, edition: Edition) -> Rendition:
        """The edition in this form. Raises ConfigError for a template of the user's, FormFailed for a bug."""
        with making(self.name):
            rendition = self.made.export(edition)
        if not isinstance(rendition, Rendition):
            raise FormFailed(f"the form {self.name!r} gives no Rendition but a {type(rendition).__name__}", _SHAPES)
        return rendition


@contextmanager
def making(form: str) -> Iterator[None]:
    """What goes wrong in here goes wrong in this form. Raises FormFailed, and what is raised on purpose as it is."""
    try:
        yield
    except (UnburyError, MemoryError):
        raise
    except Exception as error:
        hint = f"`unbury -vv digest --format {form}` shows where"
        raise FormFailed(f"the form {form!r} failed: {_said(error)}", hint) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _load(path: str, what: str) -> Callable[..., Any]:
    module, _, attribute = path.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # whatever a module of the user's own does when it is imported
        raise ConfigError(f"the {what} {path!r} cannot be loaded: {error}") from error
    return found


SOURCES = Registry(
    "source kind",
    "unbury.sources",
    "fetch",
    {
        "feed": "worker.sources.feeds:Feed",
        "files": "worker.sources.files:Files",
        "seeds": "worker.sources.seeds:SeedFiles",
    },
)

RANKERS = Registry(
    "ranker",
    "unbury.rankers",
    "rank",
    {
        "unbury": "worker.summaries.worth:unbury",
        "plain-lexrank": "worker.summaries.rankers:plain_lexrank",
        "plain-textrank": "worker.summaries.rankers:plain_textrank",
    }
    | {
        name: f"worker.summaries.rankers:{name}"
        for name in (
            "edmundson",
            "kl",
            "lexrank",
            "lsa",
            "luhn",
            "reduction",
            "sumbasic",
            "textrank",
        )
    },
)

EXPORTERS = Registry(
    "form",
    "unbury.exporters",
    "export",
    {
        "atom": "worker.exporters.atom:Atom",
        "discord": "worker.exporters.hooks:Discord",
        "epub": "worker.exporters.epub:Epub",
        "html": "worker.exporters.html:Html",
        "json": "worker.exporters.json:Json",
        "mail": "worker.exporters.mail:Mail",
        "markdown": "worker.exporters.markdown:Markdown",
        "ntfy": "worker.exporters.hooks:Ntfy",
        "slack": "worker.exporters.hooks:Slack",
        "text": "worker.exporters.text:Text",
    },
)

#: Forms that a channel asks for by itself; all others are for readers.
_OF_CHANNELS = frozenset({"discord", "mail", "ntfy", "slack"})


def forms(*, installed: bool = False) -> list[str]:
    """The forms that a reader may ask for: those that are built in, or also those of packages that are `installed`."""
    return sorted({*(EXPORTERS.names() if installed else EXPORTERS.builtin)} - _OF_CHANNELS)


DELIVERERS = Registry(
    "channel",
    "unbury.deliverers",
    "deliver",
    {
        "archive": "worker.delivery.files:Archive",
        "files": "worker.delivery.files:Files",
        "mail": "worker.delivery.mail:Mail",
        "webhook": "worker.delivery.webhook:Webhook",
    },
)
