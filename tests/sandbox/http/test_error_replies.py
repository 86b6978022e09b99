"""Error replies have the documented or observed bytes."""

from __future__ import annotations

import orjson

from tests.support.sandbox_calls import make_caller


def test_a_missing_token_is_answered_as_observed() -> None:
    """401 has exactly the observed 59 bytes and headers."""
    sandbox = make_caller().sandbox
    reply = sandbox.answer("GET", "/v3/contacts", "", {})
    assert reply.status == 401
    assert reply.body == b'{"error_key":"unauthorized","error_message":"Unauthorized"}'
    assert len(reply.body) == 59
    assert reply.headers["www-authenticate"] == "Bearer realm=api.cc.email"
    assert reply.headers["x-amzn-errortype"] == "UnauthorizedException"
    assert reply.headers["x-cache"] == "Error from cloudfront"


def test_the_limits_reply_as_documented() -> None:
    """Each limit has its documented body, byte for byte."""
    caller = make_caller(per_second=1, per_day=2, max_queued=0)
    status, payload = caller.call("POST", "/activities/contacts_json_import", {})
    assert (status, payload) == (
        429,
        [
            {
                "error_key": "contacts.api.too_many_activities",
                "error_message": "Too many requests. You exceeded 0 queued activities for this "
                "user account.",
            }
        ],
    )
    body = caller.send("GET", "/contacts").body
    assert body == b'{"error_key":"throttled","error_message":"Too Many Requests"}'
    caller.sandbox.clock.advance(1)
    caller.send("GET", "/contacts")
    reply = caller.send("GET", "/contacts")
    assert orjson.loads(reply.body) == {
        "error_key": "quota_exceeded",
        "error_message": "Limit Exceeded",
    }
    assert "retry-after" not in reply.headers
