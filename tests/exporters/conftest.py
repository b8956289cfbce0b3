"""The builders of editions, as fixtures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.exporters.editions import dispositions, edition, item, link
from worker.edition import Disposition, Edition, Item, Link


@pytest.fixture(scope="session")
def make_link() -> Callable[..., Link]:
    """Makes a way to a document."""
    return link


@pytest.fixture(scope="session")
def make_item() -> Callable[..., Item]:
    """Makes a story."""
    return item


@pytest.fixture(scope="session")
def make_edition() -> Callable[..., Edition]:
    """Makes an edition."""
    return edition


@pytest.fixture(scope="session")
def make_account() -> Callable[..., list[Disposition]]:
    """Makes an account."""
    return dispositions
