"""Sign-in with a browser: the address of the consent page, the callback, and the code for tokens.

https://developer.constantcontact.com/api_guide/server_flow.html
https://developer.constantcontact.com/api_guide/pkce_flow.html
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import attrs

from cc_async.auth._auth_server import AuthServer, refused
from cc_async.errors import AuthError, ConnectionFailedError
from cc_async.stores import FORMAT, require_format
from cc_async.wire import (
    RefusalKind,
    Reply,
    Secret,
    TokenRefusal,
    TokenReply,
    authorize_url,
    code_challenge,
    code_request,
    read_token_error,
    read_token_reply,
)

_MAX_ATTEMPTS = 3
"""Attempts to exchange a code; the code lives for five minutes, and an outage may be short."""

_PENDING_FORMAT = 1
"""Version of `PendingSignIn.to_dict`. Data without a version is older and has the same fields."""


@attrs.frozen
class PendingSignIn:
    """A sign-in that waits for the user's consent. Keep it in that user's own session.

    *url* is the address of the consent page; the user comes back to *redirect_uri*.
    """

    url: Secret = attrs.field(converter=Secret)
    redirect_uri: str
    state: Secret = attrs.field(converter=Secret)
    code_verifier: Secret | None = attrs.field(
        default=None, converter=attrs.converters.optional(Secret)
    )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for a web session on a server."""
        return {FORMAT: _PENDING_FORMAT, **attrs.asdict(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PendingSignIn:
        """Return the sign-in from the data of `to_dict`.

        Raises:
            StoredFormatError: The data has an unknown format version.
        """
        require_format(
            data,
            _PENDING_FORMAT,
            what="the sign-in of this session",
            remedy="Begin the sign-in again.",
            allow_unversioned=True,
        )
        return cls(**{name: value for name, value in data.items() if name != FORMAT})


def begin_sign_in(
    server: AuthServer, auth_url: str, redirect_uri: str, scopes: tuple[str, ...], *, fresh: bool
) -> PendingSignIn:
    """Return a new sign-in; an application without a secret uses PKCE."""
    is_public = server.application.client_secret is None
    verifier = secrets.token_urlsafe(48) if is_public else None
    state = secrets.token_urlsafe(24)
    url = authorize_url(
        auth_url,
        client_id=server.application.client_id,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=state,
        challenge=code_challenge(verifier) if verifier else None,
        fresh=fresh,
    )
    return PendingSignIn(url, redirect_uri, state, verifier)


def is_answer_to(pending: PendingSignIn, callback: str) -> bool:
    """Tell whether *callback*, an address or its query, belongs to this sign-in."""
    state = _params(callback).get("state", "")
    return hmac.compare_digest(state.encode(), pending.state.encode())


def read_callback(pending: PendingSignIn, callback: str) -> Secret:
    """Return the code in the user's *callback*.

    Raises:
        AuthError: The user declined, or the callback belongs to another sign-in.
    """
    params = _params(callback)
    if not is_answer_to(pending, callback):
        raise AuthError(
            "The browser came back from another sign-in than the one that was begun.",
            "Begin the sign-in again.",
        )
    if error := params.get("error"):
        is_denied = error == "access_denied"
        kind = RefusalKind.DENIED if is_denied else RefusalKind.MISCONFIGURED
        raise refused(TokenRefusal(kind, error, params.get("error_description", "")))
    if not params.get("code"):
        raise AuthError("The browser came back without a code.", "Begin the sign-in again.")
    return Secret(params["code"])


async def exchange_code(server: AuthServer, pending: PendingSignIn, code: str) -> Reply:
    """Return the reply with the tokens for *code*. A code works once, and for five minutes.

    Raises:
        AuthError: The code or the application is not accepted.
        TransportError: No answer came.
        ConstantContactError: The authorization server failed repeatedly.
    """
    request = code_request(
        code,
        pending.redirect_uri,
        client_id=server.application.form_id,
        verifier=pending.code_verifier,
    )
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            reply = await server.send(request)
        except ConnectionFailedError:
            if attempt == _MAX_ATTEMPTS:
                raise
        else:
            read = read_token_reply(reply)
            if isinstance(read, TokenReply):
                return reply
            if read.kind not in (RefusalKind.THROTTLED, RefusalKind.TRANSIENT):
                raise refused(read)
            if attempt == _MAX_ATTEMPTS:
                raise read_token_error(reply)
        await anyio.sleep(attempt)
    raise AssertionError


def _params(callback: str) -> dict[str, str]:
    query = urlsplit(callback).query if "?" in callback else callback
    return {name: values[0] for name, values in parse_qs(query).items()}
