"""Custom fields get names and choices, and are deleted with their values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import make_caller


def test_a_field_gets_its_name_from_its_label() -> None:
    """The name has small letters and underscores, and is never another field's."""
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
    """The reply is 409 for a taken label."""
    caller = make_caller(custom_fields=("Vehicle",))
    body = {"label": "vehicle", "type": "string"}
    status, payload = caller.call("POST", "/contact_custom_fields", body)
    assert (status, payload[0]["error_message"]) == (409, "Custom field already exists.")


@pytest.mark.parametrize(
    "body",
    [
        {"label": "Vehicle"}, {"type": "string"}, {"label": "x" * 51, "type": "string"},
        {"label": "Vehicle", "type": "anything"}, {"label": "V", "type": ["string"]},
        {"label": "V", "type": "single_select", "choices": [{"choice_label": ""}]},
    ],
)  # fmt: skip
def test_a_field_needs_a_label_and_a_type(body: dict[str, Any]) -> None:
    """The reply is 400 without either, or with an invalid one."""
    assert make_caller().call("POST", "/contact_custom_fields", body)[0] == 400


def test_choices_are_numbered_and_keep_their_numbers() -> None:
    """A choice sent with its id stays the same choice, with any label."""
    caller = make_caller()
    choices = [{"choice_label": "Red"}, {"choice_label": "Blue"}]
    body = {"label": "Colour", "type": "single_select", "choices": choices}
    made = caller.call("POST", "/contact_custom_fields", body)[1]
    assert [one["choice_id"] for one in made["choices"]] == [1, 2]
    path = f"/contact_custom_fields/{made['custom_field_id']}"
    changed = [{"choice_id": 2, "choice_label": "Navy"}, {"choice_label": "Green"}]
    payload = caller.call("PUT", path, {"label": "Colour", "choices": changed})[1]
    assert [(one["choice_id"], one["choice_label"]) for one in payload["choices"]] == [
        (2, "Navy"),
        (3, "Green"),
    ]


def test_deleting_a_field_deletes_its_values() -> None:
    """The reply is 204, at once."""
    caller = make_caller(custom_fields=("Vehicle",))
    field = caller.sandbox.custom_fields[0].custom_field_id
    caller.sign_up("a@example.com", custom_fields=[{"custom_field_id": field, "value": "Bike"}])
    reply = caller.send("DELETE", f"/contact_custom_fields/{field}")
    assert (reply.status, reply.body) == (204, b"")
    assert caller.sandbox.contacts[0].custom_fields == ()
    assert caller.get("/contact_custom_fields") == {"custom_fields": []}
    assert caller.send("DELETE", f"/contact_custom_fields/{field}").status == 404
