"""What stands in front of every operation of the sandbox."""

from __future__ import annotations

import orjson
import pytest

from tests.support.sandbox_calls import make_caller


def test_a_missing_token_is_answered_as_observed() -> None:
    """401 has exactly 59 bytes and the headers of the real one."""
    sandbox = make_caller().sandbox
    reply = sandbox.answer("GET", "/v3/contacts", "", {})
    assert reply.status == 401
    assert reply.body == b'{"error_key":"unauthorized","error_message":"Unauthorized"}'
    assert len(reply.body) == 59
    assert reply.headers["www-authenticate"] == "Bearer realm=api.cc.email"
    assert reply.headers["x-amzn-errortype"] == "UnauthorizedException"
    assert reply.headers["x-cache"] == "Error from cloudfront"


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Basic sandbox-token", "Bearer ", "sandbox-token"]
)
def test_only_the_bearer_token_of_the_settings_is_taken(value: str) -> None:
    """Another token or another scheme is answered with 401."""
    sandbox = make_caller().sandbox
    assert sandbox.answer("GET", "/v3/contacts", "", {"authorization": value}).status == 401


def test_any_token_is_taken_where_the_settings_name_none() -> None:
    """With token=None every bearer token will do, but one is still needed."""
    sandbox = make_caller(token=None).sandbox
    assert sandbox.answer("GET", "/v3/contacts", "", {"authorization": "Bearer x"}).status == 200
    assert sandbox.answer("GET", "/v3/contacts", "", {}).status == 401


@pytest.mark.parametrize("path", ["/v3/nothing", "/v3/contacts/", "/v3", "/v2/contacts", "//"])
def test_an_unknown_path_is_answered_by_the_gateway(path: str) -> None:
    """403 with the gateway's own words, token or not."""
    reply = make_caller().sandbox.answer("GET", path, "", {})
    assert reply.status == 403
    assert orjson.loads(reply.body) == {"message": "Missing Authentication Token"}


def test_a_star_is_an_id_like_any_other() -> None:
    """A star where an id belongs is an id that nobody has."""
    assert make_caller().call("GET", "/contact_lists/*")[0] == 404


def test_a_method_that_a_path_does_not_have_is_named() -> None:
    """405 tells which methods there are."""
    reply = make_caller().send("DELETE", "/contacts")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")


def test_every_answer_carries_the_tracing_headers() -> None:
    """Four headers identify an answer, and no header tells what is left of the limits."""
    caller = make_caller()
    for reply in (caller.send("GET", "/contacts"), caller.send("GET", "/nothing")):
        names = {"x-amzn-requestid", "x-amz-apigw-id", "x-eig-tracking-id", "x-amz-cf-id"}
        assert names <= reply.headers.keys()
        assert not [name for name in reply.headers if "limit" in name or "retry" in name]


def test_a_missing_scope_privilege_or_application_is_one_403() -> None:
    """The three causes cannot be told apart by the answer."""
    caller = make_caller()
    rights = caller.sandbox.rights
    said = []
    rights.scopes.discard("contact_data")
    said.append(caller.call("GET", "/contacts"))
    rights.scopes.add("contact_data")
    rights.privileges.discard("contacts:read")
    said.append(caller.call("GET", "/contacts"))
    assert caller.call("GET", "/contact_lists")[0] == 200
    rights.privileges.add("contacts:read")
    rights.is_app_active = False
    said.append(caller.call("GET", "/contacts"))
    assert said == [(403, {"error_key": "forbidden", "error_message": "Forbidden"})] * 3


def test_reading_an_activity_needs_the_privilege_to_write() -> None:
    """A user who may only read contacts cannot see what became of an import."""
    caller = make_caller()
    caller.sandbox.rights.privileges.discard("contacts:write")
    assert caller.call("GET", "/activities")[0] == 403


def test_the_fifth_request_of_a_second_is_throttled() -> None:
    """Four pass, the fifth gets the documented body, and a second later four pass again."""
    caller = make_caller(per_second=4)
    assert [caller.call("GET", "/contacts")[0] for _ in range(6)] == [200] * 4 + [429] * 2
    throttled = {"error_key": "throttled", "error_message": "Too Many Requests"}
    assert caller.call("GET", "/contacts") == (429, throttled)
    caller.sandbox.clock.advance(1)
    assert [caller.call("GET", "/contacts")[0] for _ in range(5)] == [200] * 4 + [429]
    assert caller.sandbox.refused_429 == 4


