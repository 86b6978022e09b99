"""The token endpoint exchanges codes and refresh tokens."""

from __future__ import annotations

import base64

import orjson

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import (
    ASKED,
    BASIC,
    CHALLENGE,
    TOKEN,
    VERIFIER,
    code_of,
    get_lists,
    post,
    result_of,
    tokens,
)


def test_a_code_becomes_tokens_once_and_within_five_minutes() -> None:
    """The access token has the shape of a signed one and opens the API for a day."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller)
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 86_400)
    assert set(pair["scope"].split()) == {"contact_data", "offline_access"}
    assert 1_000 <= len(pair["access_token"]) <= 1_200
    assert len(pair["refresh_token"]) == 42
    claims = orjson.loads(base64.urlsafe_b64decode(pair["access_token"].split(".")[1] + "=="))
    assert (claims["cid"], claims["aud"]) == ("sandbox-client", "https://api.cc.email/v3")
    assert get_lists(caller, pair["access_token"]) == 200
    caller.sandbox.clock.advance(86_400)
    assert get_lists(caller, pair["access_token"]) == 401

    code = code_of(caller)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://x.example"}
    assert result_of(post(caller, TOKEN, form, BASIC))[1]["error"] == "invalid_grant"
    form["redirect_uri"] = ASKED["redirect_uri"]
    assert result_of(post(caller, TOKEN, form, BASIC))[1]["error"] == "invalid_grant"
    form["code"] = code_of(caller)
    caller.sandbox.clock.advance(300)
    assert result_of(post(caller, TOKEN, form, BASIC))[0] == 400


def test_without_offline_access_there_is_no_refresh_token() -> None:
    """There is no error either; a scope that was not granted opens nothing."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller, scope="account_read")
    assert "refresh_token" not in pair
    assert get_lists(caller, pair["access_token"]) == 403


def test_pkce_needs_the_verifier_and_no_secret() -> None:
    """The documented pair works; another verifier fails, and so does a missing challenge."""
    caller = make_caller(consent="allowed")
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    form = {
        "client_id": "sandbox-client",
        "grant_type": "authorization_code",
        "redirect_uri": ASKED["redirect_uri"],
    }
    for verifier, status in ((VERIFIER, 200), (VERIFIER[::-1], 400), ("", 400)):
        proof = {"code": code_of(caller, **challenge), "code_verifier": verifier}
        assert post(caller, TOKEN, {**form, **proof}).status == status
    status, answer = result_of(post(caller, TOKEN, {**form, "code": code_of(caller)}))
    assert (status, answer["error"]) == (401, "invalid_client")


def test_the_token_endpoint_takes_one_call_a_second() -> None:
    """The second call gets 429 in the identity server's own words."""
    caller = make_caller()
    form = {"grant_type": "password"}
    assert result_of(post(caller, TOKEN, form))[1]["error"] == "unsupported_grant_type"
    reply = caller.sandbox.answer("POST", TOKEN, "", {}, b"")
    assert (reply.status, "errorCode" in orjson.loads(reply.body)) == (429, True)
