"""What the commands share: settings and parts, put together for the one that was called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from click.core import ParameterSource

from worker import logs, schedule
from worker.cli.main import Asked
from worker.configuration import loading
from worker.errors import ConfigError, UnknownName, UsageError
from worker.model import Job
from worker.runtime import Runtime
from worker.settings import LogSettings, Settings, SmtpSettings
from worker.status.checks import check
from worker.values import one_address
from worker.web.urls import without_user


def loaded(context: click.Context) -> loading.Loaded:
    """The settings, and where they come from. Raises ConfigError."""
    asked: Asked = context.find_root().ensure_object(Asked)
    found = loading.load(asked.config)
    log(found.settings, asked)
    return found


def log(settings: Settings, asked: Asked) -> None:
    """Log as the settings say, and more for who asked for it."""
    level = {0: settings.log.level, 1: "info"}.get(asked.verbose, "debug")
    logs.configure(LogSettings(format=settings.log.format, level=level))


def unready(context: click.Context) -> Runtime:
    """The parts, with nothing looked at yet. Raises ConfigError."""
    return Runtime(loaded(context).settings)


def runtime(context: click.Context) -> Runtime:
    """The parts, checked, and the database ready. Raises ConfigError, StoreError, Unreachable."""
    parts = here(loaded(context))
    try:
        check(parts)
    except UnknownName as error:  # what is unknown from here on was typed
        raise ConfigError(error.message, error.hint) from None
    parts.database.ready()
    return parts


def passwordless(smtp: SmtpSettings) -> ConfigError | None:
    """What is wrong with a user who is to log in without a password."""
    if not smtp.user or smtp.password.get_secret_value():
        return None
    if smtp.password_file:
        return ConfigError(f"{smtp.password_file} holds no password", "write the one of smtp.user into it")
    hint = "smtp.password_file names a file that holds it, or UNBURY_SMTP__PASSWORD_FILE does"
    return ConfigError("smtp.user is set, but there is no password", hint)


def here(found: loading.Loaded) -> Runtime:
    """The parts. Raises ConfigError in a folder where nothing is set, stored or laid out: the wrong one, mostly."""
    parts = Runtime(found.settings)
    file = parts.database.file
    if found.origins.file or found.origins.environment or (file and file.exists()) or Path("seeds").exists():
        return parts
    hint = "go to your folder, name the file with -c, or let `unbury init` write one here"
    raise ConfigError(f"there is no config/unbury.toml in {Path.cwd()}", hint)


def digests(parts: Runtime, name: str | None) -> list[str]:
    """The digest of a name, or all there are. Raises UnknownName."""
    return [parts.digest(name).name] if name else list(parts.digests)


def called(parts: Runtime, job: Job) -> str:
    """What a job is about, as people know it: a feed by its title or address, a digest by its name and day."""
    if job.kind == "compose":
        return " of ".join(job.key.split("/")[:2])
    if job.kind != "ingest":
        return f"{job.kind} {job.key}"
    one = parts.sources.get(job.key)
    return (one and (one.title or without_user(one.url))) or str(job.payload.get("path", job.key))


def content(file: Path) -> bytes:
    """What stands in a file, or for - on stdin. Raises UsageError."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name another file, or - for stdin") from None


def latest_day(parts: Runtime, names: Sequence[str], day: date | None) -> date:
    """The day that is meant, today if none is; where it is tomorrow here already, that is today, too.

    Raises UsageError for one that is yet to come.
    """
    now = parts.now()
    today = max(schedule.today(now, parts.digest(name).zone) for name in names)
    if day and day > max(today, now.astimezone().date()):  # typed by this machine's clock, whose zone may be ahead
        raise UsageError(f"{day} is yet to come", "an edition is made of what came in: name today, or a day before it")
    return min(day or today, today)


def apart(context: click.Context, *pairs: tuple[str, str]) -> None:
    """Raises UsageError where two options are given of which one would silently win."""
    typed = {
        one.name: one.opts[0]
        for one in context.command.params
        if one.name and context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
    }
    for one, other in pairs:
        if one in typed and other in typed:
            raise UsageError(f"{typed[one]} and {typed[other]} do not go together", "leave one of them out")


def reachable(address: str) -> str:
    """An e-mail address. Raises UsageError for anything else."""
    try:
        return one_address(address)
    except ValueError as error:
        raise UsageError(f"{address!r} cannot be written to", f"it {error}") from None
