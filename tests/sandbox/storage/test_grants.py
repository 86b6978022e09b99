"""Refresh tokens rotate or live long."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import get_lists, refresh, tokens


def test_a_reused_rotating_token_ends_the_family() -> None:
    """The second use of a refresh token ends the whole sign-in."""
    caller = make_caller(consent="allowed")
    first = tokens(caller)["refresh_token"]
    status, pair = refresh(caller, first)
    assert status == 200
    assert pair["refresh_token"] != first
    assert get_lists(caller, pair["access_token"]) == 200
    status, answer = refresh(caller, first)
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert refresh(caller, pair["refresh_token"])[0] == 400
    assert refresh(caller, "nothing")[1]["error"] == "invalid_grant"


def test_a_long_lived_token_stays_the_same_while_it_is_used() -> None:
    """It expires after 180 days without use."""
    caller = make_caller(consent="allowed", refresh_tokens="long_lived")
    token = tokens(caller)["refresh_token"]
    for _ in range(2):
        caller.sandbox.clock.advance(179 * 86_400)
        status, pair = refresh(caller, token)
        assert (status, pair["refresh_token"]) == (200, token)
    caller.sandbox.clock.advance(180 * 86_400)
    assert refresh(caller, token)[0] == 400
