"""Tokens, scopes and privileges open the API."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import make_caller


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Basic sandbox-token", "Bearer ", "sandbox-token"]
)
def test_only_the_bearer_token_of_the_settings_is_accepted(value: str) -> None:
    """Another token or another scheme gets 401."""
    sandbox = make_caller().sandbox
    assert sandbox.answer("GET", "/v3/contacts", "", {"authorization": value}).status == 401


def test_any_token_is_accepted_without_one_in_the_settings() -> None:
    """With token=None every bearer token opens the API, but one is still needed."""
    sandbox = make_caller(token=None).sandbox
    assert sandbox.answer("GET", "/v3/contacts", "", {"authorization": "Bearer x"}).status == 200
    assert sandbox.answer("GET", "/v3/contacts", "", {}).status == 401


def test_a_missing_scope_privilege_or_application_is_one_403() -> None:
    """The reply does not tell the three causes apart."""
    caller = make_caller()
    rights = caller.sandbox.rights
    payload = []
    rights.scopes.discard("contact_data")
    payload.append(caller.call("GET", "/contacts"))
    rights.scopes.add("contact_data")
    rights.privileges.discard("contacts:read")
    payload.append(caller.call("GET", "/contacts"))
    assert caller.call("GET", "/contact_lists")[0] == 200
    rights.privileges.add("contacts:read")
    rights.is_app_active = False
    payload.append(caller.call("GET", "/contacts"))
    assert payload == [(403, {"error_key": "forbidden", "error_message": "Forbidden"})] * 3
