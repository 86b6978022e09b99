"""Whether a contact shows that a sign-up without an answer arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cc_async.models import Contact
from cc_async.resources import Include

PARTS_TO_COMPARE: tuple[Include, ...] = (
    "list_memberships",
    "custom_fields",
    "phone_numbers",
    "street_addresses",
)
"""The sub-resources that a sign-up can set."""

_PERMISSIONS = ("explicit", "pending_confirmation")
"""Permissions after a sign-up; the second one where the account asks new people to confirm:
https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

_PLAIN = (
    "first_name", "last_name", "job_title", "company_name", "birthday_month", "birthday_day",
    "anniversary",
)  # fmt: skip

_STREET_PARTS = ("kind", "street", "city", "postal_code")
"""Parts of an address that the service keeps as they are; it writes states and countries out."""


def shows_sign_up(contact: Contact, values: Mapping[str, Any]) -> bool:
    """Return whether *contact* is subscribed and holds all *values* of a sign-up.

    A sign-up of known values changes nothing, so this is also true for a contact that held them
    before. A number for text messages cannot be compared.
    """
    email = contact.email_address
    if contact.is_deleted or email is None or email.permission_to_send not in _PERMISSIONS:
        return False
    return "sms_channel" not in values and all(_comparisons(contact, values))


def _comparisons(contact: Contact, values: Mapping[str, Any]) -> Iterator[bool]:
    yield set(values["list_memberships"]) <= set(contact.list_memberships or ())
    for name in _PLAIN:
        if name in values:
            yield getattr(contact, name) == values[name]
    fields = {field.custom_field_id: field.value for field in contact.custom_fields or ()}
    for field in values.get("custom_fields", ()):
        yield fields.get(field["custom_field_id"]) == field["value"]
    if "phone_number" in values:
        phones = [phone.phone_number for phone in contact.phone_numbers or ()]
        yield values["phone_number"] in phones
    if "street_address" in values:
        sent = values["street_address"]
        yield any(
            all(getattr(street, part) == sent[part] for part in _STREET_PARTS if part in sent)
            for street in contact.street_addresses or ()
        )
