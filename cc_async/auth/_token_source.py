"""The seam for tokens, and the plainest thing behind it: a token that somebody handed over."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from cc_async.errors import AuthError
from cc_async.wire import Secret


class TokenSource(Protocol):
    """Whatever can name a usable access token."""

    async def token(self, *, rejected: str | None = None) -> str:
        """Return an access token.

        *rejected* is one that the service has just refused; another one is wanted then.

        Raises:
            AuthError: There is none. Somebody has to sign in again.
        """
        ...


class AccessToken:
    """A token that somebody handed over. It cannot be renewed: once refused, it is spent."""

    def __init__(self, token: str) -> None:
        if not token or not token.isascii() or any(char.isspace() for char in token):
            raise AuthError("this is no access token")
        self._token = Secret(token)

    def __repr__(self) -> str:
        return "AccessToken('***')"

    async def token(self, *, rejected: str | None = None) -> str:
        """Return the token, unless it was *rejected*."""
        if rejected == self._token:
            raise AuthError("Constant Contact does not accept the access token (any more)")
        return self._token


def application_of(token: str) -> str:
    """Return a name for the application that *token* speaks for; the limits belong to it.

    It is the token's `cid` claim, or a hash where the token has none. The token cannot be
    recovered from it.
    """
    application = claims_of(token).get("cid")
    if isinstance(application, str) and application:
        return application
    return "token-" + hashlib.sha256(token.encode()).hexdigest()[:16]


def claims_of(token: str) -> Mapping[str, Any]:
    """Return what *token* says of itself; nothing where it is not a JWT. Nothing is verified."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
