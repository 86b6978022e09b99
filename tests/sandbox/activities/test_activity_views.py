"""Replies show activities as they were observed."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller, shape

STARTED = {
    "activity_id": "",
    "state": "initialized",
    "created_at": "",
    "updated_at": "",
    "percent_done": 1,
    "activity_errors": [],
    "status": {},
    "_links": {"self": {"href": ""}},
}


COUNTERS = {
    "items_total_count": 3,
    "person_count": 2,
    "error_count": 0,
    "correctable_count": 0,
    "cannot_add_to_list_count": 0,
}


def test_an_import_is_followed_to_its_end() -> None:
    """Started, running and completed activities have their observed keys."""
    caller = make_caller(activity_seconds=8)
    rows = [
        {"email": "dlang@example.com", "birthday_month": 11, "birthday_day": 24,
         "mobile_phone": "555-555-1212", "state": "Illinois", "cf:vehicle": "Tesla S 2017"},
        {"email": "jdodge@example.com", "first_name": "Jake"},
    ]  # fmt: skip
    body = {"import_data": rows, "list_ids": [caller.list_id]}
    status, payload = caller.call("POST", "/activities/contacts_json_import", body)
    assert (status, shape(payload)) == (201, shape(STARTED))
    assert (payload["percent_done"], payload["state"]) == (1, "initialized")
    path = f"/activities/{payload['activity_id']}"
    caller.sandbox.clock.advance(4)
    running = {**STARTED, "started_at": "", "status": {"items_total_count": 3}}
    assert shape(caller.get(path)) == shape(running)
    caller.sandbox.clock.advance(4)
    done = {**STARTED, "started_at": "", "completed_at": "", "status": COUNTERS}
    assert shape(caller.get(path)) == shape(done)
    assert caller.get(path)["status"] == COUNTERS


def test_a_failed_activity_has_an_error_and_no_end() -> None:
    """It shows an error text and one percent, and no counters."""
    caller = make_caller()
    caller.sandbox.fail()
    payload = caller.finished(caller.import_rows([{"email": "a@example.com"}]))
    failed = {**STARTED, "started_at": "", "activity_errors": ["The file could not be read."]}
    assert shape(payload) == shape(failed)
    assert (payload["state"], payload["activity_errors"]) == ("failed", failed["activity_errors"])
