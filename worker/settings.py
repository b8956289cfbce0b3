"""Settings: everything that can be set, and what it is by default."""

from __future__ import annotations

import re
from datetime import time, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    model_validator,
)

_LONGEST = 100_000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _interval(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"([1-9]\d*)\s*([smhd])", value.strip())):
        if int(match[1]) <= _LONGEST:
            return timedelta(**{_UNITS[match[2]]: int(match[1])})
        raise ValueError(f"should be at most {_LONGEST} of a unit")
    if isinstance(value, timedelta):
        return value
    raise ValueError('should be a number and a unit, like "30m", "1h" or "2d"')


def _written(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    length, unit = next((n, u) for n, u in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")) if seconds % n == 0)
    return f"{seconds // length}{unit}"


def _zone(value: str) -> str:
    try:
        return value if value == "local" else ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('should be "local" or the name of a time zone, like "Europe/Berlin"') from None


def one_address(value: str) -> str:
    """One bare address: a list, a name beside it or a line break would reach others than meant."""
    name, address = parseaddr(value)
    if name or address != value or value.count("@") != 1 or not re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+", value):
        raise ValueError('should be one e-mail address, like "reader@example.org"')
    return value


def _sender(value: str) -> str:
    one_address(parseaddr(value)[1])
    if any(map(str.isspace, value.replace(" ", ""))):
        raise ValueError("should stand on one line")
    return value


Interval = Annotated[timedelta, BeforeValidator(_interval), PlainSerializer(_written, return_type=str)]


def _clock(value: object) -> object:
    if isinstance(value, (str, time)):
        return value
    raise ValueError('should be a time of day, like "07:00"')


def _several(value: object) -> object:
    """One time of day is a list of one; each stands once, in order."""
    several = [value] if isinstance(value, (str, time)) else value
    return sorted(set(several), key=str) if isinstance(several, (list, tuple)) else several


def _base(value: str) -> str:
    """An address to which paths are added."""
    if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError('should be an address like "https://news.example.org"')
    return value.rstrip("/")


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: Those that a digest speaks: each has a catalogue of phrases in exporters/languages/.
Language = Literal["en", "de", "fr", "es"]
Clock = Annotated[time, BeforeValidator(_clock), PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Zone = Annotated[str, AfterValidator(_zone)]
Count = Annotated[int, Field(ge=1, le=1000)]
Address = Annotated[str, AfterValidator(one_address)]
Sender = Annotated[str, AfterValidator(_sender)]


class Section(BaseModel):
    """A part of the settings; a key that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(Section):
    """Where documents come from: a path for files, an address for a feed."""

    kind: str = "seeds"
    path: str = "seeds/**/*.txt"
    url: str = ""
    title: str = ""
    section: str = ""
    language: str = ""
    shuffled: bool = True
    every: Interval = timedelta(hours=1)
    full_text: Literal["auto", "always", "never"] = "auto"
    done: str = ""
    failed: str = ""


class WebSettings(Section):
    """How feeds and pages are fetched."""

    contact: str = ""
    allow: tuple[str, ...] = ()
    timeout: Interval = timedelta(seconds=30)
    megabytes: Annotated[int, Field(ge=1, le=200)] = 10
    delay: Annotated[float, Field(ge=0, le=3600)] = 1.0
    at_once: Annotated[int, Field(ge=1, le=512)] = 64


class EdmundsonSettings(Section):
    """Cue words of the ranker "edmundson"."""

    bonus: tuple[str, ...] = ()
    stigma: tuple[str, ...] = ()


class ReadingSettings(Section):
    """How a document is read."""

    ranker: str = "unbury"
    sentences: Count = 3
    words: Annotated[int, Field(ge=0)] = 0
    edmundson: EdmundsonSettings = EdmundsonSettings()


class RuleSettings(Section):
    """What to do with documents that have any of the words, or come from any of the outlets, sources or sections."""

    name: str
    words: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    mute: bool = False
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    section: str = ""

    @model_validator(mode="after")
    def _means_something(self) -> RuleSettings:
        if not (self.words or self.outlets or self.sources or self.sections):
            raise ValueError("should name words, outlets, sources or sections")
        if not self.mute and self.weight == 1.0 and not self.section:
            raise ValueError("should mute, give a weight or name a section")
        return self


class DigestSettings(Section):
    """A digest: when it is made and out of what, how long it is, in which forms it is written, and who gets it."""

    title: str = "Unbury"
    at: Annotated[tuple[Clock, ...], BeforeValidator(_several), Field(min_length=1, max_length=24)] = (time(7),)
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = get_args(Weekday)
    zone: Zone = "local"
    catch_up: Interval = timedelta(hours=12)
    empty: bool = False
    language: Language = "en"
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    stories: Count = 12
    sentences: Count = 3
    words: Annotated[int, Field(ge=0, le=100_000)] = 900
    ranker: str = "unbury"
    memory: Annotated[int, Field(ge=0, le=1000)] = 14
    rules: tuple[RuleSettings, ...] = ()
    forms: tuple[str, ...] = ("html", "text", "markdown", "json", "epub")
    subscribers: tuple[Address, ...] = ()
    webhooks: tuple[Name, ...] = ()


class WebhookSettings(Section):
    """A server that is told of each edition: where, signed with which secret, in whose shape."""

    url: SecretStr
    secret: SecretStr = SecretStr("")
    shape: Literal["json", "slack", "discord", "ntfy"] = "json"


class ServeSettings(Section):
    """`unbury serve`: where it listens, and under which address the world reaches it (empty: not at all)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    base_url: Annotated[str, AfterValidator(_base)] = ""


class SmtpSettings(Section):
    """The server that takes e-mail; without a host, no mail is sent."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: Sender = "Unbury <unbury@localhost>"
    unsubscribe: Address | Literal[""] = ""
    connections: Annotated[int, Field(ge=1, le=64)] = 4
    on_doubt: Literal["resend", "hold"] = "resend"


class LimitSettings(Section):
    """How long a job of each kind may take before Celery kills it; its lease is a tenth longer."""

    ingest: Interval = timedelta(minutes=5)
    read: Interval = timedelta(minutes=2)
    compose: Interval = timedelta(minutes=10)
    # RFC 5321, 4.5.3.2.6: a server may take 10 minutes to answer the final dot.
    deliver: Interval = timedelta(minutes=12)
    prune: Interval = timedelta(minutes=2)


class RetentionSettings(Section):
    """How long what is done with is kept."""

    jobs: Interval = timedelta(days=30)
    texts: Interval = timedelta(days=365)


class LogSettings(Section):
    """What is logged, and how."""

    format: Literal["auto", "text", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "warning"


class Settings(Section):
    """Everything that can be set."""

    database_url: SecretStr = SecretStr("sqlite:///var/unbury.db")
    broker_url: SecretStr = SecretStr("")
    out: Path = Path("out")
    feeds: Path = Path("config/feeds.opml")
    templates: str = ""
    sources: dict[Name, SourceSettings] = {"seeds": SourceSettings()}
    digests: dict[Name, DigestSettings] = {"daily": DigestSettings()}
    reading: ReadingSettings = ReadingSettings()
    web: WebSettings = WebSettings()
    smtp: SmtpSettings = SmtpSettings()
    webhooks: dict[Name, WebhookSettings] = {}
    serve: ServeSettings = ServeSettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    alive: str = ""
    log: LogSettings = LogSettings()