@pytest.mark.parametrize(("window", "passed"), [("fixed", 8), ("sliding", 4)])
def test_seconds_are_counted_as_the_settings_say(window: str, passed: int) -> None:
    """Around the full second a fixed window lets eight pass, a sliding one four."""
    caller = make_caller(per_second=4, window=window)
    caller.sandbox.clock.advance(0.9)
    statuses = [caller.call("GET", "/contacts")[0] for _ in range(4)]
    caller.sandbox.clock.advance(0.2)
    statuses += [caller.call("GET", "/contacts")[0] for _ in range(4)]
    assert statuses.count(200) == passed


def test_the_daily_quota_lasts_until_midnight_utc() -> None:
    """The request after the last gets the other documented body, until the UTC day is over."""
    caller = make_caller(per_day=3)
    assert [caller.call("GET", "/contacts")[0] for _ in range(3)] == [200] * 3
    exceeded = {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}
    assert caller.call("GET", "/contacts") == (429, exceeded)
    now = caller.sandbox.clock()
    caller.sandbox.clock.advance(86_400 - now % 86_400 - 1)
    assert caller.call("GET", "/contacts")[0] == 429
    caller.sandbox.clock.advance(1)
    assert caller.call("GET", "/contacts")[0] == 200
    assert caller.sandbox.used_today == 1


def test_refused_requests_use_up_nothing_unless_told_to() -> None:
    """With counts_refused a storm of requests never gets through a sliding second."""
    caller = make_caller(per_second=1, window="sliding", counts_refused=True)
    caller.call("GET", "/contacts")
    for _ in range(10):
        caller.sandbox.clock.advance(0.5)
        assert caller.call("GET", "/contacts")[0] == 429


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_json_needs_its_content_type(content_type: str) -> None:
    """415 for a JSON body under another name."""
    caller = make_caller()
    headers = {"Content-Type": content_type} if content_type else {}
    reply = caller.send("POST", "/contacts", b"{}", headers)
    assert reply.status == 415
    assert orjson.loads(reply.body)[0]["error_key"] == "contacts.api.unsupported_media_type"


@pytest.mark.parametrize("body", [b'{"name":"x",}', b"", b"[]", b"nothing", b'{"name":NaN}'])
def test_json_is_read_strictly(body: bytes) -> None:
    """400 for a trailing comma and for whatever else is no JSON object."""
    reply = make_caller().send(
        "POST", "/contact_lists", body, {"Content-Type": "application/json; charset=utf-8"}
    )
    assert (reply.status, orjson.loads(reply.body)) == (
        400,
        [{"error_key": "contacts.api.validation.error", "error_message": "JSON is malformed"}],
    )


def test_a_body_beyond_the_gateways_limit_is_not_taken_in() -> None:
    """413 in the gateway's own shape, above ten megabytes."""
    reply = make_caller(max_request_bytes=10).send("POST", "/contacts", b"x" * 11)
    assert (reply.status, orjson.loads(reply.body)) == (413, {"message": "Request Too Long"})


def test_received_requests_are_kept_without_their_tokens() -> None:
    """Method, path, body, status and time are there to look at; the token is not."""
    caller = make_caller()
    caller.sign_up("dlang@example.com")
    seen = caller.sandbox.received[-1]
    assert (seen.method, seen.path, seen.status) == ("POST", "/v3/contacts/sign_up_form", 201)
    assert b"dlang@example.com" in seen.body
    assert b"created" in seen.reply_body
    assert seen.headers["authorization"] == "Bearer ***"
    assert "sandbox-token" not in repr(seen) + repr(caller.sandbox.settings)


def test_bodies_are_kept_within_bounds() -> None:
    """The newest bodies that fit are kept; of older requests all else stays."""
    caller = make_caller(kept_bytes=2_000, kept_requests=5)
    for number in range(8):
        caller.call("POST", "/contact_lists", {"name": f"{number} " + "x" * 200})
    kept = list(caller.sandbox.received)
    assert len(kept) == 5
    assert sum(len(one.body) + len(one.reply_body) for one in kept) <= 2_000
    assert kept[-1].body
    assert not kept[0].body
    assert kept[0].body_size > 200
