"""The way into the sandbox for tests and people, over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.sandbox_calls import Caller, make_caller

JSON = {"Content-Type": "application/json"}
PAGE = {
    "Host": "localhost:8080",
    "Origin": "http://localhost:8080",
    "Sec-Fetch-Site": "same-origin",
}


def control(
    caller: Caller,
    method: str,
    path: str,
    value: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Call a control with JSON, without any token."""
    path, _, query = path.partition("?")
    body = b"" if value is None else orjson.dumps(value)
    reply = caller.sandbox.answer(
        method, f"/sandbox/{path}", query, {**JSON, **(headers or {})}, body
    )
    return reply.status, orjson.loads(reply.body)


def test_the_state_tells_how_things_stand() -> None:
    """Counts, limits, activities and faults in one answer, none of it counted as a request."""
    caller = make_caller(per_second=4, per_day=100)
    caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,))
    caller.import_rows([{"email": "b@example.com"}])
    caller.sandbox.faults.add("500", times=2, path="/activities*")
    status, said = control(caller, "GET", "state")
    assert status == 200
    assert (said["contacts"], said["now"]) == (1, "2026-09-21T14:13:20Z")
    assert said["lists"][0]["membership_count"] == 1
    assert said["activities"][0]["state"] == "initialized"
    assert said["faults"][0]["times"] == 2
    assert said["limits"] == {"per_second": 4, "per_day": 100, "used_today": 1, "refused": 0}
    assert said["received"]["count"] == 1


def test_requests_are_shown_newest_first_without_tokens() -> None:
    """Bodies and answers are there; `after` leaves out what was seen before."""
    caller = make_caller()
    caller.sign_up("a@example.com")
    caller.get("/contacts")
    said = control(caller, "GET", "received")[1]["received"]
    assert [one["method"] for one in said] == ["GET", "POST"]
    assert '"created"' in said[1]["reply"]
    assert "a@example.com" in said[1]["body"]
    assert b"sandbox-token" not in orjson.dumps(said)
    assert len(control(caller, "GET", "received?after=1")[1]["received"]) == 1
    assert control(caller, "GET", "received?after=x")[0] == 400
    assert control(caller, "DELETE", "received")[0] == 200
    assert control(caller, "GET", "received")[1]["received"] == []


def test_an_account_is_filled_and_searched() -> None:
    """Lists by name, people with what they have; a wrong one is refused."""
    caller = make_caller()
    named = {"lists": ["Friends"], "custom_fields": ["Vehicle"], "tags": ["gold"]}
    status, made = control(caller, "POST", "seed", named)
    assert (status, made["lists"][0]["name"]) == (200, "Friends")
    people = [
        {"email": "ana@example.com", "first_name": "Ana", "lists": ["Friends"]},
        {"email": "ben@example.com", "permission": "unsubscribed"},
    ]
    assert control(caller, "POST", "contacts", {"contacts": people})[0] == 200
    found = control(caller, "GET", "contacts?search=AN")[1]["contacts"]
    assert [one["first_name"] for one in found] == ["Ana"]
    assert len(control(caller, "GET", "contacts")[1]["contacts"]) == 2
    for wrong in ({"contacts": people}, {"contacts": [{"email": "c@x.com", "shoe": 1}]}, {}):
        assert control(caller, "POST", "contacts", wrong)[0] == 400
    assert control(caller, "POST", "seed", {"lists": "Friends"})[0] == 400


def test_faults_are_switched_on_and_off() -> None:
    """A wrong name or share is refused with a reason."""
    caller = make_caller()
    fault = {"name": "503-html", "share": 0.5, "times": 3}
    assert control(caller, "POST", "faults", fault)[1]["times"] == 3
    for wrong in (
        {"name": "no"},
        {"share": 1},
        {"name": "500", "share": 7},
        {"name": "500", "x": 1},
    ):
        assert control(caller, "POST", "faults", wrong)[0] == 400
    control(caller, "DELETE", "faults?name=503-html")
    assert list(caller.sandbox.faults) == []


