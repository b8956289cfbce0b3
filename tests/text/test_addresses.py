"""Addresses: one canonical form, so that a document met twice is one document."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import SOME
from worker.text.identity import canonical

labels = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?", fullmatch=True) | st.sampled_from(
    ["müller", "faß", "日本", "xn--mller-kva", "WWW"]
)
hosts = st.lists(labels, min_size=1, max_size=3).map(lambda found: ".".join([*found, "example"]))
values = st.text("abcXYZ019-._~%äé/ +&=;:@!'()*,", max_size=8)
queries = st.lists(
    st.tuples(st.sampled_from(["id", "ID", "q", "p", "utm_source", "fbclid", "ref", "gclid", "ä", "a[]"]), values),
    max_size=4,
).map(lambda pairs: "&".join(f"{key}={value}" for key, value in pairs))
urls = st.builds(
    lambda scheme, login, host, port, path, query, fragment: (
        f"{scheme}://{login}{host}{port}/{path}{'?' + query if query else ''}{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP", "Https"]),
    st.sampled_from(["", "me@", "me:secret@"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.lists(st.text("abcXYZ019-._~ä%+ ;,@", max_size=6), max_size=3).map("/".join),
    queries,
    st.sampled_from(["", "#", "#top", "#!/a?b=c"]),
)


@SOME
@given(urls)
def test_a_canonical_address_is_its_own(url: str) -> None:
    """Done twice is done once, and no address that can be loses its way here."""
    once = canonical(url)
    assert once == canonical(once)


@SOME
@given(urls)
def test_nobody_s_password_and_no_fragment_is_kept(url: str) -> None:
    """What does not name the text is dropped."""
    assume("me" not in url.split("/", 3)[3])
    once = canonical(url)
    assert "#" not in once.replace("#!", "")
    assert "secret" not in once.split("/")[2]
    assert "@" not in once.split("/")[2]


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://a.example/x?utm_source=mail&utm_medium=m&id=5", "https://a.example/x?id=5"),
        ("https://a.example/x?fbclid=1&gclid=2&id=5", "https://a.example/x?id=5"),
        ("https://a.example/x?UTM_Source=1&mc_cid=2&mc_eid=3&msclkid=4&igshid=5&_ga=6&_hsenc=7", "https://a.example/x"),
        ("https://a.example/x?at_medium=RSS&at_campaign=rss&ns_mchannel=rss&wbraid=1", "https://a.example/x"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example/x#top", "https://a.example/x"),
        ("HTTPS://A.Example/X", "https://a.example/X"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("http://me:secret@a.example/x", "http://a.example/x"),
        ("http://müller.example/ä", "http://xn--mller-kva.example/%C3%A4"),
        ("http://a.example", "http://a.example/"),
        ("  http://a.example/x \n", "http://a.example/x"),
    ],
)
def test_addresses_of_one_text_have_one_form(url: str, form: str) -> None:
    """Tracking, fragment, case of host, default port, login, spaces and scripts make no difference."""
    assert form == canonical(url)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://a.example/x?id=5", "https://a.example/x?id=6"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "http://a.example/x"),
        ("https://a.example/x", "https://www.a.example/x"),
        ("https://a.example/story.php?4711", "https://a.example/story.php?4712"),
        ("https://a.example/#!/one", "https://a.example/#!/two"),
        *(
            (f"https://a.example/news?{name}=101", f"https://a.example/news?{name}=102")
            for name in (
                "ref",
                "source",
                "cid",
                "content",
                "campaign",
                "medium",
                "xtor",
                "session",
                "uid",
                "eid",
                "ad_id",
            )
        ),
    ],
)
def test_addresses_of_two_texts_stay_two(one: str, two: str) -> None:
    """What names another text is kept."""
    assert canonical(one) != canonical(two)


@pytest.mark.parametrize(
    ("url", "form"),
    [("http://[::1]:8080/x", "http://[::1]:8080/x"), ("http://[2001:DB8::1]/", "http://[2001:db8::1]/")],
)
def test_an_address_can_be_a_number(url: str, form: str) -> None:
    """An IPv6 address keeps its brackets."""
    assert form == canonical(url)


@pytest.mark.parametrize("url", ["http://a.example:99999/", "http://a..b/", f"http://{'a' * 64}.example/"])
def test_an_impossible_address_is_a_value_error(url: str) -> None:
    """Whoever calls has one error to catch."""
    with pytest.raises(ValueError, match=r"."):
        canonical(url)
