"""Settings: everything that can be set, and what it is by default."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from worker.values import Address, Base, Clocks, Count, Interval, Language, Name, Options, Place, Sender, Where, Zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Section(BaseModel):
    """A part of the settings; a key that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(Section):
    """Where documents come from: a path for files, an address for a feed."""

    kind: str = "seeds"
    """What it is: "seeds", "files", "feed" (docs/sources.md), or your own "module:function"."""
    path: str = "seeds/**/*.txt"
    """A file, a folder or a glob (seeds, files)."""
    url: str = ""
    """The address of a feed, or of a page that names its feed (feed)."""
    title: str = ""
    """A feed's name in lists; empty: its own."""
    section: str = ""
    """What a source belongs to, as a folder in feeds.opml."""
    language: str = ""
    """The language of the texts, as a two-letter code; empty: told from each text."""
    shuffled: bool = True
    """The paragraphs' order is lost (seed files)."""
    every: Interval = timedelta(hours=1)
    """How often a running worker looks: 30s, 15m, 1h, 2d; a feed with little news more seldom."""
    full_text: Literal["auto", "always", "never"] = "auto"
    """Fetch the page of an entry: "auto" for teasers, "always", "never" (feed)."""
    done: str = ""
    """A folder to which files are moved once they are stored (files)."""
    failed: str = ""
    """A folder for files that cannot be read (files)."""
    options: Options = {}
    """Settings of a kind of your own, under whatever names it asks for (docs/plugins.md)."""


class WebSettings(Section):
    """How feeds and pages are fetched."""

    contact: str = ""
    """An address at which servers' owners reach you; it is sent along with every request."""
    allow: tuple[str, ...] = ()
    """Your own hosts, addresses or networks that are not public: ["intranet", "192.168.1.0/24"]."""
    timeout: Interval = timedelta(seconds=30)
    """How long one request may take, with its redirects."""
    megabytes: Annotated[int, Field(ge=1, le=200)] = 10
    """The most that is taken of one feed or page, unpacked."""
    delay: Annotated[float, Field(ge=0, le=3600)] = 1.0
    """Seconds that a host rests after each request; it is never asked twice at a time."""
    at_once: Annotated[int, Field(ge=1, le=512)] = 64
    """Requests that `unbury run` has under way, each to another host."""


class EdmundsonSettings(Section):
    """Cue words of the ranker "edmundson"."""

    bonus: tuple[str, ...] = ()
    """Sentences with these words gain."""
    stigma: tuple[str, ...] = ()
    """Sentences with these words lose."""


class ReadingSettings(Section):
    """How a document is read."""

    ranker: str = "unbury"
    """Who scores the sentences: as digests.NAME.ranker."""
    sentences: Count = 3
    """Sentences of a summary, at most."""
    words: Annotated[int, Field(ge=0)] = 0
    """Words of a summary, at most; 0: no limit."""
    edmundson: EdmundsonSettings = EdmundsonSettings()
    """Cue words of the ranker "edmundson"."""


class RuleSettings(Section):
    """What to do with documents that fit: of each kind that is named, one must."""

    name: str
    """What the account calls it."""
    words: tuple[str, ...] = ()
    """Documents with any of these words in title or first sentences, or twice; "goalkeep*": goalkeepers as well."""
    outlets: tuple[str, ...] = ()
    """Documents from any of these outlets, like "coast-wire.example"; patterns as well."""
    sources: tuple[str, ...] = ()
    """Documents from any of these sources; "press-*" is any whose name begins so."""
    sections: tuple[str, ...] = ()
    """Documents from any of these sections; patterns as well."""
    mute: bool = False
    """Do not tell them."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """More than 1: rather told, and earlier; less: later."""
    section: str = ""
    """The heading that they stand under."""

    @model_validator(mode="after")
    def _means_something(self) -> RuleSettings:
        if not (self.words or self.outlets or self.sources or self.sections):
            raise ValueError("should name words, outlets, sources or sections")
        if not self.mute and self.weight == 1.0 and not self.section:
            raise ValueError("should say mute = true, a weight other than 1, or a section")
        return self


class ChannelSettings(Section):
    """A further channel that a digest is handed to: "files" (a folder), or one of your own (docs/plugins.md)."""

    kind: str
    """What hands it over: "files", or a name or "module:attribute" of your own."""
    address: Where = ""
    """Where to: for "files" a folder, else in the channel's own words."""
    forms: tuple[str, ...] = ("text",)
    """The forms that it gets."""
    options: Options = {}
    """Settings of a channel of your own, under whatever names it asks for."""


