"""The options of a client, in three values: network, limits and stores."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import attrs

from cc_async.auth import TokenStore
from cc_async.errors import InvalidRequestError
from cc_async.models import masked
from cc_async.stores import Store
from cc_async.transport import MAX_FILE, MAX_REPLY


def _masked_url(store: object) -> str:
    """Hide an address, which may hold a password; an open store shows itself."""
    return masked(store) if isinstance(store, str) else repr(store)


@attrs.frozen
class Network:
    """How a client reaches the API.

    Args:
        base_url: Address of the API; by default that of the settings,
            `https://api.cc.email/v3` unless `CC_ASYNC_BASE_URL` says otherwise.
        timeout: Seconds for one request and its answer; large bodies get longer.
        connect_timeout: Seconds for the connection to be made.
        proxy: Address of an HTTP proxy.
        ssl_context: Certificates to trust or to present, in place of the system's.
        trust_env: Take proxies from the environment.
        max_reply: Bytes of a reply, unpacked, at most; beyond them the reply is an
            `UnexpectedResponseError`. By default 10 MiB, the most that the service's gateway passes.
        max_file: Bytes of an exported file, unpacked, at most. By default 4 GiB.
        allow_http: Send tokens to another machine unencrypted, where the address says `http://`.
    """

    base_url: str | None = None
    timeout: float = 60.0
    connect_timeout: float = 10.0
    proxy: str | None = attrs.field(default=None, repr=masked)
    ssl_context: ssl.SSLContext | None = None
    trust_env: bool = False
    max_reply: int = MAX_REPLY
    max_file: int = MAX_FILE
    allow_http: bool = False


def _within(
    lowest: int, highest: float = float("inf")
) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    def check(_: object, field: attrs.Attribute[Any], value: float | None) -> None:
        if value is not None and not lowest <= value <= highest:
            most = "more" if highest == float("inf") else f"at most {highest:g}"
            raise InvalidRequestError(
                f"{field.name} is {value:g}", f"Give {lowest} or {most}.", field.name
            )

    return check


@attrs.frozen
class Limits:
    """How many requests the application may send; all its clients on one store share the budget.

    A field that is `None` is taken from the settings, and so from the environment.

    Args:
        per_second: Requests a second.
        per_day: Requests in a UTC day.
        reserve: Share of the day, from 0 to 1, that bulk work leaves to other calls.
        share_without_store: Share of the limits, from 0 to 1, that this process uses on its own
            while the budget's store cannot be reached; with 0 nothing is sent then.
        application: Name of the budget, where the token does not tell the application.

    Raises:
        InvalidRequestError: A number is out of range.
    """

    per_second: int | None = attrs.field(default=None, validator=_within(1))
    per_day: int | None = attrs.field(default=None, validator=_within(1))
    reserve: float | None = attrs.field(default=None, validator=_within(0, 1))
    share_without_store: float | None = attrs.field(default=None, validator=_within(0, 1))
    application: str | None = None


@attrs.frozen
class Stores:
    """Where the budget, sign-ins and the journals of jobs are kept.

    Each is an open store or the URL of one: `memory:`, `sqlite:///PATH`, `redis://…`,
    `postgresql://…`. The client opens a URL and closes it at the end; a store that was given
    open stays open. Stores that are not given are taken from the settings, by default a SQLite
    file in the user's state folder.

    Args:
        store: For everything that has no store of its own.
        budget: For the budget.
        tokens: For sign-ins; `file:///PATH` and `keyring:` are possible, too.
        journal: For the journals of imports and bulk sign-ups.
    """

    store: Store | str | None = attrs.field(default=None, repr=_masked_url)
    budget: Store | str | None = attrs.field(default=None, repr=_masked_url)
    tokens: TokenStore | str | None = attrs.field(default=None, repr=_masked_url)
    journal: Store | str | None = attrs.field(default=None, repr=_masked_url)
