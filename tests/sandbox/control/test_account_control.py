"""A test looks at an account, fills it, and steers its activities in Python."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import make_caller, start_import, state_of


def test_a_released_activity_goes_on_from_its_progress() -> None:
    """Time that passes while it is held does not count."""
    caller = make_caller(activity_seconds=8)
    activity = start_import(caller)
    caller.sandbox.clock.advance(4)
    caller.sandbox.hold(activity)
    caller.sandbox.clock.advance(1_000)
    assert state_of(caller, activity) == "processing"
    caller.sandbox.release(activity)
    caller.sandbox.clock.advance(3)
    assert state_of(caller, activity) == "processing"
    caller.sandbox.clock.advance(1)
    assert state_of(caller, activity) == "completed"


@pytest.mark.parametrize("when", ["next", "now"])
@pytest.mark.parametrize("ending", ["failed", "timed_out", "cancelled"])
def test_an_activity_may_end_badly(ending: str, when: str) -> None:
    """A test ends a named activity or the next one; the rest of its work is not done."""
    caller = make_caller()
    steer = {
        "failed": caller.sandbox.fail,
        "timed_out": caller.sandbox.time_out,
        "cancelled": caller.sandbox.cancel,
    }[ending]
    if when == "next":
        steer()
    activity = start_import(caller)
    if when == "now":
        steer(activity)
    later = start_import(caller, "b")
    caller.sandbox.clock.advance(1)
    assert state_of(caller, activity) == ending
    assert state_of(caller, later) == "completed"
    assert [one.email_address.address for one in caller.sandbox.contacts if one.email_address] == [
        "b@example.com"
    ]


def test_a_failed_activity_shows_its_errors() -> None:
    """The given texts are among its errors."""
    caller = make_caller()
    caller.sandbox.fail(None, "Line 2: Invalid birthday")
    payload = caller.finished(start_import(caller))
    assert (payload["activity_errors"], payload["percent_done"]) == (
        ["Line 2: Invalid birthday"],
        1,
    )


def test_a_lost_activity_vanishes() -> None:
    """It was accepted, and is found neither by its id nor in the list."""
    caller = make_caller()
    caller.sandbox.lose()
    activity = start_import(caller)
    caller.sandbox.clock.advance(1)
    status, payload = caller.call("GET", f"/activities/{activity}")
    assert status == 404
    assert payload[0]["error_message"] == "Resource not found for the activity_id provided"
    assert caller.get("/activities") == {"activities": []}
    assert caller.sandbox.contacts == ()


def test_accounts_have_one_budget_and_contacts_of_their_own() -> None:
    """Requests of all accounts use up the application's limits; a reset empties all accounts."""
    caller = make_caller(per_second=2, accounts={"second-token": "tim@example.com"})
    sandbox = caller.sandbox
    tim = sandbox.account_of("tim@example.com")
    tim.add_contact("tims@example.com")
    caller.sign_up("lolas@example.com")
    headers = {"authorization": "Bearer second-token"}
    found = sandbox.answer("GET", "/v3/contacts", "", headers)
    assert b"tims@example.com" in found.body
    assert b"lolas@example.com" not in found.body
    assert [one.name for one in tim.contact_lists] == ["Newsletter"]
    assert sandbox.answer("GET", "/v3/contacts", "", headers).status == 429
    sandbox.reset()
    assert sandbox.account_of("tim@example.com").contacts == ()
    with pytest.raises(KeyError):
        sandbox.account_of("nobody@example.com")