class DigestSettings(Section):
    """A digest: when it is made and out of what, how long it is, in which forms it is written, and who gets it."""

    title: str = "Unbury"
    """What it is called, in the subject of its mail as well."""
    at: Clocks = (time(7),)
    """From this time of day on, the day's edition is due; or several times, an edition for each."""
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = get_args(Weekday)
    """On which days."""
    zone: Zone = "local"
    """Whose time it is: "local", or a name like "Europe/Berlin"."""
    catch_up: Interval = timedelta(hours=12)
    """An edition that was missed (no power, no network) is made so much later; else the next covers it."""
    empty: bool = False
    """True: a day with nothing new is told, too."""
    language: Language = "en"
    """The language of its own words: en, de, fr, es. Quotations stay as they are."""
    sources: tuple[str, ...] = ()
    """What it is made of: names of sources, or patterns like "press-*"; none: all."""
    sections: tuple[str, ...] = ()
    """What it is made of by the sources' sections; none: all."""
    languages: tuple[str, ...] = ()
    """What it is made of by the texts' languages, like ["en", "de"]; none: all."""
    stories: Count = 12
    """Stories in an edition, at most."""
    sentences: Count = 3
    """Sentences of a story, at most."""
    words: Annotated[int, Field(ge=0, le=100_000)] = 900
    """Words in all, at most: 900 are a 4-minute digest; 0: no limit. A quiet day is short and says so."""
    ranker: str = "unbury"
    """Who scores the sentences: "unbury", one of sumy's like "lexrank", or your own "module:function"."""
    memory: Annotated[int, Field(ge=0, le=1000)] = 14
    """A sentence told in so many last editions is not told again."""
    rules: tuple[RuleSettings, ...] = ()
    """What is muted, weighs more or less, or stands under a section (docs/digest.md, "Rules")."""
    forms: tuple[str, ...] = ("html", "text", "markdown", "json", "epub")
    """What is written to `out`; also "atom". "html" is the archive: pages, evidence, index, search, feed.xml."""
    subscribers: tuple[Address, ...] = ()
    """Who gets it by e-mail: ["reader@example.org"]; [smtp] says through whom; or `unbury subscribers add`."""
    webhooks: tuple[Name, ...] = ()
    """Which servers are told of it: names of [webhooks.NAME]."""
    channels: tuple[ChannelSettings, ...] = ()
    """Further channels that it is handed to: "files", or your own (docs/plugins.md)."""


class WebhookSettings(Section):
    """A server that is told of each edition: where, signed with which secret, in whose shape."""

    url: SecretStr
    """Where to post: a secret with most services: better UNBURY_WEBHOOKS__NAME__URL_FILE."""
    secret: SecretStr = SecretStr("")
    """Signs each message if it is set: "whsec_" and base64."""
    shape: Literal["json", "slack", "discord", "ntfy"] = "json"
    """Who it is for: "json" (your own server), "slack", "discord" or "ntfy"."""


class ServeSettings(Section):
    """`unbury serve`: where it listens, and under which address the world reaches it (empty: not at all)."""

    host: str = "127.0.0.1"
    """Where it listens."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """On which port."""
    base_url: Base = ""
    """How the world reaches it, like "https://news.example.org"; empty: mails unsubscribe by mail."""


class SmtpSettings(Section):
    """The server that takes e-mail; without a host, no mail is sent."""

    host: str = ""
    """The server that takes e-mail; empty: no mail is sent."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """On which port: 587 for "starttls", mostly 465 for "tls"."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the line is kept secret: "starttls", "tls", or "none" for a server on this machine."""
    user: str = ""
    """Who logs in; empty: nobody."""
    password: SecretStr = SecretStr("")
    """Better in a file that only you can read, which password_file or UNBURY_SMTP__PASSWORD_FILE names."""
    password_file: Where = ""
    """A file that holds the password."""
    sender: Sender = "Unbury <unbury@localhost>"
    """Who the mails are from."""
    unsubscribe: Address | Literal[""] = ""
    """Who reads the mails that unsubscribe; empty: the sender. With serve.base_url, one click does it."""
    connections: Annotated[int, Field(ge=1, le=64)] = 4
    """How many lines are open at once, with many subscribers."""
    on_doubt: Literal["resend", "hold"] = "resend"
    """A mail that was on its way when the machine died: "resend" the very same, or "hold" it for you to decide."""


