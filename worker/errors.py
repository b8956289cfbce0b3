"""Everything that is raised on purpose: each message a sentence for the user, all of it pickles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnburyError(Exception):
    """Something went wrong that the user can be told about.

    `message` says what, `hint` says what to do; both are the exception's arguments, so that it
    survives the way through a queue. `exit_code` is what the command ends with.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(UnburyError):
    """The command was asked for something that cannot be."""

    exit_code = 2


class ConfigError(UnburyError):
    """The configuration cannot be used as it stands."""

    exit_code = 3


class UnknownName(ConfigError):
    """A plug-in, source or digest is named that does not exist."""


class FormFailed(UnburyError):
    """A form could not be made of an edition; it says which. Who has others gets those."""


class Unreachable(UnburyError):
    """A service that is needed does not answer."""

    exit_code = 4


class StoreError(UnburyError):
    """The database cannot be used as it stands."""


class AlreadyRunning(UnburyError):
    """Another run holds the lock."""

    exit_code = 7


class JobLost(UnburyError):
    """A job was taken over by somebody else while it was being done; its effect was dropped."""


class NotFound(UnburyError):
    """What was asked for is not in the store."""


class DeliveryFailed(UnburyError):
    """An edition could not be handed over now; it is tried again for a day."""


class DeliveryRefused(DeliveryFailed):
    """An edition was refused for good; trying again would be refused as well."""


class DeliveryDoubtful(DeliveryFailed):
    """An edition was handed over, and no answer came: it may have arrived."""


class OutOfMemory(UnburyError):
    """The work took more memory than there is."""


class ProcessLost(UnburyError):
    """A process that read documents ended before it had an answer."""


class ParsingFailed(UnburyError):
    """What strangers wrote could not be parsed within the limits."""


class Unparsable(UnburyError):
    """What strangers wrote is not what it should be; says on which line, if it can be told."""

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line


class FetchFailed(UnburyError):
    """A server did not give what it was asked for; it is asked again later."""


class Refused(FetchFailed):
    """An address is one that is not fetched: not http, or not on the public internet."""


class HostBusy(UnburyError):
    """Somebody else of ours is asking this host; it is this one's turn a little later."""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The known word that was meant, perhaps; "" if none is like it."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)), "")


def unknown_name(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name nobody knows, with the nearest known one."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(names) or 'none'}"
    return UnknownName(f"there is no {what} named {name!r}", hint)
