"""The client of a sign-in: its parameters, its secret, and the errors of OAuth."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

import orjson

from cc_async.sandbox._call import Call
from cc_async.sandbox.http import ErrorReply, parse_query
from cc_async.wire import FORM, JSON, Reply

Params = Mapping[str, str]


def oauth_error(status: int, error: str, description: str) -> ErrorReply:
    """Return a refusal in the shape of OAuth."""
    body = orjson.dumps({"error": error, "error_description": description})
    return ErrorReply(Reply(status, {"content-type": JSON, "cache-control": "no-store"}, body))


def read_params(call: Call) -> Params:
    """Return the parameters of query and form together, as the real server accepts them."""
    form = call.request.body if call.request.media_type == FORM else b""
    return {**call.params, **parse_query(form.decode("utf-8", "replace"))}


def read_login(call: Call, params: Params) -> str:
    """Return the login of the user that signs in; by default that of the first account.

    A browser's page names it as `login`, a program may as `login_hint` (OpenID Connect, 3.1.2.1).
    """
    login = params.get("login") or params.get("login_hint") or call.state.login
    if login not in call.state.accounts:
        raise oauth_error(400, "invalid_request", "No user has this login.")
    return login


def read_scopes(params: Params) -> frozenset[str]:
    return frozenset(params.get("scope", "").split())


def authenticate_client(call: Call, params: Params) -> tuple[str, bool]:
    """Return the client's id, and whether a valid secret came with it.

    https://developer.constantcontact.com/api_guide/server_flow.html

    Raises:
        ErrorReply: 401 for an unknown client or a wrong secret.
    """
    header = call.request.headers.get("authorization", "")
    client_id, secret = params.get("client_id", ""), None
    if header[:6].lower() == "basic ":
        try:
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except ValueError:  # no base64, or no text
            client_id = ""
    if client_id != call.settings.client_id:
        raise oauth_error(401, "invalid_client", "Invalid value for 'client_id' parameter.")
    known = call.settings.client_secret.encode()
    if secret is not None and not hmac.compare_digest(secret.encode(), known):
        raise oauth_error(
            401,
            "invalid_client",
            "The client secret supplied for a confidential client is invalid.",
        )
    return client_id, secret is not None
