"""The Protocol of a token source, a fixed token, and the claims inside a token."""

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
    """A source of access tokens."""

    async def token(self, *, rejected: str | None = None) -> str:
        """Return an access token.

        Args:
            rejected: A token that the service has just refused. The result is another one.

        Raises:
            AuthError: There is no other token: a new sign-in is needed.
        """
        ...


class AccessToken:
    """A fixed token. It cannot be renewed: after a refusal there is no other."""

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
    """Return a name for the application of *token*; the limits belong to the application.

    It is the token's `cid` claim, or else a hash. The hash does not give the token away.
    https://developer.constantcontact.com/api_guide/rate_limits.html
    """
    application = claims_of(token).get("cid")
    if isinstance(application, str) and application:
        return application
    return "token-" + hashlib.sha256(token.encode()).hexdigest()[:16]


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims inside *token*, unverified; a token that is no JWT has none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
