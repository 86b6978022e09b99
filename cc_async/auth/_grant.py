"""A stored grant: the permission of one user, as one record."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from cc_async.errors import StoreCorruptError
from cc_async.stores import FORMAT, require_format
from cc_async.wire import Reply, Secret

T = TypeVar("T", bound=attrs.AttrsInstance)

GRANT_FORMAT = 1
"""Version of a stored grant. A grant without a version is older and has the same fields."""


def _to_secret(value: Any) -> Secret:
    if not isinstance(value, str):
        raise TypeError("a secret is text")
    return Secret(value)


@attrs.frozen
class RawReply:
    """An answer of the token endpoint as it came, and the time of its request."""

    status: int
    body: Secret = attrs.field(converter=_to_secret)
    sent_at: float


@attrs.frozen
class RenewalFailure:
    """The reason of the latest failed renewal.

    *kind* is `silence` (no answer), `answer` (an overloaded server), `no_token` (something else came
    in place of a token; *text* names it) or `refusal` (a clear no).
    """

    kind: str
    status: int
    text: str


def _to_raw_reply(value: Any) -> RawReply | None:
    return _with_types(RawReply(**value)) if isinstance(value, dict) else value


def _to_failure(value: Any) -> RenewalFailure | None:
    return _with_types(RenewalFailure(**value)) if isinstance(value, dict) else value


_TYPES: dict[Any, Any] = {
    "str": str, "int": int, "float": (int, float), "RawReply | None": (RawReply, type(None)),
    "RenewalFailure | None": (RenewalFailure, type(None)),
}  # fmt: skip
"""Types of the fields of a grant, as they are written down in its classes."""


def _with_types(value: T) -> T:
    """Return *value*, the parts of a stored record.

    Raises:
        TypeError: A field holds something of another type.
    """
    for field in attrs.fields(type(value)):
        if not isinstance(getattr(value, field.name), _TYPES.get(field.type, object)):
            raise TypeError(field.name)
    return value


@attrs.frozen
class Grant:
    """The permission of one user, as one record. Times are seconds since the epoch; 0 is never."""

    id: str  # of the sign-in: a new one has a new id
    client_id: str
    signed_in_at: float
    access_token: Secret = attrs.field(default=Secret(), converter=_to_secret)
    lifetime: float = 0.0
    expires_at: float = 0.0
    refresh_token: Secret = attrs.field(default=Secret(), converter=_to_secret)
    refreshed_at: float = 0.0
    scope: str = ""
    renewals: int = 0
    holder: str = ""
    held_until: float = 0.0
    sent_at: float = 0.0  # a renewal was about to leave, and its answer is not stored
    unanswered_at: float = 0.0  # an earlier renewal left, and its answer was never stored
    reply: RawReply | None = attrs.field(default=None, converter=_to_raw_reply)
    failures: int = 0  # in a row
    failure: RenewalFailure | None = attrs.field(default=None, converter=_to_failure)
    retry_at: float = 0.0
    refused_at: float = 0.0  # the service does not accept the refresh token any more
    account_id: str = ""  # asked for once, because the tokens of this sign-in do not tell it

    @classmethod
    def of(cls, record: Any) -> Grant | None:
        """Return the grant in *record*; fields of a newer release are ignored.

        Raises:
            StoredFormatError: The record has an unknown format version.
            StoreCorruptError: The record is no grant.
        """
        if record is None:
            return None
        names = {field.name for field in attrs.fields(cls)}
        try:
            require_format(
                record,
                GRANT_FORMAT,
                what="the stored sign-in",
                remedy="Update cc-async, or sign in again with `cc-async login`.",
                allow_unversioned=True,
            )
            return _with_types(
                cls(**{name: value for name, value in record.items() if name in names})
            )
        except (AttributeError, TypeError):
            raise StoreCorruptError(
                "the stored sign-in is damaged", "Sign in again with `cc-async login`."
            ) from None

    def to_record(self) -> dict[str, Any]:
        """Return the grant as plain data, with its format version."""
        return {FORMAT: GRANT_FORMAT, **attrs.asdict(self)}


def new_grant(id: str, client_id: str, now: float, reply: Reply) -> Grant:  # noqa: A002
    """Return the grant of a new sign-in, with a *reply* for `absorb_reply`."""
    return Grant(id, client_id, now, reply=raw_reply(reply, now))


def seeded_grant(client_id: str, refresh_token: str, now: float) -> Grant:
    """Return a grant with nothing but a *refresh_token* from outside."""
    return Grant("seed", client_id, now, refresh_token=Secret(refresh_token), refreshed_at=now)


def raw_reply(reply: Reply, sent_at: float) -> RawReply:
    """Return *reply* to a request of *sent_at*, for a grant."""
    return RawReply(reply.status, Secret(reply.body.decode("utf-8", "replace")), sent_at)
