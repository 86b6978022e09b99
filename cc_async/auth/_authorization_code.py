"""Signing in with a browser: where to send a person, and what they bring back."""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import attrs

from cc_async.auth._auth_server import AuthServer, refused
from cc_async.errors import AuthError, ConnectionFailedError
from cc_async.wire import (
    Refusal,
    RefusalKind,
    Reply,
    Secret,
    TokenReply,
    authorize_url,
    code_challenge,
    code_request,
    read_token_error,
    read_token_reply,
)

_ATTEMPTS = 3


@attrs.frozen
class PendingSignIn:
    """A person is on their way to say yes. Keep it where only that person's session can see it.

    *url* is where to send them; they come back to *redirect_uri*.
    """

    url: Secret = attrs.field(converter=Secret)
    redirect_uri: str
    state: Secret = attrs.field(converter=Secret)
    code_verifier: Secret | None = attrs.field(
        default=None, converter=attrs.converters.optional(Secret)
    )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, for a web session that lives on a server."""
        return attrs.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PendingSignIn:
        """Return what `to_dict` made plain."""
        return cls(**data)


def begin_sign_in(
    server: AuthServer, auth_url: str, redirect_uri: str, scopes: tuple[str, ...], *, fresh: bool
) -> PendingSignIn:
    """Return a sign-in; an application without a secret proves itself with PKCE."""
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
    """Return the code that a person brought back.

    Raises:
        AuthError: They said no, or the answer is another sign-in's.
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
        raise refused(Refusal(kind, error, params.get("error_description", "")))
    if not params.get("code"):
        raise AuthError("The browser came back without a code.", "Begin the sign-in again.")
    return Secret(params["code"])


async def exchange_code(server: AuthServer, pending: PendingSignIn, code: str) -> Reply:
    """Return the reply with the tokens for *code*, which works once and for five minutes.

    Raises:
        AuthError: The code or the application is not accepted.
        TransportError: No answer came.
        ConstantContactError: The authorization server failed time and again.
    """
    request = code_request(
        code,
        pending.redirect_uri,
        client_id=server.application.form_id,
        verifier=pending.code_verifier,
    )
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            reply = await server.send(request)
        except ConnectionFailedError:
            if attempt == _ATTEMPTS:
                raise
        else:
            read = read_token_reply(reply)
            if isinstance(read, TokenReply):
                return reply
            if read.kind not in (RefusalKind.THROTTLED, RefusalKind.TRANSIENT):
                raise refused(read)
            if attempt == _ATTEMPTS:
                raise read_token_error(reply)
        await anyio.sleep(attempt)
    raise AssertionError


def _params(callback: str) -> dict[str, str]:
    query = urlsplit(callback).query if "?" in callback else callback
    return {name: values[0] for name, values in parse_qs(query).items()}