def test_activities_people_rights_and_time_are_steered() -> None:
    """What a test does in Python can be done from outside."""
    caller = make_caller()
    control(caller, "POST", "activities", {"act": "fail"})
    activity = caller.import_rows([{"email": "a@example.com"}])
    control(caller, "POST", "clock", {"advance": 1})
    assert caller.get(f"/activities/{activity}")["state"] == "failed"
    caller.sandbox.add_contact("a@example.com")
    for act, permission in (("unsubscribe", "unsubscribed"), ("confirm", "explicit")):
        control(caller, "POST", "people", {"email": "a@example.com", "act": act})
        contact = caller.sandbox.contacts[0]
        assert contact.email_address is not None
        assert contact.email_address.permission_to_send == permission
    control(caller, "POST", "rights", {"privileges": ["contacts:read"]})
    assert caller.call("GET", "/contact_lists")[0] == 403
    control(caller, "POST", "rights", {"is_token_expired": True})
    assert caller.call("GET", "/contacts")[0] == 401
    for path, wrong, status in (
        ("activities", {"act": "dance"}, 400),
        ("activities", {"act": "hold", "activity_id": "x"}, 404),
        ("people", {"act": "confirm", "email": "x"}, 404),
        ("people", {"act": "dance", "email": "a@example.com"}, 400),
        ("clock", {"advance": -1}, 400),
        ("clock", {"advance": "x"}, 400),
    ):
        assert control(caller, "POST", path, wrong)[0] == status


def test_a_reset_puts_everything_back() -> None:
    """As at the start, lists of the settings included."""
    caller = make_caller()
    caller.sign_up("a@example.com")
    caller.sandbox.faults.add("500")
    assert control(caller, "POST", "reset")[0] == 200
    assert caller.sandbox.contacts == ()
    assert [one.name for one in caller.sandbox.contact_lists] == ["Newsletter"]
    assert list(caller.sandbox.faults) == []
    assert len(caller.sandbox.received) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {**PAGE, "Origin": "https://evil.example"},
        {**PAGE, "Origin": "http://localhost:9999"},
        {**PAGE, "Origin": "null"},
        {**PAGE, "Sec-Fetch-Site": "cross-site"},
        {**PAGE, "Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example:8080"},
    ],
)
def test_pages_of_others_change_nothing(headers: dict[str, str]) -> None:
    """403 for another origin, and for a name that somebody pointed at the port."""
    caller = make_caller()
    assert control(caller, "POST", "faults", {"name": "500"}, headers)[0] == 403
    assert list(caller.sandbox.faults) == []


@pytest.mark.parametrize(
    "headers",
    [PAGE, {}, {"Host": "127.0.0.1:80"}, {"Host": "[::1]:80"}, {"Host": "box.localhost"},
     {"Host": "box:80"}],
)  # fmt: skip
def test_the_own_page_and_clients_that_are_no_browser_may_steer(headers: dict[str, str]) -> None:
    """Names beside localhost have to be in the settings."""
    caller = make_caller(host_names=["box"])
    assert control(caller, "POST", "faults", {"name": "500"}, headers)[0] == 200


def test_a_foreign_name_may_not_even_look() -> None:
    """Else a page could read addresses by giving the port a name of its own."""
    caller = make_caller()
    for path in ("/", "/sandbox/received"):
        reply = caller.sandbox.answer("GET", path, "", {"Host": "evil.example"})
        assert reply.status == 403
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_faults_do_not_hit_the_controls() -> None:
    """Whoever switched everything off can switch it on again."""
    caller = make_caller()
    caller.sandbox.faults.add("cut-before")
    assert caller.sandbox.pick_fault("POST", "/sandbox/faults") is None
    assert caller.sandbox.pick_fault("GET", "/") is None
    assert caller.sandbox.pick_fault("POST", "/oauth2/default/v1/token") is not None


def test_an_unknown_control_is_an_unknown_path() -> None:
    """403 in the gateway's words."""
    assert control(make_caller(), "GET", "nothing")[0] == 403
    assert control(make_caller(), "PUT", "faults")[0] == 403


def test_the_page_is_one_file_that_loads_nothing_from_elsewhere() -> None:
    """It works on a closed network, and nobody can put it into a frame."""
    reply = make_caller().sandbox.answer("GET", "/", "", {"Host": "127.0.0.1:8080"})
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert b"Constant Contact sandbox" in reply.body
    for elsewhere in (b"http://", b"https://", b"//cdn", b"<script src"):
        assert elsewhere not in reply.body
