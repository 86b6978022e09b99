"""Sign-in of a device: it gets a code to show, and its user enters the code in a browser.

https://developer.constantcontact.com/api_guide/device_flow.html
"""

from __future__ import annotations

from cc_async.sandbox._call import Call
from cc_async.sandbox.http import json_reply
from cc_async.sandbox.oauth._client_authentication import (
    authenticate_client,
    oauth_error,
    read_login,
    read_params,
    read_scopes,
)
from cc_async.sandbox.oauth._consent_page import consent_page, message_page
from cc_async.sandbox.storage import ALL_SCOPES
from cc_async.wire import Reply


def authorize_device(call: Call) -> Reply:
    """Return a code for the device to show, and another to poll with."""
    params = read_params(call)
    client_id, _ = authenticate_client(call, params)
    scopes = read_scopes(params)
    if not scopes or not scopes <= ALL_SCOPES:
        raise oauth_error(400, "invalid_scope", "One or more scopes are not known.")
    text = call.state.grants.add_device(client_id, scopes, call.now)
    device = call.state.grants.devices[text]
    device.login = read_login(call, params)
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


def show_activation(call: Call) -> Reply:
    """Ask the user of a device for consent."""
    device = call.state.grants.device_of(call.params.get("user_code", ""), call.now)
    if device is None:
        return message_page(404, "No device waits with this code.")
    return consent_page(device.scopes, device.client_id, call.state.accounts)


def decide_activation(call: Call) -> Reply:
    """Keep the user's decision until the device polls."""
    params = read_params(call)
    device = call.state.grants.device_of(params.get("user_code", ""), call.now)
    if device is None:
        return message_page(404, "No device waits with this code.")
    device.login = read_login(call, {"login": device.login, **params})
    device.is_allowed = params.get("decision") == "allow"
    return message_page(200, "You can go back to your device.")
