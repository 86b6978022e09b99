"""Activities in the sandbox: how they move, and how a test steers them."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import Caller, make_caller


def start(caller: Caller, name: str = "a") -> str:
    """Import one person, and return the activity's id."""
    return caller.import_rows([{"email": f"{name}@example.com"}])


def state(caller: Caller, activity_id: str) -> str:
    """Return the state an activity is in."""
    return str(caller.get(f"/activities/{activity_id}")["state"])


def test_states_follow_the_clock_alone() -> None:
    """Initialized, processing and completed, without anything running in between."""
    caller = make_caller(activity_seconds=8)
    activity = start(caller)
    seen = []
    for _ in range(5):
        seen.append(state(caller, activity))
        caller.sandbox.clock.advance(2)
    assert seen == ["initialized", "processing", "processing", "processing", "completed"]
    said = caller.get(f"/activities/{activity}")
    assert said["started_at"] == "2026-09-21T14:13:22Z"
    assert said["completed_at"] == said["updated_at"] == "2026-09-21T14:13:28Z"


def test_a_held_activity_goes_on_from_where_it_stood() -> None:
    """Time that passes while it is held does not count."""
    caller = make_caller(activity_seconds=8)
    activity = start(caller)
    caller.sandbox.clock.advance(4)
    caller.sandbox.hold(activity)
    caller.sandbox.clock.advance(1_000)
    assert state(caller, activity) == "processing"
    caller.sandbox.release(activity)
    caller.sandbox.clock.advance(3)
    assert state(caller, activity) == "processing"
    caller.sandbox.clock.advance(1)
    assert state(caller, activity) == "completed"


@pytest.mark.parametrize("when", ["next", "now"])
@pytest.mark.parametrize("ending", ["failed", "timed_out", "cancelled"])
def test_an_activity_may_end_badly(ending: str, when: str) -> None:
    """The one named, or the next one that is started; what it had not done is not done."""
    caller = make_caller()
    steer = {
        "failed": caller.sandbox.fail,
        "timed_out": caller.sandbox.time_out,
        "cancelled": caller.sandbox.cancel,
    }[ending]
    if when == "next":
        steer()
    activity = start(caller)
    if when == "now":
        steer(activity)
    later = start(caller, "b")
    caller.sandbox.clock.advance(1)
    assert state(caller, activity) == ending
    assert state(caller, later) == "completed"
    assert [one.email_address.address for one in caller.sandbox.contacts if one.email_address] == [
        "b@example.com"
    ]


def test_a_failed_activity_says_why() -> None:
    """The texts given stand among its errors."""
    caller = make_caller()
    caller.sandbox.fail(None, "Line 2: Invalid birthday")
    said = caller.finished(start(caller))
    assert (said["activity_errors"], said["percent_done"]) == (["Line 2: Invalid birthday"], 1)


def test_a_lost_activity_was_never_there() -> None:
    """Accepted, then gone: not by id and not in the list."""
    caller = make_caller()
    caller.sandbox.lose()
    activity = start(caller)
    caller.sandbox.clock.advance(1)
    status, said = caller.call("GET", f"/activities/{activity}")
    assert status == 404
    assert said[0]["error_message"] == "Resource not found for the activity_id provided"
    assert caller.get("/activities") == {"activities": []}
    assert caller.sandbox.contacts == ()


def test_an_activity_is_forgotten_after_ten_days() -> None:
    """404 from then on."""
    caller = make_caller()
    activity = start(caller)
    caller.sandbox.clock.advance(10 * 86_400 - 1)
    assert caller.call("GET", f"/activities/{activity}")[0] == 200
    caller.sandbox.clock.advance(1)
    assert caller.call("GET", f"/activities/{activity}")[0] == 404


def test_the_queue_takes_only_so_many() -> None:
    """429 with the words of the contract, until jobs finish."""
    caller = make_caller(max_queued=2)
    start(caller)
    start(caller)
    body = {"import_data": [{"email": "c@example.com"}], "list_ids": [caller.list_id]}
    status, said = caller.call("POST", "/activities/contacts_json_import", body)
    assert status == 429
    assert said[0]["error_key"] == "contacts.api.too_many_activities"
    assert "queued activities" in said[0]["error_message"]
    caller.sandbox.clock.advance(1)
    start(caller)


def test_the_list_is_newest_first_and_its_self_links_mislead() -> None:
    """Every item of a page carries the link of the page's last, as observed."""
    caller = make_caller()
    ids = [start(caller) for _ in range(3)]
    page = caller.get("/activities", limit="2")
    assert [one["activity_id"] for one in page["activities"]] == [ids[2], ids[1]]
    links = {one["_links"]["self"]["href"] for one in page["activities"]}
    assert links == {f"/v3/activities/{ids[1]}"}
    last = caller.follow(page)
    assert [one["activity_id"] for one in last["activities"]] == [ids[0]]
    assert "_links" not in last


def test_the_list_is_filtered_by_state() -> None:
    """Five states can be asked for; `initialized` is not among them."""
    caller = make_caller()
    start(caller)
    assert caller.get("/activities", state="processing") == {"activities": []}
    caller.sandbox.clock.advance(0.5)
    assert len(caller.get("/activities", state="processing")["activities"]) == 1
    assert caller.call("GET", "/activities", state="initialized")[0] == 400


def test_a_new_activity_may_show_late() -> None:
    """With list_delay it can be fetched by id before it appears in the list."""
    caller = make_caller(list_delay=5)
    activity = start(caller)
    assert caller.get("/activities") == {"activities": []}
    assert state(caller, activity) == "initialized"
    caller.sandbox.clock.advance(5)
    assert len(caller.get("/activities")["activities"]) == 1


def test_time_runs_only_forwards() -> None:
    """The clock cannot be set back."""
    with pytest.raises(ValueError, match="backwards"):
        make_caller().sandbox.clock.advance(-1)
