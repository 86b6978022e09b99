"""Signing in: the authorization server beside the API.

::

    GET, POST  /oauth2/default/v1/authorize           a page with Allow and Deny
    POST       /oauth2/default/v1/token               codes, device codes and refresh tokens
    POST       /oauth2/default/v1/device/authorize    a code to enter elsewhere
    GET, POST  /activate                              where a person enters it

Parameters are taken from the query and from a form alike, as the real one does.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import orjson

from cc_async.sandbox._answers import Refusal, json_reply
from cc_async.sandbox._call import Call, parse_query
from cc_async.sandbox._consent_page import consent_page, message_page
from cc_async.sandbox._grants import Code, Device, TokenPair
from cc_async.sandbox._rights import SCOPES
from cc_async.wire import JSON, Reply

AUTHORIZATION_PREFIX = "/oauth2/default/v1"
FORM = "application/x-www-form-urlencoded"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

Params = Mapping[str, str]
Handler = Callable[[Call], Reply]


def _refuse(status: int, error: str, description: str) -> Refusal:
    body = orjson.dumps({"error": error, "error_description": description})
    return Refusal(Reply(status, {"content-type": JSON, "cache-control": "no-store"}, body))


def _params(call: Call) -> Params:
    """Return the parameters of a call, wherever they stand."""
    form = call.request.body if call.request.media_type == FORM else b""
    return {**call.params, **parse_query(form.decode("utf-8", "replace"))}


# --- in the browser -----------------------------------------------------------------------


def authorize(call: Call) -> Reply:
    """Ask the person, or answer at once where the settings say what people do."""
    _check_client_page(call)
    problem = _check_authorization(call)
    if problem:
        return _redirect(call, {"error": problem, "error_description": "The request is wrong."})
    match call.settings.consent:
        case "allowed":
            return _redirect(call, {"code": _make_code(call)})
        case "denied":
            return _deny(call)
        case "asked":
            return consent_page(_scopes(call.params), call.params["client_id"])


def allow_authorization(call: Call) -> Reply:
    """Send the browser back with what the person said."""
    _check_client_page(call)
    if _check_authorization(call) or _params(call).get("decision") != "allow":
        return _deny(call)
    return _redirect(call, {"code": _make_code(call)})


def _check_client_page(call: Call) -> None:
    """Stop where there is nobody to send the browser back to."""
    known = call.settings.redirect_uris
    uri = call.params.get("redirect_uri", "")
    if call.params.get("client_id") != call.settings.client_id:
        raise Refusal(message_page(400, "Unknown client_id."))
    if not uri.isprintable() or not uri or (known and uri not in known):
        raise Refusal(message_page(400, "The redirect_uri is not one of the application's."))


def _check_authorization(call: Call) -> str:
    """Return the error that the browser takes back, or nothing."""
    if call.params.get("response_type") != "code":
        return "unsupported_response_type"
    if not _scopes(call.params) or not _scopes(call.params) <= SCOPES:
        return "invalid_scope"
    if call.params.get("code_challenge_method", "S256") != "S256":
        return "invalid_request"
    return ""


def _scopes(params: Params) -> frozenset[str]:
    return frozenset(params.get("scope", "").split())


def _make_code(call: Call) -> str:
    params = call.params
    return call.state.grants.add_code(
        Code(
            params["client_id"],
            params["redirect_uri"],
            _scopes(params),
            params.get("code_challenge"),
            call.now + call.settings.code_seconds,
        )
    )


def _deny(call: Call) -> Reply:
    description = "The resource owner or authorization server denied the request."
    return _redirect(call, {"error": "access_denied", "error_description": description})


def _redirect(call: Call, said: Params) -> Reply:
    uri = call.params["redirect_uri"]
    state = {"state": call.params["state"]} if "state" in call.params else {}
    joint = "&" if "?" in uri else "?"
    return Reply(302, {"location": f"{uri}{joint}{urlencode({**said, **state})}"})


# --- the token endpoint -------------------------------------------------------------------


def exchange(call: Call) -> Reply:
    """Give tokens for a code, a device code or a refresh token; one call a second."""
    if not call.state.token_calls.admits(call.now):
        error = {"errorCode": "E0000047", "errorSummary": "API call exceeded rate limit."}
        return json_reply(429, error)
    params = _params(call)
    flow = _FLOWS.get(params.get("grant_type", ""))
    if flow is None:
        raise _refuse(400, "unsupported_grant_type", "The grant type is not supported.")
    pair = flow(call, params)
    answer = {
        "token_type": "Bearer",
        "expires_in": int(call.settings.access_token_seconds),
        "access_token": pair.access_token,
        "scope": " ".join(sorted(pair.scopes)),
    }
    if pair.refresh_token is not None:
        answer["refresh_token"] = pair.refresh_token
    return json_reply(200, answer, {"cache-control": "no-store"})


def _authenticate(call: Call, params: Params) -> tuple[str, bool]:
    """Return who calls, and whether the secret proved it."""
    header = call.request.headers.get("authorization", "")
    client_id, secret = params.get("client_id", ""), None
    if header[:6].lower() == "basic ":
        try:
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except ValueError:  # no base64, or no text
            client_id = ""
    if client_id != call.settings.client_id:
        raise _refuse(401, "invalid_client", "Invalid value for 'client_id' parameter.")
    known = call.settings.client_secret.encode()
    if secret is not None and not hmac.compare_digest(secret.encode(), known):
        raise _refuse(
            401,
            "invalid_client",
            "The client secret supplied for a confidential client is invalid.",
        )
    return client_id, secret is not None


def _exchange_code(call: Call, params: Params) -> TokenPair:
    client_id, is_proved = _authenticate(call, params)
    code = call.state.grants.take_code(params.get("code", ""), call.now)
    if code is None or code.client_id != client_id:
        raise _refuse(400, "invalid_grant", "The authorization code is invalid or has expired.")
    if code.redirect_uri != params.get("redirect_uri"):
        raise _refuse(400, "invalid_grant", "The 'redirect_uri' does not match.")
    if code.challenge is None and not is_proved:
        raise _refuse(401, "invalid_client", "Client authentication failed.")
    if not code.is_proved_by(params.get("code_verifier")):
        raise _refuse(400, "invalid_grant", "PKCE verification failed.")
    return call.state.grants.start(client_id, code.scopes, call.now)


def _refresh(call: Call, params: Params) -> TokenPair:
    client_id, _ = _authenticate(call, params)
    pair = call.state.grants.refresh(params.get("refresh_token", ""), client_id, call.now)
    if pair is None:
        raise _refuse(400, "invalid_grant", "The refresh token is invalid or expired.")
    return pair


def _exchange_device_code(call: Call, params: Params) -> TokenPair:
    client_id, _ = _authenticate(call, params)
    text = params.get("device_code", "")
    device = call.state.grants.devices.get(text)
    if device is None or device.client_id != client_id:
        raise _refuse(400, "invalid_grant", "The device code is invalid.")
    _refuse_waiting(device, call.now)
    del call.state.grants.devices[text]
    if not device.is_allowed:
        raise _refuse(400, "access_denied", "The resource owner denied the request.")
    return call.state.grants.start(client_id, device.scopes, call.now)


def _refuse_waiting(device: Device, now: float) -> None:
    """Refuse a device whose person has not acted, or that asks too often or too late."""
    before, device.polled_at = device.polled_at, now
    if device.expires_at <= now:
        raise _refuse(400, "expired_token", "The device code has expired.")
    if device.is_allowed is not None:
        return
    if before is not None and now - before < device.interval:
        device.interval += 5
        raise _refuse(400, "slow_down", "The client polls too fast.")
    raise _refuse(
        400,
        "authorization_pending",
        "The device authorization is pending. Please try again later.",
    )


_FLOWS: Mapping[str, Callable[[Call, Params], TokenPair]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    DEVICE: _exchange_device_code,
}


# --- devices ------------------------------------------------------------------------------


def authorize_device(call: Call) -> Reply:
    """Give a device a code to show, and another to ask with."""
    params = _params(call)
    client_id, _ = _authenticate(call, params)
    scopes = _scopes(params)
    if not scopes or not scopes <= SCOPES:
        raise _refuse(400, "invalid_scope", "One or more scopes are not known.")
    text = call.state.grants.add_device(client_id, scopes, call.now)
    device = call.state.grants.devices[text]
    if call.settings.consent != "asked":
        device.is_allowed = call.settings.consent == "allowed"
    uri = f"http://{call.request.headers.get('host', 'localhost')}/activate"
    return json_reply(
        200,
        {
            "device_code": text,
            "user_code": device.user_code,
            "verification_uri": uri,
            "verification_uri_complete": f"{uri}?user_code={device.user_code}",
            "expires_in": int(call.settings.device_seconds),
            "interval": int(device.interval),
        },
    )


def activate(call: Call) -> Reply:
    """Ask the person whether the device they hold may come in."""
    device = call.state.grants.device_of(call.params.get("user_code", ""), call.now)
    if device is None:
        return message_page(404, "No device waits with this code.")
    return consent_page(device.scopes, device.client_id)


def allow_activation(call: Call) -> Reply:
    """Keep what the person said for when the device asks."""
    device = call.state.grants.device_of(_params(call).get("user_code", ""), call.now)
    if device is None:
        return message_page(404, "No device waits with this code.")
    device.is_allowed = _params(call).get("decision") == "allow"
    return message_page(200, "You can go back to your device.")
