"""OAuth: the forms that ask for tokens, and the replies to them.

Forms travel as bodies, never in a query, so that no log on the way sees a secret. The server
is Okta's: a refusal comes as OAuth's `error` or as Okta's `errorCode`, sometimes as an empty body
or a page. An empty body or a page says nothing about the tokens.
https://developer.constantcontact.com/api_guide/auth_overview.html
"""

from __future__ import annotations

import base64
import enum
import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import orjson

from cc_async.errors import ConstantContactError, UnexpectedResponseError, redact
from cc_async.wire._replies import Reply, page_title, read_error, read_problems
from cc_async.wire._requests import Request
from cc_async.wire._secret import Secret, SecretBytes

_TOKEN = re.compile("[!-~]+")
FORM = "application/x-www-form-urlencoded"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_DEFAULT_LIFETIME = 86_400.0
"""Life of an access token, in seconds, for a reply without `expires_in`: 24 hours.

https://developer.constantcontact.com/api_guide/server_flow.html
"""

_LONGEST_LIFETIME = 31_536_000.0
"""Seconds of the longest life that is believed: a year. Tokens live for a day; a number far beyond
is a fault, and may be later than any date."""

_DEFAULT_INTERVAL = 5.0
"""Seconds between two questions of a device, for a reply without `interval` (RFC 8628, 3.2)."""

_DEFAULT_CODE_LIFETIME = 600.0
"""Life of a device code, in seconds, for a reply without `expires_in`: Okta's own default."""


@attrs.frozen
class TokenReply:
    """New tokens. There is a refresh token only with the scope `offline_access`.

    https://developer.constantcontact.com/api_guide/scopes.html
    """

    access_token: Secret
    expires_in: float
    scope: str = ""
    refresh_token: Secret | None = None


