"""Lists are created, replaced, counted, found and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import make_caller


def test_a_list_is_created_read_and_replaced() -> None:
    """A PUT replaces the whole list: an absent description is erased."""
    caller = make_caller()
    body = {"name": "Spring fair", "description": "Once a year", "favorite": True}
    status, made = caller.call("POST", "/contact_lists", body)
    assert (status, {key: made[key] for key in body}) == (201, body)
    path = f"/contact_lists/{made['list_id']}"
    assert caller.get(path) == made
    status, payload = caller.call("PUT", path, {"name": "Autumn fair"})
    assert (status, payload["name"], payload["favorite"]) == (200, "Autumn fair", False)
    assert "description" not in payload


@pytest.mark.parametrize("name", ["Newsletter", "newsletter"])
def test_names_of_lists_are_unique(name: str) -> None:
    """The reply is 409 for a taken name."""
    caller = make_caller()
    status, payload = caller.call("POST", "/contact_lists", {"name": name})
    assert status == 409
    message = {"error_key": "contacts.api.conflict", "error_message": "List name already exists."}
    assert payload == [message]
    assert caller.call("PUT", f"/contact_lists/{caller.list_id}", {"name": name})[0] == 200


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 256}, {"name": 5}])
def test_a_list_needs_a_name_of_an_allowed_length(body: dict[str, Any]) -> None:
    """A name has 1 to 255 characters."""
    assert make_caller().call("POST", "/contact_lists", body)[0] == 400


def test_members_are_counted_on_request() -> None:
    """All members are counted, or the mailable ones."""
    caller = make_caller()
    for name, permission in (("a", "implicit"), ("b", "unsubscribed"), ("c", "explicit")):
        caller.sandbox.add_contact(
            f"{name}@example.com", lists=(caller.list_id,), permission=permission
        )
    path = f"/contact_lists/{caller.list_id}"
    assert "membership_count" not in caller.get(path)
    assert caller.get(path, include_membership_count="all")["membership_count"] == 3
    assert caller.get(path, include_membership_count="active")["membership_count"] == 2
    status, payload = caller.call("GET", "/contact_lists", include_membership_count="unsubscribed")
    assert status == 400
    message = "include_membership_count does not have a valid value"
    assert payload[0]["error_message"] == message


def test_lists_are_found_by_exact_name_and_paged() -> None:
    """Name, count and pages work together."""
    caller = make_caller(lists=("A", "B", "C"))
    assert [one["name"] for one in caller.get("/contact_lists", name="B")["lists"]] == ["B"]
    assert caller.get("/contact_lists", name="b") == {"lists": []}
    page = caller.get("/contact_lists", limit="2", include_count="true")
    assert (page["lists_count"], len(page["lists"])) == (3, 2)
    assert len(caller.follow(page)["lists"]) == 1


def test_an_activity_deletes_a_list() -> None:
    """The reply is 202 with an internal link; the list goes when the activity runs."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,))
    reply = caller.send("DELETE", f"/contact_lists/{caller.list_id}")
    status, payload = reply.status, caller.get("/activities")["activities"][0]
    assert (status, reply.headers["location"]) == (202, f"/v3/activities/{payload['activity_id']}")
    assert b'"status"' not in reply.body
    assert b"/contacts-service/v4/accounts/" in reply.body
    assert caller.get(f"/contact_lists/{caller.list_id}")["name"] == "Newsletter"
    assert caller.finished(payload["activity_id"])["status"] == {"list_count": 1}
    assert caller.call("GET", f"/contact_lists/{caller.list_id}")[0] == 404
    assert caller.get("/contact_lists") == {"lists": []}
    assert "deleted_at" in caller.get("/contact_lists", status="deleted")["lists"][0]
    assert caller.sandbox.contacts[0].list_memberships == ()
    assert not caller.sandbox.contacts[0].is_deleted
