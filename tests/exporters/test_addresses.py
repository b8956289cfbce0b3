"""Addresses as feeds and books have to have them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY, SOME
from tests.exporters.editions import edition
from worker.exporters import addresses
from worker.settings import ServeSettings, Settings

#: RFC 3986, of http and https.
URI = re.compile(
    r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?"
    r"((?=[/?#])|$)([A-Za-z0-9/:@!$&'()*+,;=~._-]|%[0-9A-Fa-f]{2})*"
    r"(\?([A-Za-z0-9/:@!$&'()*+,;=~._?-]|%[0-9A-Fa-f]{2})*)?(#([A-Za-z0-9/:@!$&'()*+,;=~._?-]|%[0-9A-Fa-f]{2})*)?"
)
LEADS = st.sampled_from(["https://", "HTTP://", "https://x.example", "https://x.example/", "http://[", "https://ü@"])


@MANY
@given(lead=LEADS, rest=st.text(st.characters()))
def test_an_address_is_a_uri_or_nothing(lead: str, rest: str) -> None:
    """Whatever a feed gave for one; and a URI stays what it is."""
    made = addresses.uri(lead + rest)
    assert made == "" or URI.fullmatch(made)
    assert addresses.uri(made) == made


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://paper1.example/a/1?b=1&c=2#d", "https://paper1.example/a/1?b=1&c=2#d"),
        ("HTTPS://Zürich.example/ä?ö=%FC&x=%", "https://xn--zrich-kva.example/%C3%A4?%C3%B6=%FC&x=%25"),
        ("https://ann:secret@x.example:8443/[1]", "https://x.example:8443/%5B1%5D"),
        ("https://some_blog.x.example", "https://some_blog.x.example"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]:80/"),
        ("http://192.0.2.1/", "http://192.0.2.1/"),
    ],
)
def test_a_real_address_stays_one(given: str, expected: str) -> None:
    """It leads where it led, but without credentials."""
    assert addresses.uri(given) == expected


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "/a/1",
        "https://",
        "https:///a",
        "https://x.example:99999/",
        "https://x.example:port/",
        "http://1.2.3.400/",
        "http://[::1/",
        "https://x..example/",
        "https://xn--.example/",
        "https://-x.example/",
    ],
)
def test_what_leads_nowhere_is_no_address(url: str) -> None:
    assert addresses.uri(url) == ""


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("", "tag:unbury.invalid,2026-11-23:/editions/edition-id"),
        ("https://news.example.org", "tag:news.example.org,2026-11-23:/editions/edition-id"),
        ("https://pages.example/~ann:8/", "tag:pages.example,2026-11-23:/~ann:8/editions/edition-id"),
        ("https://Zürich.example", "tag:xn--zrich-kva.example,2026-11-23:/editions/edition-id"),
    ],
)
def test_an_edition_has_one_id(base: str, expected: str) -> None:
    """Of the site's host and path, if it has an address, of its day and its id."""
    settings = Settings(serve=ServeSettings(base_url=base))
    assert addresses.edition_tag(settings, edition()) == expected


@SOME
@given(base=st.from_regex(r"\Ahttps?://[^\s/?#]+(/[^\s?#]*)?\Z"))
def test_every_base_makes_an_id(base: str) -> None:
    """RFC 4151, whatever address the settings allow."""
    made = addresses.edition_tag(Settings(serve=ServeSettings(base_url=base)), edition())
    assert re.fullmatch(r"tag:[a-z0-9._-]+,2026-11-23:([A-Za-z0-9/:@!$&'()*+,;=~._-]|%[0-9A-Fa-f]{2})+", made)
