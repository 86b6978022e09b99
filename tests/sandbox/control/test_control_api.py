"""The controls over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.sandbox_calls import control, make_caller


def test_the_state_shows_counts_limits_activities_and_faults() -> None:
    """Asking for it does not count as a request."""
    caller = make_caller(per_second=4, per_day=100)
    caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,))
    caller.import_rows([{"email": "b@example.com"}])
    caller.sandbox.faults.add("500", times=2, path="/activities*")
    status, payload = control(caller, "GET", "state")
    assert status == 200
    assert (payload["contacts"], payload["now"]) == (1, "2026-09-21T14:13:20Z")
    assert payload["lists"][0]["membership_count"] == 1
    assert payload["activities"][0]["state"] == "initialized"
    assert payload["faults"][0]["times"] == 2
    assert payload["limits"] == {"per_second": 4, "per_day": 100, "used_today": 1, "refused": 0}
    assert payload["received"]["count"] == 1


def test_requests_are_shown_newest_first_without_tokens() -> None:
    """Bodies and replies are shown; `after` leaves out older requests."""
    caller = make_caller()
    caller.sign_up("a@example.com")
    caller.get("/contacts")
    payload = control(caller, "GET", "received")[1]["received"]
    assert [one["method"] for one in payload] == ["GET", "POST"]
    assert '"created"' in payload[1]["reply"]
    assert "a@example.com" in payload[1]["body"]
    assert b"sandbox-token" not in orjson.dumps(payload)
    assert len(control(caller, "GET", "received?after=1")[1]["received"]) == 1
    assert control(caller, "GET", "received?after=x")[0] == 400
    assert control(caller, "DELETE", "received")[0] == 200
    assert control(caller, "GET", "received")[1]["received"] == []


def test_an_account_is_filled_and_searched() -> None:
    """Lists are named, contacts come with their values; an invalid value is refused."""
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
    """An invalid name or share is refused with a reason."""
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


def test_activities_contacts_rights_and_time_are_steered() -> None:
    """Each control does the same as its method in Python."""
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
    """The lists of the settings are there again, and nothing else."""
    caller = make_caller()
    caller.sign_up("a@example.com")
    caller.sandbox.faults.add("500")
    assert control(caller, "POST", "reset")[0] == 200
    assert caller.sandbox.contacts == ()
    assert [one.name for one in caller.sandbox.contact_lists] == ["Newsletter"]
    assert list(caller.sandbox.faults) == []
    assert len(caller.sandbox.received) == 0


PATHS = [
    "contacts", "people", "seed", "faults", "activities", "clock", "rights", "received", "state",
]  # fmt: skip


NAMES = [
    "contacts", "email", "act", "lists", "custom_fields", "tags", "name", "share", "path", "method",
    "times", "seconds", "activity_id", "advance", "scopes", "privileges", "is_app_active",
]  # fmt: skip


WORDS = ["confirm", "unsubscribe", "hold", "release", "fail", "lose", "500", "latency", "a@b.com"]


plain = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-1, 2), st.text(max_size=5),
    st.sampled_from(WORDS),
)  # fmt: skip


anything = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)


FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST", "DELETE"]),
            st.sampled_from(PATHS),
            st.dictionaries(st.sampled_from(NAMES), anything, max_size=5),
        ),
        max_size=6,
    )
)
def test_the_controls_answer_every_request(calls: list[tuple[str, str, dict[str, Any]]]) -> None:
    """An invalid value is refused at once, and never breaks a later API call."""
    caller = make_caller()
    for method, path, body in calls:
        reply = caller.sandbox.answer(
            method,
            f"/sandbox/{path}",
            "",
            {"content-type": "application/json"},
            orjson.dumps(body),
        )
        assert reply.status in {200, 400, 403, 404}
    caller.sandbox.pick_fault("GET", "/v3/contacts")
    assert caller.send("GET", "/contacts").status < 500