class LimitSettings(Section):
    """How long a job of each kind may take before Celery kills it; its lease is a tenth longer."""

    ingest: Interval = timedelta(minutes=5)
    """Taking in a source."""
    read: Interval = timedelta(minutes=2)
    """Reading a batch of documents."""
    compose: Interval = timedelta(minutes=10)
    """Making an edition."""
    # RFC 5321, 4.5.3.2.6: a server may take 10 minutes to answer the final dot.
    deliver: Interval = timedelta(minutes=12)
    """Handing an edition to one reader."""
    prune: Interval = timedelta(minutes=2)
    """Forgetting what is old."""


class RetentionSettings(Section):
    """How long what is done with is kept."""

    jobs: Interval = timedelta(days=30)
    """Jobs that are done."""
    texts: Interval = timedelta(days=365)
    """The texts of documents that every digest has accounted for."""


class LogSettings(Section):
    """What is logged, and how."""

    format: Literal["auto", "text", "json"] = "auto"
    """How a line looks: "text", "json", or "auto": text on a terminal."""
    level: Literal["debug", "info", "warning", "error"] = "warning"
    """From which level on: debug, info, warning, error."""


class Settings(Section):
    """Everything that can be set."""

    database_url: SecretStr = SecretStr("sqlite:///var/unbury.db")
    """SQLite or "postgresql://user:password@host/name"; with a password better UNBURY_DATABASE_URL_FILE."""
    broker_url: SecretStr = SecretStr("")
    """Redis, for Celery; empty: none. `unbury run` and `unbury work` need none."""
    out: Place = Path("out")
    """The folder of editions: out/YYYY-MM-DD/, or out/NAME/YYYY-MM-DD/ with several digests."""
    feeds: Place = Path("config/feeds.opml")
    """The list of the feeds you read; `unbury feeds add` writes it, and it is read again when it changes."""
    templates: Where = ""
    """A folder with templates of your own, like mail.html.j2 (docs/digest.md)."""
    sources: dict[Name, SourceSettings] = {"seeds": SourceSettings()}
    """Where documents come from, by names of your own: lower-case letters, digits, - and _."""
    digests: Annotated[dict[Name, DigestSettings], Field(min_length=1)] = {"daily": DigestSettings()}
    """When an edition is made and out of what, how long it is, in which forms, and who gets it."""
    reading: ReadingSettings = ReadingSettings()
    """How `unbury read` and `unbury show` summarise one document."""
    web: WebSettings = WebSettings()
    """How feeds and pages are fetched."""
    smtp: SmtpSettings = SmtpSettings()
    """The server that takes e-mail."""
    webhooks: dict[Name, WebhookSettings] = {}
    """Servers that are told of each edition, by names of your own (docs/webhooks.md)."""
    serve: ServeSettings = ServeSettings()
    """`unbury serve`: unsubscribing with one click, the editions, health (docs/serve.md)."""
    limits: LimitSettings = LimitSettings()
    """How long a job of each kind may take before Celery kills it; its lease is a tenth longer."""
    retention: RetentionSettings = RetentionSettings()
    """How long what is done with is kept; what was told and accounted for is never forgotten."""
    alive: Where = ""
    """A file that a running Celery worker or beat touches, for health checks."""
    log: LogSettings = LogSettings()
    """What is logged, and how."""


def inner(annotation: Any) -> type[Section] | None:
    """The section that a key of this type holds: itself, by names of the user's, or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(inner, get_args(annotation))), None)
