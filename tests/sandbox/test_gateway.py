"""The gateway in front of every operation."""

from __future__ import annotations

import orjson

from cc_async.sandbox import Sandbox, SandboxSettings
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


def status_under(host: str, **settings: object) -> int:
    sandbox = Sandbox(SandboxSettings(**settings))  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {sandbox.settings.token}", "Host": host}
    return sandbox.answer("GET", "/v3/contacts", "", headers).status


def test_a_foreign_name_does_not_reach_the_api_with_the_known_token() -> None:
    """A web page can give the port a name of its own and knows the default token: 403."""
    assert status_under("evil.example:8080") == 403
    assert status_under("evil.example", token=None) == 403
    for host in ("localhost:8080", "127.0.0.1:80", "[::1]:80", "box.localhost"):
        assert status_under(host) == 200
    assert status_under("box:80", host_names=("box",)) == 200
    assert status_under("box:80", token="a-token-of-its-own") == 200
