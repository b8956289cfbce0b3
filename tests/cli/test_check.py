"""`unbury config check`: everything that is wrong, at once."""

from __future__ import annotations

import pytest

from tests.cli.desk import Desk
from tests.cli.shapes import shapes, unlike
from worker.configuration.loading import load

SECRET = "hunter2-is-a-secret"  # protects nothing
WRONG = f"""
outt = "there"
templates = "forms"

[sources.a]
kind = "seedz"
[sources.b]
kind = "feed"
[digests.daily]
storys = 4
stories = 0
zone = "Mars/Base"
ranker = "lexrnk"
forms = ["htlm", "text"]
subscribers = ["reader@example.org"]
webhooks = ["teem"]
[[digests.daily.rules]]
name = "ok"
words = ["x"]
mute = true
[[digests.daily.rules]]
name = "empty"

[webhooks.team]
url = "ftp://{SECRET}"
[webhooks.phone]
url = "https://ntfy.example/"
shape = "ntfy"
[webhooks.desk]
url = "https://desk.example/{SECRET}"
secret = "{SECRET}!"

[[digests.daily.channels]]
kind = "file"
[[digests.daily.channels]]
kind = "mail"
[[digests.daily.channels]]
kind = "files"
[[digests.daily.channels]]
kind = "files"
address = "out"
forms = ["txt"]
"""
#: What is said of it: the line (0: it is in no file), the key, what is in the sentence, and in the hint.
SAID = [
    (2, "outt", "no key 'outt'", "'out'"),
    (10, "digests.daily.storys", "no key 'digests.daily.storys'", "'digests.daily.stories'"),
    (11, "digests.daily.stories", "is 0", "reference digests"),
    (12, "digests.daily.zone", "'Mars/Base'", "reference digests"),
    (21, "digests.daily.rules.1", "should name words", "reference digests"),
    (6, "sources.a.kind", "no source kind named 'seedz'", "'seeds'"),
    (7, "sources.b", "a feed without an address", "url"),
    (13, "digests.daily.ranker", "no ranker named 'lexrnk'", "'lexrank'"),
    (14, "digests.daily.forms", "no form named 'htlm'", "'html'"),
    (15, "digests.daily.subscribers", "no server takes their mail", "smtp.host"),
    (16, "digests.daily.webhooks", "no webhook named 'teem'", "'team'"),
    (3, "templates", "mail.html.j2", "mend it"),
    (24, "webhooks.team", "no http or https address", "set it"),
    (26, "webhooks.phone", "names no topic", "ntfy.sh"),
    (29, "webhooks.desk", "is not whsec_ and base64", "openssl"),
    (34, "digests.daily.channels.0.kind", "no channel named 'file'", "'files'"),
    (36, "digests.daily.channels.1.kind", "'mail' is no channel to be listed here", "`subscribers`"),
    (38, "digests.daily.channels.2.kind", "the channel 'files' has no address", "the folder to write to"),
    (42, "digests.daily.channels.3.forms", "no form named 'txt'", "'text'"),
    (0, "feeds", "config/feeds.opml", "OPML"),
]


@pytest.fixture
def wrong(desk: Desk) -> Desk:
    """A desk where much is wrong."""
    desk.configure(WRONG)
    (desk.folder / "forms").mkdir()
    (desk.folder / "forms" / "mail.html.j2").write_text("{% if %}", encoding="utf-8")
    (desk.folder / "config" / "feeds.opml").write_text("no OPML", encoding="utf-8")
    return desk


def test_everything_that_is_wrong_is_said_at_once(wrong: Desk) -> None:
    """Each with its line, key, sentence and hint; and nothing else."""
    answer = wrong.call("config", "check", "--json")
    assert answer.code == 3
    assert list(unlike(shapes()["config check"], answer.json)) == []
    found = {one["key"]: one for one in answer.json["mistakes"]}
    assert found.keys() == {key for _, key, _, _ in SAID}
    for line, key, said, hint in SAID:
        assert found[key]["place"] == (f"config/unbury.toml:{line}" if line else "")
        assert said in found[key]["message"]
        assert hint in found[key]["hint"]


def test_in_words_each_is_an_error_and_a_hint(wrong: Desk) -> None:
    """On stderr, with the same exit code."""
    answer = wrong.call("config", "check")
    assert (answer.code, answer.out) == (3, "")
    starts = [line.partition(":")[0] for line in answer.err.splitlines()]
    assert starts == ["error", "hint"] * len(SAID)


def test_other_commands_say_the_first_and_where_all_are_said(desk: Desk) -> None:
    """Whoever runs is told where to see all of it."""
    desk.configure("otu = 1\n[log]\nlvl = 'info'\n")
    answer = desk.call("status")
    assert answer.code == 3
    assert "no key 'otu'" in answer.err
    assert answer.err.endswith("(`unbury config check` says all)\n")


