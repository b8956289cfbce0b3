"""The browser that tests of pages share; another folder's conftest can import the fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pages.browser import Beholder, beholder


@pytest.fixture(scope="session")
def browser() -> Iterator[Beholder]:
    """The machine's browser, started once for all tests of this process."""
    with beholder() as eyes:
        yield eyes
