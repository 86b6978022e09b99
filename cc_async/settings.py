"""Settings from the environment, for the library and the command alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from cc_async.auth import AUTH_URL
from cc_async.errors import InvalidRequestError
from cc_async.stores import default_home, default_store_url

API_URL = "https://api.cc.email/v3"
DEFAULT_PROFILE = "default"


@attrs.frozen
class Settings:
    """What the environment says; each has a default that is right for most.

    *store* is where budget, tokens and journals live; *budget_store*, *token_store* and
    *journal_store* put one of them elsewhere.
    *profile* is whose sign-in counts where there is no *access_token*; *refresh_token* takes the
    place of a sign-in, and needs *client_id*.
    *reserve* and *share_without_store* are those of `Budget`.
    *settle_seconds* is how long a lost answer is looked for.
    """

    base_url: str = API_URL
    auth_url: str = AUTH_URL
    access_token: str | None = attrs.field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = attrs.field(default=None, repr=False)
    refresh_token: str | None = attrs.field(default=None, repr=False)
    profile: str = DEFAULT_PROFILE
    home: Path = attrs.field(factory=default_home)
    store: str | None = None
    budget_store: str | None = None
    token_store: str | None = None
    journal_store: str | None = None
    per_second: int = 4
    per_day: int = 10_000
    reserve: float = 0.0
    share_without_store: float | None = None
    settle_seconds: float = 120.0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings that the variables `CC_ASYNC_…` make.

        Raises:
            InvalidRequestError: A variable holds no number where one is needed.
        """
        env = os.environ if environ is None else environ
        home = env.get("CC_ASYNC_HOME")
        return cls(
            base_url=env.get("CC_ASYNC_BASE_URL") or API_URL,
            auth_url=env.get("CC_ASYNC_AUTH_URL") or AUTH_URL,
            access_token=env.get("CC_ASYNC_ACCESS_TOKEN") or None,
            client_id=env.get("CC_ASYNC_CLIENT_ID") or None,
            client_secret=env.get("CC_ASYNC_CLIENT_SECRET") or None,
            refresh_token=env.get("CC_ASYNC_REFRESH_TOKEN") or None,
            profile=env.get("CC_ASYNC_PROFILE") or DEFAULT_PROFILE,
            home=Path(home).expanduser() if home else default_home(),
            store=env.get("CC_ASYNC_STORE") or None,
            budget_store=env.get("CC_ASYNC_BUDGET_STORE") or None,
            token_store=env.get("CC_ASYNC_TOKEN_STORE") or None,
            journal_store=env.get("CC_ASYNC_JOURNAL_STORE") or None,
            per_second=_whole(env, "CC_ASYNC_PER_SECOND", 4),
            per_day=_whole(env, "CC_ASYNC_PER_DAY", 10_000),
            reserve=_number(env, "CC_ASYNC_RESERVE", 0.0),
            share_without_store=_number(env, "CC_ASYNC_SHARE_WITHOUT_STORE", 0.0) or None,
            settle_seconds=_number(env, "CC_ASYNC_SETTLE_SECONDS", 120),
        )

    @property
    def budget_url(self) -> str:
        """Where the budget lives."""
        return self.budget_store or self.store or default_store_url(self.home)

    @property
    def token_url(self) -> str:
        """Where sign-ins are kept; beside stores it may be `file:///PATH` or `keyring:`."""
        return self.token_store or self.store or default_store_url(self.home)

    @property
    def journal_url(self) -> str:
        """Where the journals of jobs live."""
        return self.journal_store or self.store or default_store_url(self.home)


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = _number(env, name, default)
    if value < 1:
        raise InvalidRequestError(
            f"{name} is {value:g}, which is below 1", f"Set {name} to 1 or more."
        )
    return int(value)


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise InvalidRequestError(
            f"{name} is {text!r}, which is no number above zero", f"Set {name} to a number."
        )
    return value
