"""Whether all is there that the settings name, and can be used: checked before any work is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from worker.errors import ConfigError, UnburyError, unknown_name
from worker.plugins import DELIVERERS, EXPORTERS, RANKERS, SOURCES
from worker.runtime import Runtime
from worker.settings import ChannelSettings, Settings

#: Channels that are switched on in another way, and how.
_OTHERWISE = {
    "archive": 'it is written to `out` in the digest\'s `forms`; kind = "files" keeps the newest in a second folder',
    "mail": "name its readers in `subscribers`",
    "webhook": "name the server in `webhooks`",
}


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
        key = f"sources.{name}" if source.kind in SOURCES.builtin else f"sources.{name}.kind"
        yield key, partial(parts.source_from, name, source)
    yield "feeds", parts.feedlist.sources
    for name in settings.digests:
        yield from _of_digest(parts, name)
    yield "reading.ranker", _ranker(settings, settings.reading.ranker)
    if settings.templates:
        from worker.exporters import templates  # Jinja, which whoever has no templates saves

        yield "templates", partial(templates.check, settings.templates)
    for name, hook in settings.webhooks.items():
        from worker.delivery import webhook

        yield f"webhooks.{name}", partial(webhook.check, name, hook)


def _of_digest(parts: Runtime, name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    settings = parts.settings
    key, digest = f"digests.{name}", settings.digests[name]
    yield f"{key}.ranker", _ranker(settings, digest.ranker)
    for form in digest.forms:
        yield f"{key}.forms", partial(EXPORTERS.check, form, settings)
    for hook in digest.webhooks:
        yield f"{key}.webhooks", partial(_hook, settings, hook)
    yield f"{key}.channels", partial(_apart, [(one.kind, one.address) for one in digest.channels])
    for number, channel in enumerate(digest.channels):
        yield f"{key}.channels.{number}.kind", partial(_channel, parts, channel)
        for form in channel.forms:
            yield f"{key}.channels.{number}.forms", partial(EXPORTERS.check, form, settings)
    yield f"{key}.subscribers", partial(_reachable, settings, name)


def _ranker(settings: Settings, name: str) -> Callable[[], object]:
    cues = settings.reading.edmundson
    return partial(RANKERS.check, name, "en", bonus=cues.bonus, stigma=cues.stigma)


def _channel(parts: Runtime, channel: ChannelSettings) -> None:
    if hint := _OTHERWISE.get(channel.kind):
        raise ConfigError(f"{channel.kind!r} is no channel to be listed here", hint)
    if channel.kind == "files" and not channel.address:
        raise ConfigError("the channel 'files' has no address", 'address = "shelf" names the folder to write to')
    if channel.kind not in DELIVERERS.builtin:
        parts.deliverer(channel.kind)


def _hook(settings: Settings, name: str) -> None:
    if name not in settings.webhooks:
        raise unknown_name("webhook", name, settings.webhooks)


def _reachable(settings: Settings, digest: str) -> None:
    if settings.digests[digest].subscribers and not settings.smtp.host:
        raise ConfigError(f"digests.{digest} has subscribers, but no server takes their mail", "set smtp.host")


def _apart(channels: Sequence[tuple[str, str]]) -> None:
    for kind, address in channels:
        if channels.count((kind, address)) > 1:
            raise ConfigError(
                f"two channels are {kind!r} with the address {address!r}", "give each an address of its own"
            )
