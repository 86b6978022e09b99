"""Activities are queued, listed and looked up."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller, start_import, state_of


def test_a_full_queue_refuses_another_activity() -> None:
    """The reply is 429 in the words of the contract, until an activity ends."""
    caller = make_caller(max_queued=2)
    start_import(caller)
    start_import(caller)
    body = {"import_data": [{"email": "c@example.com"}], "list_ids": [caller.list_id]}
    status, payload = caller.call("POST", "/activities/contacts_json_import", body)
    assert status == 429
    assert payload[0]["error_key"] == "contacts.api.too_many_activities"
    assert "queued activities" in payload[0]["error_message"]
    caller.sandbox.clock.advance(1)
    start_import(caller)


def test_the_list_is_newest_first_and_its_self_links_mislead() -> None:
    """As observed, every item of a page carries the link of the page's last item."""
    caller = make_caller()
    ids = [start_import(caller) for _ in range(3)]
    page = caller.get("/activities", limit="2")
    assert [one["activity_id"] for one in page["activities"]] == [ids[2], ids[1]]
    links = {one["_links"]["self"]["href"] for one in page["activities"]}
    assert links == {f"/v3/activities/{ids[1]}"}
    last = caller.follow(page)
    assert [one["activity_id"] for one in last["activities"]] == [ids[0]]
    assert "_links" not in last


def test_the_list_is_filtered_by_state() -> None:
    """A query may name five states; `initialized` is refused."""
    caller = make_caller()
    start_import(caller)
    assert caller.get("/activities", state="processing") == {"activities": []}
    caller.sandbox.clock.advance(0.5)
    assert len(caller.get("/activities", state="processing")["activities"]) == 1
    assert caller.call("GET", "/activities", state="initialized")[0] == 400


def test_a_new_activity_may_show_late() -> None:
    """With list_delay an activity is found by its id before the list shows it."""
    caller = make_caller(list_delay=5)
    activity = start_import(caller)
    assert caller.get("/activities") == {"activities": []}
    assert state_of(caller, activity) == "initialized"
    caller.sandbox.clock.advance(5)
    assert len(caller.get("/activities")["activities"]) == 1
