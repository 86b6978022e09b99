"""Whether a contact shows a sign-up: permission, lists, and each value that was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from cc_async import Contact, EmailAddress
from cc_async.models import ContactCustomField, PhoneNumber, StreetAddress
from cc_async.sign_ups._arrivals import shows_sign_up

CONTACT = Contact(
    email_address=EmailAddress("a@example.com", "explicit"),
    first_name="Ana",
    birthday_month=2,
    birthday_day=29,
    list_memberships=("l1", "l2"),
    custom_fields=(ContactCustomField("f1", "Bike"),),
    phone_numbers=(PhoneNumber("555-0101", "other"),),
    street_addresses=(StreetAddress("home", "1 Way", "Springfield", "Illinois", "62701"),),
)
SENT: dict[str, Any] = {
    "email_address": "A@example.com",
    "list_memberships": ["l1"],
    "first_name": "Ana",
    "birthday_month": 2,
    "birthday_day": 29,
    "custom_fields": [{"custom_field_id": "f1", "value": "Bike"}],
    "phone_number": "555-0101",
    "street_address": {"kind": "home", "street": "1 Way", "state": "IL", "postal_code": "62701"},
}


def test_a_contact_with_all_values_shows_the_sign_up() -> None:
    """All values that were sent are there; more lists and a state written out do not matter."""
    assert shows_sign_up(CONTACT, SENT)
    assert shows_sign_up(CONTACT, {"list_memberships": ["l2"]})


@pytest.mark.parametrize(
    "changed",
    [
        {"list_memberships": ["l3"]},
        {"first_name": "Ann"},
        {"last_name": "Lang"},
        {"custom_fields": [{"custom_field_id": "f2", "value": "Bike"}]},
        {"phone_number": "555-0102"},
        {"street_address": {"kind": "work", "street": "1 Way"}},
        {"sms_channel": {"sms_address": "5550101"}},
    ],
)
def test_a_value_that_is_not_there_shows_no_sign_up(changed: dict[str, Any]) -> None:
    """One value that differs is enough; a number for text messages cannot be compared."""
    assert not shows_sign_up(CONTACT, SENT | changed)


@pytest.mark.parametrize("permission", ["implicit", "unsubscribed", None])
def test_another_permission_shows_no_sign_up(permission: str | None) -> None:
    """A sign-up makes a person explicit or asks for a confirmation, so others did not arrive."""
    contact = attrs.evolve(CONTACT, email_address=EmailAddress("a@example.com", permission))
    assert not shows_sign_up(contact, SENT)


def test_a_deleted_contact_shows_no_sign_up() -> None:
    """A sign-up restores a deleted contact."""
    assert not shows_sign_up(attrs.evolve(CONTACT, deleted_at=dt.date(2026, 9, 1)), SENT)
