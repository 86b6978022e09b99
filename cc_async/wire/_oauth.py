"""OAuth: the forms that ask for tokens, and the replies to them.

Forms travel as bodies, never in a query, so that no log on the way sees a secret. The server
is Okta's; a refusal comes as OAuth's `error` or as Okta's `errorCode`, and now and then as an
empty body or a page, which says nothing about the tokens.
"""

from __future__ import annotations

import base64
import enum
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import orjson

from cc_async.errors import ConstantContactError, UnexpectedResponseError, redact
from cc_async.wire._replies import Reply, read_error
from cc_async.wire._requests import Request
from cc_async.wire._secret import Secret, SecretBytes

FORM = "application/x-www-form-urlencoded"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_USUAL_LIFETIME = 86_400.0
_USUAL_INTERVAL = 5.0
_USUAL_PATIENCE = 600.0


@attrs.frozen
class TokenReply:
    """What the token endpoint granted. There is a refresh token only with `offline_access`."""

    access_token: Secret
    expires_in: float
    scope: str = ""
    refresh_token: Secret | None = None


@attrs.frozen
class DeviceCode:
    """What a person is shown to sign in on another device, and how to ask whether they did."""

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: float
    interval: float


class RefusalKind(enum.Enum):
    """Why there is no token, as far as it matters for what to do next."""

    REVOKED = "revoked"
    """The code or refresh token is used, expired or revoked: a person has to sign in."""
    MISCONFIGURED = "misconfigured"
    """Id, secret, scope or request are wrong, and stay so until somebody changes them."""
    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    EXPIRED = "expired"
    DENIED = "denied"
    THROTTLED = "throttled"
    """Too fast; nothing was done."""
    TRANSIENT = "transient"
    """Overload, an outage, or an answer nobody can read: it says nothing about the tokens."""


@attrs.frozen
class Refusal:
    """A reply of the token endpoint that grants nothing."""

    kind: RefusalKind
    error: str = attrs.field(default="", converter=redact)
    description: str = attrs.field(default="", converter=redact)


_KINDS = {
    "invalid_grant": RefusalKind.REVOKED,
    "authorization_pending": RefusalKind.PENDING,
    "slow_down": RefusalKind.SLOW_DOWN,
    "expired_token": RefusalKind.EXPIRED,
    "access_denied": RefusalKind.DENIED,
    "server_error": RefusalKind.TRANSIENT,
    "temporarily_unavailable": RefusalKind.TRANSIENT,
}


# --- asking -------------------------------------------------------------------------------


def authorize_url(
    auth_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    scopes: tuple[str, ...],
    state: str,
    challenge: str | None = None,
    fresh: bool = False,
) -> str:
    """Return the address where a person says yes; *fresh* asks for the password anew."""
    params = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
    }
    if challenge is not None:
        params |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    if fresh:
        params["prompt"] = "login"
    return f"{auth_url.rstrip('/')}/authorize?{urlencode(params, quote_via=quote)}"


def code_challenge(verifier: str) -> str:
    """Return the challenge that goes ahead of *verifier* (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def code_request(
    code: str, redirect_uri: str, *, client_id: str | None, verifier: str | None
) -> Request:
    """Return the request that turns a code into tokens.

    An application with a secret names itself in a header (`basic`): *client_id* is `None` then.
    """
    return _form(
        "/token",
        grant_type="authorization_code",
        code=code,
        redirect_uri=redirect_uri,
        client_id=client_id,
        code_verifier=verifier,
    )


def refresh_request(refresh_token: str, *, client_id: str | None) -> Request:
    """Return the request for a fresh access token; *client_id* as for `code_request`."""
    return _form(
        "/token", grant_type="refresh_token", refresh_token=refresh_token, client_id=client_id
    )


def device_request(client_id: str, scopes: tuple[str, ...]) -> Request:
    """Return the request that begins a sign-in on another device."""
    return _form("/device/authorize", client_id=client_id, scope=" ".join(scopes))


def poll_request(client_id: str, device_code: str) -> Request:
    """Return the request that asks whether the person has said yes."""
    return _form("/token", client_id=client_id, device_code=device_code, grant_type=DEVICE_GRANT)


def basic(client_id: str, client_secret: str) -> Secret:
    """Return the header value by which an application with a secret names itself."""
    pair = f"{client_id}:{client_secret}".encode()
    return Secret("Basic " + base64.b64encode(pair).decode("ascii"))


def _form(path: str, **params: str | None) -> Request:
    said = {name: str(value) for name, value in params.items() if value is not None}
    body = SecretBytes(urlencode(said, quote_via=quote).encode("ascii"))
    return Request("POST", path, body=body, content_type=FORM, is_repeatable=False)


# --- reading ------------------------------------------------------------------------------


def read_token_reply(reply: Reply) -> TokenReply | Refusal:
    """Return the tokens in *reply*, or why there are none."""
    if reply.status == 429:
        return Refusal(RefusalKind.THROTTLED)
    said = _object(reply.body)
    if reply.status >= 500 or said is None:
        return Refusal(RefusalKind.TRANSIENT)
    if not reply.is_success:
        return _refusal(said)
    token, refresh = said.get("access_token"), said.get("refresh_token")
    if not isinstance(token, str) or not token:
        return Refusal(RefusalKind.TRANSIENT)
    scope = said.get("scope")
    return TokenReply(
        Secret(token),
        _seconds(said.get("expires_in"), _USUAL_LIFETIME),
        " ".join(map(str, scope)) if isinstance(scope, list) else str(scope or ""),
        Secret(refresh) if isinstance(refresh, str) and refresh else None,
    )


def read_device_reply(reply: Reply) -> DeviceCode | Refusal:
    """Return what to show a person, or why a sign-in cannot begin."""
    if reply.status == 429:
        return Refusal(RefusalKind.THROTTLED)
    said = _object(reply.body)
    if reply.status >= 500 or said is None:
        return Refusal(RefusalKind.TRANSIENT)
    if not reply.is_success:
        return _refusal(said)
    code, address = said.get("device_code"), said.get("verification_uri")
    complete = said.get("verification_uri_complete") or address
    if not code or not complete:
        return Refusal(RefusalKind.TRANSIENT)
    return DeviceCode(
        Secret(str(code)),
        str(said.get("user_code") or ""),
        str(address or complete),
        str(complete),
        _seconds(said.get("expires_in"), _USUAL_PATIENCE),
        _seconds(said.get("interval"), _USUAL_INTERVAL, may_be_zero=True),
    )


def read_token_error(reply: Reply) -> ConstantContactError:
    """Return the error to raise for a *reply* that granted nothing and is no one's fault."""
    if reply.is_success:
        said = "no tokens that can be read" if reply.body.strip() else "an empty body"
        return UnexpectedResponseError(reply.status, said)
    return read_error(reply)


def _refusal(said: Mapping[str, Any]) -> Refusal:
    error = str(said.get("error") or said.get("errorCode") or "")
    description = said.get("error_description") or said.get("errorSummary")
    kind = _KINDS.get(error, RefusalKind.MISCONFIGURED if error else RefusalKind.TRANSIENT)
    return Refusal(kind, error, str(description or ""))


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _seconds(value: Any, default: float, *, may_be_zero: bool = False) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return default
    if seconds == 0 and may_be_zero:
        return 0.0
    return seconds if 0 < seconds < float("inf") else default
