"""A sign-up creates a contact or updates a known one."""

from __future__ import annotations

from typing import Any

import pytest

from cc_async.models import PROPERTIES, SIGN_UPS, Property
from tests.support.sandbox_calls import make_caller, problem


def test_a_sign_up_creates_and_then_updates() -> None:
    """The reply is 201 created, then 200 updated with the same id; absent values stay."""
    caller = make_caller(lists=("Newsletter", "Spring fair"))
    spring = caller.sandbox.contact_lists[1].list_id
    status, first = caller.sign_up("jdodge@example.com", first_name="Jake", last_name="Dodge")
    assert (status, first["action"], set(first)) == (201, "created", {"contact_id", "action"})
    status, second = caller.sign_up(
        "JDodge@example.com", job_title="Musician", list_memberships=[spring]
    )
    assert (status, second) == (200, {**first, "action": "updated"})
    contact = caller.sandbox.find_contact("jdodge@example.com")
    assert contact is not None
    assert (contact.first_name, contact.job_title) == ("Jake", "Musician")
    assert contact.list_memberships == (caller.list_id, spring)


def test_a_sign_up_replaces_named_fields_and_keeps_the_others() -> None:
    """Custom fields are added by their id; none can be removed."""
    caller = make_caller(custom_fields=("Vehicle", "Size"))
    vehicle, size = (one.custom_field_id for one in caller.sandbox.custom_fields)
    caller.sign_up("a@example.com", custom_fields=[{"custom_field_id": vehicle, "value": "Bike"}])
    caller.sign_up(
        "a@example.com",
        custom_fields=[
            {"custom_field_id": size, "value": "L"},
            {"custom_field_id": vehicle, "value": "Car"},
        ],
    )
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert {one.custom_field_id: one.value for one in contact.custom_fields or ()} == {
        vehicle: "Car",
        size: "L",
    }


@pytest.mark.parametrize(
    ("permission", "is_deleted"), [("unsubscribed", False), ("implicit", True)]
)
def test_a_sign_up_undeletes_and_makes_explicit(permission: str, is_deleted: bool) -> None:
    """Unsubscribed and deleted contacts become explicit subscribers, as `updated`."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", permission=permission, is_deleted=is_deleted)
    status, payload = caller.sign_up("a@example.com")
    assert (status, payload["action"]) == (200, "updated")
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert contact.email_address is not None
    assert (contact.email_address.permission_to_send, contact.is_deleted) == ("explicit", False)
    assert contact.email_address.opt_out_date is None
    assert contact.list_memberships == (caller.list_id,)


def test_with_confirmed_opt_in_new_contacts_wait() -> None:
    """A new contact is pending; the settings decide about a known one."""
    caller = make_caller(confirmed_opt_in=True)
    caller.sandbox.add_contact("known@example.com")
    for email in ("new@example.com", "known@example.com"):
        caller.sign_up(email)
    permissions = {
        one.email_address.address: one.email_address.permission_to_send
        for one in caller.sandbox.contacts
        if one.email_address
    }
    assert permissions == {
        "new@example.com": "pending_confirmation",
        "known@example.com": "explicit",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"email_address": "a@example.com"}, "list_memberships is missing"),
        ({"email_address": "a@example.com", "source": "Account"}, "list_memberships is missing"),
        ({"list_memberships": ["LIST"]}, "email_address is missing"),
        ({"email_address": "nobody", "list_memberships": ["LIST"]}, "email_address is invalid"),
        (
            {"email_address": {"address": "a@example.com"}, "list_memberships": ["LIST"]},
            "email_address is invalid",
        ),
        (
            {"email_address": "a@example.com", "list_memberships": []},
            "list_memberships does not have a valid value",
        ),
    ],
)
def test_a_sign_up_needs_lists_and_an_address(body: dict[str, Any], message: str) -> None:
    """The address is plain text; `source` does not replace lists."""
    caller = make_caller()
    if "LIST" in body.get("list_memberships", ()):
        body = {**body, "list_memberships": [caller.list_id]}
    status, payload = caller.call("POST", "/contacts/sign_up_form", body)
    assert (status, problem(payload)[1]) == (400, message)


SAMPLES = {"phone": "555-1212", "date": "2006-11-15", "month": 11, "day": 24}
CARRIED = [
    row
    for row in PROPERTIES
    if row.contact and row.sign_up and row.carried_by > SIGN_UPS
    if row.value not in ("email", "lists")
]


@pytest.mark.parametrize("row", CARRIED, ids=lambda row: row.column)
def test_every_property_of_a_sign_up_is_stored(row: Property) -> None:
    """A property of the table is read, stored, and shown in its field of a contact."""
    caller = make_caller()
    value: Any = SAMPLES.get(row.value, "Rome")
    name, _, part = row.sign_up.partition(".")
    values = {name: {part: value, "kind": row.kind} if part else value}
    if row.value in ("month", "day"):
        values |= {"birthday_month": 11, "birthday_day": 24}
    assert caller.sign_up("a@example.com", **values)[0] == 201
    (contact,) = caller.sandbox.contacts
    field, _, part = row.contact.partition(".")
    stored = getattr(contact, field)
    assert str(value) in str(getattr(stored[0], part) if part else stored)
