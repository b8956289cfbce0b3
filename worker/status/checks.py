"""Whether all is there that the settings name, and can be used: checked before any work is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from worker.errors import ConfigError, UnburyError, unknown_name
from worker.plugins import DELIVERERS, EXPORTERS, RANKERS
from worker.runtime import Runtime
from worker.settings import Settings


def check(parts: Runtime) -> None:
    """Find every plug-in that the settings name. Raises ConfigError."""
    for _, fault in faults(parts):
        raise fault


def faults(parts: Runtime) -> Iterator[tuple[str, UnburyError]]:
    """Each key that names what is not there, or what cannot be used, and what is wrong with it."""
    for key, find in _named(parts):
        try:
            find()
        except UnburyError as error:
            yield key, error


def _named(parts: Runtime) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each key that names something, and what finds it. Those raise ConfigError."""
    settings = parts.settings
    for name, source in settings.sources.items():
        yield f"sources.{name}", partial(parts.source_from, name, source)
    yield "feeds", parts.feedlist.sources
    for name in settings.digests:
        yield from _of_digest(settings, name)
    yield "reading.ranker", partial(RANKERS.check, settings.reading.ranker)
    if settings.templates:
        from worker.exporters import templates  # Jinja, which whoever has no templates saves

        yield "templates", partial(templates.check, settings.templates)
    for name, hook in settings.webhooks.items():
        from worker.delivery import webhook

        yield f"webhooks.{name}", partial(webhook.check, name, hook)


def _of_digest(settings: Settings, name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    key, digest = f"digests.{name}", settings.digests[name]
    yield f"{key}.ranker", partial(RANKERS.check, digest.ranker)
    for form in digest.forms:
        yield f"{key}.forms", partial(EXPORTERS.check, form)
    for hook in digest.webhooks:
        yield f"{key}.webhooks", partial(_hook, settings, hook)
    for channel in digest.channels:
        yield f"{key}.channels", partial(DELIVERERS.check, channel.kind)
        for form in channel.forms:
            yield f"{key}.channels", partial(EXPORTERS.check, form)
    yield f"{key}.subscribers", partial(_reachable, settings, name)


def _hook(settings: Settings, name: str) -> None:
    if name not in settings.webhooks:
        raise unknown_name("webhook", name, settings.webhooks)


def _reachable(settings: Settings, digest: str) -> None:
    if settings.digests[digest].subscribers and not settings.smtp.host:
        raise ConfigError(f"digests.{digest} has subscribers, but no server takes their mail", "set smtp.host")
