"""The gateway in front of every operation."""

from __future__ import annotations

import orjson

from tests.support.sandbox_calls import make_caller


def test_every_reply_carries_the_tracing_headers() -> None:
    """Four headers identify a reply, and no header shows the rest of the budget."""
    caller = make_caller()
    for reply in (caller.send("GET", "/contacts"), caller.send("GET", "/nothing")):
        names = {"x-amzn-requestid", "x-amz-apigw-id", "x-eig-tracking-id", "x-amz-cf-id"}
        assert names <= reply.headers.keys()
        assert not [name for name in reply.headers if "limit" in name or "retry" in name]


def test_a_body_beyond_the_gateways_limit_is_refused() -> None:
    """The reply is 413 in the gateway's own shape."""
    reply = make_caller(max_request_bytes=10).send("POST", "/contacts", b"x" * 11)
    assert (reply.status, orjson.loads(reply.body)) == (413, {"message": "Request Too Long"})
