"""Received requests are kept within bounds and without secrets."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import BASIC, refresh, tokens


def test_received_requests_are_kept_without_their_tokens() -> None:
    """Method, path, body, status and time are kept; the token is masked."""
    caller = make_caller()
    caller.sign_up("dlang@example.com")
    seen = caller.sandbox.received[-1]
    assert (seen.method, seen.path, seen.status) == ("POST", "/v3/contacts/sign_up_form", 201)
    assert b"dlang@example.com" in seen.body
    assert b"created" in seen.reply_body
    assert seen.headers["authorization"] == "Bearer ***"
    assert "sandbox-token" not in repr(seen) + repr(caller.sandbox.settings)


def test_bodies_are_kept_within_bounds() -> None:
    """The newest bodies are kept; older requests keep everything but their body."""
    caller = make_caller(kept_bytes=2_000, kept_requests=5)
    for number in range(8):
        caller.call("POST", "/contact_lists", {"name": f"{number} " + "x" * 200})
    kept = list(caller.sandbox.received)
    assert len(kept) == 5
    assert sum(len(one.body) + len(one.reply_body) for one in kept) <= 2_000
    assert kept[-1].body
    assert not kept[0].body
    assert kept[0].body_size > 200


def test_secrets_of_a_sign_in_are_masked() -> None:
    """Form, query, headers and reply show none of them."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller)
    refresh(caller, pair["refresh_token"])
    seen = "".join(
        f"{one.query}{one.headers}{one.body!r}{one.reply_body!r}" for one in caller.sandbox.received
    )
    assert "refresh_token=***" in seen
    for secret in (pair["access_token"], pair["refresh_token"], BASIC["Authorization"][6:]):
        assert secret not in seen
