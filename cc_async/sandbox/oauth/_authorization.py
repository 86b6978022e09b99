"""The first step of a sign-in: a browser page that asks for consent and sends a code back.

https://developer.constantcontact.com/api_guide/server_flow.html
https://developer.constantcontact.com/api_guide/pkce_flow.html
"""

from __future__ import annotations

from urllib.parse import urlencode

from cc_async.sandbox._call import Call
from cc_async.sandbox.http import ErrorReply
from cc_async.sandbox.oauth._client_authentication import (
    Params,
    read_login,
    read_params,
    read_scopes,
)
from cc_async.sandbox.oauth._consent_page import consent_page, message_page
from cc_async.sandbox.storage import ALL_SCOPES, AuthorizationCode
from cc_async.wire import Reply


def show_consent(call: Call) -> Reply:
    """Show the consent page, or redirect at once where the settings fix the reply."""
    _check_client(call)
    problem = _problem_of(call)
    if problem:
        return _redirect(call, {"error": problem, "error_description": "The request is wrong."})
    match call.settings.consent:
        case "allowed":
            return _redirect(call, {"code": _make_code(call)})
        case "denied":
            return _redirect_denied(call)
        case "asked":
            return consent_page(
                read_scopes(call.params), call.params["client_id"], call.state.accounts
            )


def decide_consent(call: Call) -> Reply:
    """Redirect the browser with a code or an error, by the button that was pressed."""
    _check_client(call)
    if _problem_of(call) or read_params(call).get("decision") != "allow":
        return _redirect_denied(call)
    return _redirect(call, {"code": _make_code(call)})


def _check_client(call: Call) -> None:
    """Refuse an unknown client or redirect address: the browser must not be sent there."""
    known = call.settings.redirect_uris
    uri = call.params.get("redirect_uri", "")
    if call.params.get("client_id") != call.settings.client_id:
        raise ErrorReply(message_page(400, "Unknown client_id."))
    if not uri.isprintable() or not uri or (known and uri not in known):
        raise ErrorReply(message_page(400, "The redirect_uri is not one of the application's."))


def _problem_of(call: Call) -> str:
    """Return the error code for the redirect; empty for a valid request."""
    if call.params.get("response_type") != "code":
        return "unsupported_response_type"
    scopes = read_scopes(call.params)
    if not scopes or not scopes <= ALL_SCOPES:
        return "invalid_scope"
    if call.params.get("code_challenge_method", "S256") != "S256":
        return "invalid_request"
    return ""


def _make_code(call: Call) -> str:
    params = call.params
    return call.state.grants.add_code(
        AuthorizationCode(
            params["client_id"],
            params["redirect_uri"],
            read_scopes(params),
            params.get("code_challenge"),
            call.now + call.settings.code_seconds,
            read_login(call, read_params(call)),
        )
    )


def _redirect_denied(call: Call) -> Reply:
    description = "The resource owner or authorization server denied the request."
    return _redirect(call, {"error": "access_denied", "error_description": description})


def _redirect(call: Call, result: Params) -> Reply:
    uri = call.params["redirect_uri"]
    state = {"state": call.params["state"]} if "state" in call.params else {}
    joint = "&" if "?" in uri else "?"
    return Reply(302, {"location": f"{uri}{joint}{urlencode({**result, **state})}"})
