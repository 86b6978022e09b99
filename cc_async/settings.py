"""Settings from environment variables, for the library and the command."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from cc_async.auth import AUTH_URL
from cc_async.errors import InvalidRequestError
from cc_async.models import masked
from cc_async.stores import default_home, default_store_url

API_URL = "https://api.cc.email/v3"
DEFAULT_PROFILE = "default"

_PER_SECOND, _PER_DAY = 4, 10_000
"""Requests that the service allows an application.

https://developer.constantcontact.com/api_guide/rate_limits.html
"""

_SETTLE_SECONDS = 120.0
"""Seconds until an accepted import must show among the activities.

The provider gives no figure; integrations wait as long before they trust filters by time.
"""


@attrs.frozen
class Settings:
    """The settings of a client, each with the environment variable that sets it.

    Every setting has a default. A client without an access token uses the sign-in of the profile,
    or the refresh token.
    """

    base_url: str = API_URL
    """Address of the API: `CC_ASYNC_BASE_URL`."""
    allow_http: bool = False
    """Whether addresses of other machines may be `http://`, and tokens so readable on the way:
    `CC_ASYNC_ALLOW_HTTP`, which is 1 or not set."""
    auth_url: str = AUTH_URL
    """Address of the authorization server: `CC_ASYNC_AUTH_URL`."""
    access_token: str | None = attrs.field(default=None, repr=False)
    """A fixed access token: `CC_ASYNC_ACCESS_TOKEN`."""
    client_id: str | None = None
    """API key of the application: `CC_ASYNC_CLIENT_ID`."""
    client_secret: str | None = attrs.field(default=None, repr=False)
    """Secret of the application, if it has one: `CC_ASYNC_CLIENT_SECRET`."""
    refresh_token: str | None = attrs.field(default=None, repr=False)
    """A refresh token in place of a sign-in: `CC_ASYNC_REFRESH_TOKEN`; needs the API key."""
    profile: str = DEFAULT_PROFILE
    """Name of the sign-in: `CC_ASYNC_PROFILE`."""
    account: str = ""
    """Your name for the account, for tokens that do not tell it: `CC_ASYNC_ACCOUNT`."""
    home: Path = attrs.field(factory=default_home)
    """Folder for state: `CC_ASYNC_HOME`; by default the platform's folder for user state."""
    store: str | None = attrs.field(default=None, repr=masked)
    """URL of the store: `CC_ASYNC_STORE`; by default a SQLite file in *home*."""
    budget_store: str | None = attrs.field(default=None, repr=masked)
    """URL of another store for the budget alone: `CC_ASYNC_BUDGET_STORE`."""
    token_store: str | None = attrs.field(default=None, repr=masked)
    """URL of another store for sign-ins alone: `CC_ASYNC_TOKEN_STORE`."""
    journal_store: str | None = attrs.field(default=None, repr=masked)
    """URL of another store for journals alone: `CC_ASYNC_JOURNAL_STORE`."""
    per_second: int = _PER_SECOND
    """Requests a second: `CC_ASYNC_PER_SECOND`."""
    per_day: int = _PER_DAY
    """Requests a day: `CC_ASYNC_PER_DAY`."""
    reserve: float = 0.0
    """Share of the day for interactive calls, 0 to 1: `CC_ASYNC_RESERVE`."""
    share_without_store: float | None = None
    """Share of the limits while the budget's store fails: `CC_ASYNC_SHARE_WITHOUT_STORE`.

    `None`: a failing store is an error.
    """
    settle_seconds: float = _SETTLE_SECONDS
    """Seconds of the search for a lost answer: `CC_ASYNC_SETTLE_SECONDS`."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings from the variables `CC_ASYNC_…`.

        Raises:
            InvalidRequestError: The variable of a number holds none, or one out of range.
        """
        env = os.environ if environ is None else environ
        home = env.get("CC_ASYNC_HOME")
        return cls(
            base_url=env.get("CC_ASYNC_BASE_URL") or API_URL,
            allow_http=env.get("CC_ASYNC_ALLOW_HTTP") == "1",
            auth_url=env.get("CC_ASYNC_AUTH_URL") or AUTH_URL,
            access_token=env.get("CC_ASYNC_ACCESS_TOKEN") or None,
            client_id=env.get("CC_ASYNC_CLIENT_ID") or None,
            client_secret=env.get("CC_ASYNC_CLIENT_SECRET") or None,
            refresh_token=env.get("CC_ASYNC_REFRESH_TOKEN") or None,
            profile=env.get("CC_ASYNC_PROFILE") or DEFAULT_PROFILE,
            account=env.get("CC_ASYNC_ACCOUNT") or "",
            home=Path(home).expanduser() if home else default_home(),
            store=env.get("CC_ASYNC_STORE") or None,
            budget_store=env.get("CC_ASYNC_BUDGET_STORE") or None,
            token_store=env.get("CC_ASYNC_TOKEN_STORE") or None,
            journal_store=env.get("CC_ASYNC_JOURNAL_STORE") or None,
            per_second=_whole(env, "CC_ASYNC_PER_SECOND", _PER_SECOND),
            per_day=_whole(env, "CC_ASYNC_PER_DAY", _PER_DAY),
            reserve=_share(env, "CC_ASYNC_RESERVE"),
            share_without_store=_share(env, "CC_ASYNC_SHARE_WITHOUT_STORE") or None,
            settle_seconds=_above_zero(env, "CC_ASYNC_SETTLE_SECONDS", _SETTLE_SECONDS),
        )

    @property
    def budget_url(self) -> str:
        """URL of the store for the budget."""
        return self.budget_store or self.store or default_store_url(self.home)

    @property
    def token_url(self) -> str:
        """URL of the token store: that of a store, `file:///PATH` or `keyring:`."""
        return self.token_store or self.store or default_store_url(self.home)

    @property
    def journal_url(self) -> str:
        """URL of the store for the journals of jobs."""
        return self.journal_store or self.store or default_store_url(self.home)


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = _above_zero(env, name, default)
    if value < 1:
        raise InvalidRequestError(
            f"{name} is {value:g}, which is below 1", f"Set {name} to 1 or more."
        )
    return int(value)


def _share(env: Mapping[str, str], name: str) -> float:
    value = _number(env, name, 0.0)
    if not 0 <= value <= 1:
        raise InvalidRequestError(
            f"{name} is {env[name]!r}, which is no share", f"Set {name} to a number from 0 to 1."
        )
    return value


def _above_zero(env: Mapping[str, str], name: str, default: float) -> float:
    value = _number(env, name, default)
    if not 0 < value < math.inf:
        raise InvalidRequestError(
            f"{name} is {env[name]!r}, which is no number above zero", f"Set {name} to a number."
        )
    return value


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    """Return the number in a variable; a text that is none becomes one that is out of range."""
    text = env.get(name)
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        return math.nan
