"""Errors: sentences for the user, which survive the way through a queue."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from worker import errors
from worker.errors import UnburyError, UnknownName, unknown_name

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, UnburyError)]


def test_there_are_errors() -> None:
    """All that is raised on purpose is an UnburyError."""
    assert len(ALL) >= 10
    assert all(
        issubclass(kind, UnburyError)
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception)
    )


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_a_pickle(kind: type[UnburyError], protocol: int) -> None:
    """It keeps its type, message, hint and exit code."""
    sent = kind("it “broke”", "mend it")
    came = pickle.loads(pickle.dumps(sent, protocol))  # noqa: S301  # ours
    assert type(came) is kind
    assert came.args == ("it “broke”", "mend it")
    assert (came.message, came.hint, came.exit_code) == ("it “broke”", "mend it", kind.exit_code)
    assert str(came) == str(copy.copy(sent)) == "it “broke”"


@pytest.mark.parametrize("kind", ALL)
def test_an_error_ends_the_command_with_a_code_of_its_own(kind: type[UnburyError]) -> None:
    """Never 0, and the hint may be missing."""
    assert 1 <= kind.exit_code <= 125
    assert kind("x").hint == ""


def test_an_unknown_name_answers_with_the_nearest() -> None:
    """Else it lists what there is."""
    near = unknown_name("ranker", "lexrnk", ["luhn", "lexrank"])
    assert isinstance(near, UnknownName)
    assert (near.message, near.hint) == ("there is no ranker named 'lexrnk'", "did you mean 'lexrank'?")
    assert unknown_name("form", "xyz", ["text", "html"]).hint == "known: html, text"
    assert unknown_name("form", "xyz", []).hint == "known: none"
