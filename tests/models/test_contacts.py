"""Contacts and what hangs on them."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.models import Contact, EmailAddress, PhoneNumber, SmsChannel, StreetAddress


def test_a_contact_says_whether_it_is_deleted() -> None:
    """A deleted contact has a day on which it was deleted."""
    assert Contact(deleted_at=dt.date(2024, 7, 3)).is_deleted
    assert not Contact().is_deleted


@pytest.mark.parametrize(
    ("permission", "is_unsubscribed"),
    [("unsubscribed", True), ("explicit", False), ("temp_hold", False), (None, False)],
)
def test_a_contact_says_whether_it_is_unsubscribed(
    permission: str | None, is_unsubscribed: bool
) -> None:
    """Only the permission `unsubscribed` means that."""
    contact = Contact(EmailAddress("a@example.com", permission))
    assert contact.is_unsubscribed is is_unsubscribed
    assert not Contact().is_unsubscribed


def test_a_repr_shows_no_address_and_no_number() -> None:
    """A contact can be logged."""
    contact = Contact(
        EmailAddress("ann@example.com"),
        phone_numbers=(PhoneNumber("781-555-0100"),),
        street_addresses=(StreetAddress(street="1 Main St"),),
        sms_channel=SmsChannel("17815550100", "7815550100"),
    )
    assert not any(text in repr(contact) for text in ("ann@", "555", "Main"))
    assert "address='***'" in repr(contact)
