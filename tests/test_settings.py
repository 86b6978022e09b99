"""Settings from environment variables."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from cc_async import Settings
from cc_async.errors import InvalidRequestError

VARIABLES = {
    "CC_ASYNC_BASE_URL": "https://api.example.com/v3",
    "CC_ASYNC_ALLOW_HTTP": "1",
    "CC_ASYNC_AUTH_URL": "https://auth.example.com",
    "CC_ASYNC_ACCESS_TOKEN": "access-1",
    "CC_ASYNC_CLIENT_ID": "client-1",
    "CC_ASYNC_CLIENT_SECRET": "secret-1",
    "CC_ASYNC_REFRESH_TOKEN": "refresh-1",
    "CC_ASYNC_PROFILE": "acme",
    "CC_ASYNC_ACCOUNT": "acme-shop",
    "CC_ASYNC_HOME": "/var/lib/acme",
    "CC_ASYNC_STORE": "memory:",
    "CC_ASYNC_BUDGET_STORE": "redis://budget",
    "CC_ASYNC_TOKEN_STORE": "keyring:",
    "CC_ASYNC_JOURNAL_STORE": "postgresql://journals",
    "CC_ASYNC_PER_SECOND": "2",
    "CC_ASYNC_PER_DAY": "500",
    "CC_ASYNC_RESERVE": "0.25",
    "CC_ASYNC_SHARE_WITHOUT_STORE": "0.5",
    "CC_ASYNC_SETTLE_SECONDS": "1.5",
}


def test_every_variable_sets_its_setting() -> None:
    """Each setting has a variable of its name, and its default does not survive it."""
    settings, defaults = Settings.from_environ(VARIABLES), Settings()
    for field in attrs.fields(Settings):
        assert f"CC_ASYNC_{field.name.upper()}" in VARIABLES
        assert getattr(settings, field.name) != getattr(defaults, field.name), field.name
    assert (settings.per_second, settings.per_day, settings.reserve) == (2, 500, 0.25)
    assert settings.home == Path("/var/lib/acme")


def test_an_empty_variable_counts_as_unset() -> None:
    """With empty variables all settings have their defaults."""
    assert Settings.from_environ(dict.fromkeys(VARIABLES, "")) == Settings.from_environ({})


def test_every_default_can_be_given() -> None:
    """A variable that holds the default of its setting changes nothing."""
    for field in attrs.fields(Settings):
        default = getattr(Settings(), field.name)
        if default is not None:
            name = f"CC_ASYNC_{field.name.upper()}"
            given = Settings.from_environ({name: str(default)})
            assert getattr(given, field.name) == default, name
    no_share = Settings.from_environ({"CC_ASYNC_SHARE_WITHOUT_STORE": "0"})
    assert no_share.share_without_store is None


@pytest.mark.parametrize("name", ["CC_ASYNC_RESERVE", "CC_ASYNC_SHARE_WITHOUT_STORE"])
def test_a_share_lies_between_none_and_all(name: str) -> None:
    """0 and 1 are accepted; what lies beyond is refused by name, not later by the budget."""
    for text in ("0", "0.0", "1", "1.0"):
        Settings.from_environ({name: text})
    for text in ("-0.1", "1.01", "20", "nan", "some"):
        with pytest.raises(InvalidRequestError, match=name) as caught:
            Settings.from_environ({name: text})
        assert "0 to 1" in caught.value.hint


def test_every_variable_is_documented() -> None:
    """The source names the variable beside its setting."""
    source = (Path(__file__).parents[1] / "cc_async" / "settings.py").read_text()
    fields = source[: source.index("def from_environ")]
    assert [name for name in VARIABLES if f"`{name}`" not in fields] == []


def test_no_secret_is_shown() -> None:
    """The `repr` of settings holds no token, no secret and no address of a store."""
    shown = repr(Settings.from_environ(VARIABLES))
    for secret in ("access-1", "secret-1", "refresh-1", "redis:", "postgresql:"):
        assert secret not in shown


def test_each_store_has_its_own_url_or_the_common_one() -> None:
    """Budget, sign-ins and journals are in the store, or in stores of their own."""
    own = Settings.from_environ(VARIABLES)
    assert own.budget_url == "redis://budget"
    assert own.token_url == "keyring:"
    assert own.journal_url == "postgresql://journals"
    common = Settings.from_environ({"CC_ASYNC_STORE": "memory:"})
    assert {common.budget_url, common.token_url, common.journal_url} == {"memory:"}
    default = Settings.from_environ({"CC_ASYNC_HOME": "/srv/state"})
    assert default.budget_url == "sqlite:////srv/state/cc-async.sqlite3"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CC_ASYNC_PER_SECOND", "fast"),
        ("CC_ASYNC_PER_SECOND", "0.5"),
        ("CC_ASYNC_PER_DAY", "-1"),
        ("CC_ASYNC_RESERVE", "nan"),
        ("CC_ASYNC_SETTLE_SECONDS", "inf"),
    ],
)
def test_a_wrong_number_is_refused_by_name(name: str, text: str) -> None:
    """The error and its remedy name the variable."""
    with pytest.raises(InvalidRequestError, match=name) as caught:
        Settings.from_environ({name: text})
    assert name in caught.value.hint


def test_plain_http_is_allowed_by_the_one_value_that_says_so() -> None:
    """Tokens are sent unencrypted to another machine only where the variable is 1."""
    assert Settings.from_environ({"CC_ASYNC_ALLOW_HTTP": "1"}).allow_http
    for text in ("", "0", "no", "true"):
        assert not Settings.from_environ({"CC_ASYNC_ALLOW_HTTP": text}).allow_http
