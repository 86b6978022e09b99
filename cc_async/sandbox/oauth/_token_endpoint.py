"""The token endpoint: tokens for a code, a device code or a refresh token.

https://developer.constantcontact.com/api_guide/server_flow.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cc_async.sandbox._call import Call
from cc_async.sandbox.http import json_reply
from cc_async.sandbox.oauth._client_authentication import (
    Params,
    authenticate_client,
    oauth_error,
    read_params,
)
from cc_async.sandbox.storage import PendingDevice, TokenPair
from cc_async.wire import DEVICE_GRANT, Reply

SLOW_DOWN_SECONDS = 5
"""Seconds added to a device's interval after a poll that came too early: RFC 8628, 3.5."""


def exchange(call: Call) -> Reply:
    """Return tokens for a code, a device code or a refresh token; one call a second."""
    if not call.state.token_calls.take(call.now):
        error = {"errorCode": "E0000047", "errorSummary": "API call exceeded rate limit."}
        return json_reply(429, error)
    params = read_params(call)
    flow = _FLOWS.get(params.get("grant_type", ""))
    if flow is None:
        raise oauth_error(400, "unsupported_grant_type", "The grant type is not supported.")
    pair = flow(call, params)
    body = {
        "token_type": "Bearer",
        "expires_in": int(call.settings.access_token_seconds),
        "access_token": pair.access_token,
        "scope": " ".join(sorted(pair.scopes)),
    }
    if pair.refresh_token is not None:
        body["refresh_token"] = pair.refresh_token
    return json_reply(200, body, {"cache-control": "no-store"})


def _exchange_code(call: Call, params: Params) -> TokenPair:
    client_id, has_secret = authenticate_client(call, params)
    code = call.state.grants.take_code(params.get("code", ""), call.now)
    if code is None or code.client_id != client_id:
        raise oauth_error(400, "invalid_grant", "The authorization code is invalid or has expired.")
    if code.redirect_uri != params.get("redirect_uri"):
        raise oauth_error(400, "invalid_grant", "The 'redirect_uri' does not match.")
    if code.challenge is None and not has_secret:
        raise oauth_error(401, "invalid_client", "Client authentication failed.")
    if not code.matches(params.get("code_verifier")):
        raise oauth_error(400, "invalid_grant", "PKCE verification failed.")
    return call.state.grants.start(client_id, code.scopes, call.now, code.login)


def _refresh(call: Call, params: Params) -> TokenPair:
    client_id, _ = authenticate_client(call, params)
    pair = call.state.grants.refresh(params.get("refresh_token", ""), client_id, call.now)
    if pair is None:
        raise oauth_error(400, "invalid_grant", "The refresh token is invalid or expired.")
    return pair


def _exchange_device_code(call: Call, params: Params) -> TokenPair:
    client_id, _ = authenticate_client(call, params)
    text = params.get("device_code", "")
    device = call.state.grants.devices.get(text)
    if device is None or device.client_id != client_id:
        raise oauth_error(400, "invalid_grant", "The device code is invalid.")
    _refuse_pending(device, call.now)
    del call.state.grants.devices[text]
    if not device.is_allowed:
        raise oauth_error(400, "access_denied", "The resource owner denied the request.")
    return call.state.grants.start(client_id, device.scopes, call.now, device.login)


def _refuse_pending(device: PendingDevice, now: float) -> None:
    """Refuse a device that waits for its user, polls too often, or has expired.

    https://developer.constantcontact.com/api_guide/device_flow.html
    """
    before, device.polled_at = device.polled_at, now
    if device.expires_at <= now:
        raise oauth_error(400, "expired_token", "The device code has expired.")
    if device.is_allowed is not None:
        return
    if before is not None and now - before < device.interval:
        device.interval += SLOW_DOWN_SECONDS
        raise oauth_error(400, "slow_down", "The client polls too fast.")
    raise oauth_error(
        400,
        "authorization_pending",
        "The device authorization is pending. Please try again later.",
    )


_FLOWS: Mapping[str, Callable[[Call, Params], TokenPair]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    DEVICE_GRANT: _exchange_device_code,
}