@attrs.frozen
class DeviceCode:
    """The code and address for a sign-in on another device, and the pace of the questions.

    https://developer.constantcontact.com/api_guide/device_flow.html
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: float
    interval: float


class RefusalKind(enum.Enum):
    """Reasons of a refusal, as far as the next step depends on them."""

    REVOKED = "revoked"
    """The code or refresh token is used, expired or revoked: a new sign-in is needed."""
    MISCONFIGURED = "misconfigured"
    """Id, secret, scope or request are wrong: a repeat cannot help."""
    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    EXPIRED = "expired"
    DENIED = "denied"
    THROTTLED = "throttled"
    """Too fast; the server did nothing."""
    TRANSIENT = "transient"
    """Overload, an outage, or an unreadable answer: it says nothing about the tokens."""


@attrs.frozen
class TokenRefusal:
    """A reply of the token endpoint that grants nothing."""

    kind: RefusalKind
    error: str = attrs.field(default="", converter=redact)
    description: str = attrs.field(default="", converter=redact)

    @property
    def text(self) -> str:
        """The reason in the server's words; empty if it gave none."""
        return ": ".join(filter(None, (self.error, self.description)))


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
    """Return the address of the consent page; *fresh* asks for the password even after a sign-in.

    https://developer.constantcontact.com/api_guide/server_flow.html
    """
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
    """Return the challenge for *verifier* (RFC 7636, S256).

    https://developer.constantcontact.com/api_guide/pkce_flow.html
    """
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def code_request(
    code: str, redirect_uri: str, *, client_id: str | None, verifier: str | None
) -> Request:
    """Return the request that exchanges a code for tokens.

    An application with a secret sends its id in a header (`basic`): *client_id* is `None` then.
    https://developer.constantcontact.com/api_guide/server_flow.html
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
    """Return the request for a new access token; *client_id* as for `code_request`."""
    return _form(
        "/token", grant_type="refresh_token", refresh_token=refresh_token, client_id=client_id
    )


def device_request(client_id: str, scopes: tuple[str, ...]) -> Request:
    """Return the request that begins a sign-in on another device."""
    return _form("/device/authorize", client_id=client_id, scope=" ".join(scopes))


def poll_request(client_id: str, device_code: str) -> Request:
    """Return the question whether the user has consented."""
    return _form("/token", client_id=client_id, device_code=device_code, grant_type=DEVICE_GRANT)


def basic(client_id: str, client_secret: str) -> Secret:
    """Return the header value with the id and the secret of an application."""
    pair = f"{client_id}:{client_secret}".encode()
    return Secret("Basic " + base64.b64encode(pair).decode("ascii"))


def _form(path: str, **params: str | None) -> Request:
    given = {name: str(value) for name, value in params.items() if value is not None}
    body = SecretBytes(urlencode(given, quote_via=quote).encode("ascii"))
    return Request("POST", path, body=body, content_type=FORM, is_repeatable=False)


# --- reading ------------------------------------------------------------------------------


def read_token_reply(reply: Reply) -> TokenReply | TokenRefusal:
    """Return the tokens in *reply*, or the refusal."""
    if reply.status == 429:
        return TokenRefusal(RefusalKind.THROTTLED)
    payload = _object(reply.body)
    if reply.status >= 500 or payload is None:
        return TokenRefusal(RefusalKind.TRANSIENT)
    if not reply.is_success:
        return _refusal(payload)
    token, refresh = payload.get("access_token"), payload.get("refresh_token")
    if not is_token(token) or not (refresh in (None, "") or is_token(refresh)):
        return TokenRefusal(RefusalKind.TRANSIENT)
    scope = payload.get("scope")
    return TokenReply(
        Secret(token),
        _seconds(payload.get("expires_in"), _DEFAULT_LIFETIME),
        " ".join(map(str, scope)) if isinstance(scope, list) else str(scope or ""),
        Secret(refresh) if refresh else None,
    )


def is_token(value: object) -> bool:
    """Whether *value* can be a token in a header: visible ASCII without blanks and line breaks."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def read_device_reply(reply: Reply) -> DeviceCode | TokenRefusal:
    """Return the device code in *reply*, or the refusal."""
    if reply.status == 429:
        return TokenRefusal(RefusalKind.THROTTLED)
    payload = _object(reply.body)
    if reply.status >= 500 or payload is None:
        return TokenRefusal(RefusalKind.TRANSIENT)
    if not reply.is_success:
        return _refusal(payload)
    code, address = payload.get("device_code"), payload.get("verification_uri")
    complete = payload.get("verification_uri_complete") or address
    if not code or not complete:
        return TokenRefusal(RefusalKind.TRANSIENT)
    return DeviceCode(
        Secret(str(code)),
        str(payload.get("user_code") or ""),
        str(address or complete),
        str(complete),
        _seconds(payload.get("expires_in"), _DEFAULT_CODE_LIFETIME),
        _seconds(payload.get("interval"), _DEFAULT_INTERVAL, may_be_zero=True),
    )


def read_token_error(reply: Reply) -> ConstantContactError:
    """Return the error for a *reply* with neither tokens nor a clear refusal.

    A portal or a proxy may have answered: whatever the status, that is no refusal of the sign-in.
    """
    if reply.status >= 500 or reply.status == 429:
        return read_error(reply)
    return UnexpectedResponseError(reply.status, f"{_contents(reply)} in place of a token")


def _contents(reply: Reply) -> str:
    """Return words for a body; of one that may hold a token, none of its own."""
    start = reply.body.removeprefix(BOM_UTF8).lstrip()[:1]
    if not start:
        return "an empty body"
    if start == b"<":
        title = page_title(reply.body)
        return "a web page" + (f" ({title})" if title else "")
    if _object(reply.body) is None:
        return "text"
    words = "" if reply.is_success else "; ".join(map(str, read_problems(reply.body)))
    return "other JSON" + (f" ({words})" if words else "")


def _refusal(payload: Mapping[str, Any]) -> TokenRefusal:
    error = str(payload.get("error") or payload.get("errorCode") or "")
    description = payload.get("error_description") or payload.get("errorSummary")
    kind = _KINDS.get(error, RefusalKind.MISCONFIGURED if error else RefusalKind.TRANSIENT)
    return TokenRefusal(kind, error, str(description or ""))


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return payload if isinstance(payload, dict) else None


def _seconds(value: Any, default: float, *, may_be_zero: bool = False) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return default
    if seconds == 0 and may_be_zero:
        return 0.0
    return seconds if 0 < seconds <= _LONGEST_LIFETIME else default