def test_no_secret_is_said(wrong: Desk) -> None:
    """Whatever is wrong with it, and wherever it stands."""
    wrong.monkeypatch.setenv("UNBURY_SMTP__PASWORD", SECRET)
    for arguments in (("config", "check"), ("config", "check", "--json"), ("-vv", "config", "check")):
        answer = wrong.call(*arguments)
        assert answer.code == 3
        assert SECRET not in answer.out + answer.err


def test_the_environment_and_the_file_are_said_together(desk: Desk) -> None:
    """An unknown variable, one that is no JSON, one that names no file, and a key of the file."""
    desk.configure("[log]\nlvl = 'info'\n")
    desk.monkeypatch.setenv("UNBURY_DATABSE_URL", "x")
    desk.monkeypatch.setenv("UNBURY_DIGESTS__DAILY__FORMS", '["html')
    desk.monkeypatch.setenv("UNBURY_SMTP__PASSWORD_FILE", "gone")
    desk.monkeypatch.setenv("UNBURY_LOG__LEVEL", "loud")
    mistakes = desk.call("config", "check", "--json").json["mistakes"]
    assert sorted(one["key"] for one in mistakes) == [
        "databse_url", "digests.daily.forms", "log.level", "log.lvl", "unbury_smtp__password_file",
    ]  # fmt: skip
    level = next(one for one in mistakes if one["key"] == "log.level")
    assert level["place"] == "environment UNBURY_LOG__LEVEL"


def test_a_value_that_is_missing_is_said(desk: Desk) -> None:
    """A webhook without an address."""
    desk.configure("[webhooks.team]\nshape = 'slack'\n")
    [one] = desk.call("config", "check", "--json").json["mistakes"]
    assert (one["place"], one["message"]) == ("config/unbury.toml:1", "'webhooks.team.url' is not set, and has to be")


def test_a_check_makes_nothing(wrong: Desk) -> None:
    """Neither a database nor a folder."""
    before = sorted(wrong.folder.rglob("*"))
    wrong.call("config", "check")
    assert sorted(wrong.folder.rglob("*")) == before


def test_a_user_needs_a_password(desk: Desk) -> None:
    """Before the mail server says so; the doctor knows it as well."""
    desk.configure('[smtp]\nhost = "127.0.0.1"\nuser = "me@example.org"\n')
    for code, command in ((0, ("config", "check")), (1, ("doctor",))):
        answer = desk.call(*command)
        assert answer.code == code
        said = answer.out + answer.err
        assert "smtp.user is set, but there is no password" in said
        assert "smtp.password_file names a file" in said


def test_a_file_may_hold_the_password(desk: Desk) -> None:
    """Named in the configuration: nothing has to be exported. One that cannot be read is a mistake, by its line."""
    desk.configure('[smtp]\nhost = "127.0.0.1"\nuser = "me@example.org"\npassword_file = "secret"\n')
    answer = desk.call("config", "check")
    assert answer.code == 3
    assert "config/unbury.toml:4: 'smtp.password_file' names 'secret', which cannot be read" in answer.err
    (desk.folder / "secret").write_text("hush-hush\n", encoding="utf-8")
    answer = desk.call("config", "check")
    assert (answer.code, answer.err) == (0, "")
    assert load().settings.smtp.password.get_secret_value() == "hush-hush"
    assert "hush-hush" not in desk.call("config", "show").out
    desk.monkeypatch.setenv("UNBURY_SMTP__PASSWORD", "other")
    assert load().settings.smtp.password.get_secret_value() == "other"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('[digests.daily]\nat = "6.30"\n', 'should be a time of day like "06:30"'),
        ("digests = {}\n", "'digests' is a table, but should hold at least one"),
        ("smtp = {password_file = '~nouser/x'}\n", "'smtp.password_file' names '~nouser/x', which cannot be read"),
        ('smtp = {password_file = "a\\u0000"}\n', "'smtp.password_file' names 'a\\x00', which cannot be read"),
        ("out = 5\n", 'should be a path like "out"'),
        ("[smtp]\nhost = smtp.post.example\n", 'text needs quotes, like host = "smtp.example.org"'),
    ],
)
def test_a_value_is_refused_in_plain_words(desk: Desk, config: str, said: str) -> None:
    """How it should look, and not what a library calls it."""
    desk.configure(config)
    assert said in desk.call("config", "check").err


def test_a_password_file_without_a_password_is_named(desk: Desk) -> None:
    """It is there, and nothing is in it."""
    desk.configure('[smtp]\nhost = "127.0.0.1"\nuser = "ann"\npassword_file = "secret"\n')
    (desk.folder / "secret").touch()
    assert "secret holds no password" in desk.call("config", "check").err
