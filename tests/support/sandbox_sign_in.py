"""Short ways to sign in to a sandbox in tests."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from cc_async.wire import Reply
from tests.support.sandbox_calls import Caller

TOKEN = "/oauth2/default/v1/token"
AUTHORIZE = "/oauth2/default/v1/authorize"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"sandbox-client:sandbox-secret").decode()}
ASKED = {
    "client_id": "sandbox-client",
    "redirect_uri": "https://app.example.com/callback",
    "response_type": "code",
    "scope": "contact_data offline_access",
    "state": "9f1c2e7ab0",
}
# The pair of RFC 7636.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def post(
    caller: Caller, path: str, form: dict[str, str], headers: dict[str, str] | None = None
) -> Reply:
    """Send a form, a second after the one before."""
    caller.sandbox.clock.advance(1)
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return caller.sandbox.answer("POST", path, "", sent, urlencode(form).encode())


def result_of(reply: Reply) -> tuple[int, Any]:
    """Return status and value of a reply."""
    return reply.status, orjson.loads(reply.body)


def code_of(caller: Caller, **params: str) -> str:
    """Return the code of an allowed sign-in."""
    query = urlencode({**ASKED, **params})
    reply = caller.sandbox.answer("GET", AUTHORIZE, query, {})
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))["code"]


def tokens(caller: Caller, **params: str) -> Any:
    """Sign in with a secret, and return the tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": code_of(caller, **params),
        "redirect_uri": ASKED["redirect_uri"],
    }
    status, pair = result_of(post(caller, TOKEN, form, BASIC))
    assert status == 200
    return pair


def refresh(caller: Caller, token: str) -> tuple[int, Any]:
    """Refresh as a confidential client."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return result_of(post(caller, TOKEN, form, BASIC))


def get_lists(caller: Caller, access_token: str) -> int:
    """Return the status of a call with this token."""
    headers = {"authorization": f"Bearer {access_token}"}
    return caller.sandbox.answer("GET", "/v3/contact_lists", "", headers).status
