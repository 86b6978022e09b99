"""Sign-in of a device."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import TOKEN, post, result_of


def test_a_device_waits_for_its_user() -> None:
    """Each poll gets its documented error until the user allows; the code works once."""
    caller = make_caller()
    asked = {"client_id": "sandbox-client", "scope": "contact_data offline_access"}
    status, device = result_of(
        post(caller, "/oauth2/default/v1/device/authorize", asked, {"Host": "localhost:9"})
    )
    assert (status, device["interval"], len(device["user_code"])) == (200, 5, 8)
    assert device["verification_uri_complete"].startswith("http://localhost:9/activate?user_code=")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "sandbox-client",
        "device_code": device["device_code"],
    }
    assert result_of(post(caller, TOKEN, form)) == (
        400,
        {
            "error": "authorization_pending",
            "error_description": "The device authorization is pending. Please try again later.",
        },
    )
    assert result_of(post(caller, TOKEN, form))[1]["error"] == "slow_down"
    query = urlencode({"user_code": device["user_code"].lower()})
    assert b"Allow" in caller.sandbox.answer("GET", "/activate", query, {}).body
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert caller.sandbox.answer("POST", "/activate", query, sent, b"decision=allow").status == 200
    status, pair = result_of(post(caller, TOKEN, form))
    assert (status, "refresh_token" in pair) == (200, True)
    assert result_of(post(caller, TOKEN, form))[1]["error"] == "invalid_grant"
    assert caller.sandbox.answer("GET", "/activate", "user_code=NOTHING", {}).status == 404


@pytest.mark.parametrize(("wait", "error"), [(0, "access_denied"), (600, "expired_token")])
def test_a_device_may_be_denied_or_expire(wait: float, error: str) -> None:
    """Both end the polling."""
    caller = make_caller(consent="denied")
    asked = {"client_id": "sandbox-client", "scope": "contact_data"}
    device = result_of(post(caller, "/oauth2/default/v1/device/authorize", asked))[1]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "sandbox-client",
        "device_code": device["device_code"],
    }
    caller.sandbox.clock.advance(wait)
    assert result_of(post(caller, TOKEN, form))[1]["error"] == error
