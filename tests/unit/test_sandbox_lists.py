"""Lists and custom fields in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import make_caller


def test_a_list_is_created_read_and_replaced() -> None:
    """A PUT replaces the whole: a description that is left out is gone."""
    caller = make_caller()
    body = {"name": "Spring fair", "description": "Once a year", "favorite": True}
    status, made = caller.call("POST", "/contact_lists", body)
    assert (status, {key: made[key] for key in body}) == (201, body)
    path = f"/contact_lists/{made['list_id']}"
    assert caller.get(path) == made
    status, said = caller.call("PUT", path, {"name": "Autumn fair"})
    assert (status, said["name"], said["favorite"]) == (200, "Autumn fair", False)
    assert "description" not in said


@pytest.mark.parametrize("name", ["Newsletter", "newsletter"])
def test_names_of_lists_are_unique(name: str) -> None:
    """409 for a name that is taken."""
    caller = make_caller()
    status, said = caller.call("POST", "/contact_lists", {"name": name})
    assert status == 409
    message = {"error_key": "contacts.api.conflict", "error_message": "List name already exists."}
    assert said == [message]
    assert caller.call("PUT", f"/contact_lists/{caller.list_id}", {"name": name})[0] == 200


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 256}, {"name": 5}])
def test_a_list_needs_a_name_of_a_length_allowed(body: dict[str, Any]) -> None:
    """From 1 to 255 letters."""
    assert make_caller().call("POST", "/contact_lists", body)[0] == 400


def test_members_are_counted_when_asked_for() -> None:
    """All of them, or only those who may be mailed."""
    caller = make_caller()
    for name, permission in (("a", "implicit"), ("b", "unsubscribed"), ("c", "explicit")):
        caller.sandbox.add_contact(
            f"{name}@example.com", lists=(caller.list_id,), permission=permission
        )
    path = f"/contact_lists/{caller.list_id}"
    assert "membership_count" not in caller.get(path)
    assert caller.get(path, include_membership_count="all")["membership_count"] == 3
    assert caller.get(path, include_membership_count="active")["membership_count"] == 2
    status, said = caller.call("GET", "/contact_lists", include_membership_count="unsubscribed")
    assert status == 400
    message = "include_membership_count does not have a valid value"
    assert said[0]["error_message"] == message


def test_lists_are_found_by_exact_name_and_paged() -> None:
    """Name, count and pages go together."""
    caller = make_caller(lists=("A", "B", "C"))
    assert [one["name"] for one in caller.get("/contact_lists", name="B")["lists"]] == ["B"]
    assert caller.get("/contact_lists", name="b") == {"lists": []}
    page = caller.get("/contact_lists", limit="2", include_count="true")
    assert (page["lists_count"], len(page["lists"])) == (3, 2)
    assert len(caller.follow(page)["lists"]) == 1


def test_deleting_a_list_takes_an_activity() -> None:
    """202 with a link that only the inside knows; the list goes when the job runs."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,))
    reply = caller.send("DELETE", f"/contact_lists/{caller.list_id}")
    status, said = reply.status, caller.get("/activities")["activities"][0]
    assert (status, reply.headers["location"]) == (202, f"/v3/activities/{said['activity_id']}")
    assert b'"status"' not in reply.body
    assert b"/contacts-service/v4/accounts/" in reply.body
    assert caller.get(f"/contact_lists/{caller.list_id}")["name"] == "Newsletter"
    assert caller.finished(said["activity_id"])["status"] == {"list_count": 1}
    assert caller.call("GET", f"/contact_lists/{caller.list_id}")[0] == 404
    assert caller.get("/contact_lists") == {"lists": []}
    assert "deleted_at" in caller.get("/contact_lists", status="deleted")["lists"][0]
    assert caller.sandbox.contacts[0].list_memberships == ()
    assert not caller.sandbox.contacts[0].is_deleted


def test_a_field_gets_its_name_from_its_label() -> None:
    """Small letters and underscores, and never the name of another field."""
    caller = make_caller()
    status, made = caller.call(
        "POST", "/contact_custom_fields", {"label": "My Car", "type": "date"}
    )
    assert (status, made["name"], made["type"], made["version"]) == (201, "my_car", "date", 1)
    other = caller.call("POST", "/contact_custom_fields", {"label": "My_Car", "type": "string"})[1]
    assert other["name"] != "my_car"
    path = f"/contact_custom_fields/{made['custom_field_id']}"
    assert caller.call("PUT", path, {"label": "My Bike"})[1]["name"] == "my_bike"
    assert caller.get(path)["type"] == "date"


def test_labels_of_fields_are_unique() -> None:
    """409 for a label that is taken."""
    caller = make_caller(custom_fields=("Vehicle",))
    body = {"label": "vehicle", "type": "string"}
    status, said = caller.call("POST", "/contact_custom_fields", body)
    assert (status, said[0]["error_message"]) == (409, "Custom field already exists.")


@pytest.mark.parametrize(
    "body",
    [
        {"label": "Vehicle"}, {"type": "string"}, {"label": "x" * 51, "type": "string"},
        {"label": "Vehicle", "type": "anything"}, {"label": "V", "type": ["string"]},
        {"label": "V", "type": "single_select", "choices": [{"choice_label": ""}]},
    ],
)  # fmt: skip
def test_a_field_needs_a_label_and_a_type(body: dict[str, Any]) -> None:
    """400 without either, or with a wrong one."""
    assert make_caller().call("POST", "/contact_custom_fields", body)[0] == 400


def test_choices_are_numbered_and_keep_their_numbers() -> None:
    """A choice that is sent with its id is the same one, whatever its label."""
    caller = make_caller()
    choices = [{"choice_label": "Red"}, {"choice_label": "Blue"}]
    body = {"label": "Colour", "type": "single_select", "choices": choices}
    made = caller.call("POST", "/contact_custom_fields", body)[1]
    assert [one["choice_id"] for one in made["choices"]] == [1, 2]
    path = f"/contact_custom_fields/{made['custom_field_id']}"
    changed = [{"choice_id": 2, "choice_label": "Navy"}, {"choice_label": "Green"}]
    said = caller.call("PUT", path, {"label": "Colour", "choices": changed})[1]
    assert [(one["choice_id"], one["choice_label"]) for one in said["choices"]] == [
        (2, "Navy"),
        (3, "Green"),
    ]


def test_deleting_a_field_takes_its_values_along() -> None:
    """204 at once."""
    caller = make_caller(custom_fields=("Vehicle",))
    field = caller.sandbox.custom_fields[0].custom_field_id
    caller.sign_up("a@example.com", custom_fields=[{"custom_field_id": field, "value": "Bike"}])
    reply = caller.send("DELETE", f"/contact_custom_fields/{field}")
    assert (reply.status, reply.body) == (204, b"")
    assert caller.sandbox.contacts[0].custom_fields == ()
    assert caller.get("/contact_custom_fields") == {"custom_fields": []}
    assert caller.send("DELETE", f"/contact_custom_fields/{field}").status == 404
