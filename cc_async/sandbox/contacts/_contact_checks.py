"""Checks of the bodies that write one contact.

Lengths and counts: https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox.contacts._contact_writer import TEXT_PROPERTIES
from cc_async.sandbox.http import ValidationErrors, is_address, is_birthday, read_anniversary
from cc_async.sandbox.storage import MAX_LISTS_PER_CONTACT, MAX_TAGS_PER_CONTACT, AccountState

CONTACT_SOURCES = frozenset({"Contact", "Account"})
PERMISSIONS = frozenset(
    {"implicit", "explicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed"}
)
PHONE_KINDS = frozenset({"home", "work", "mobile", "other"})
ADDRESS_KINDS = frozenset({"home", "work", "other"})

MAX_FIELDS = 25
"""Custom fields in the body of a contact: the page above."""

MAX_NOTES = 150
"""Notes of one contact: the page above."""

MAX_PARTS = 3
"""Phone numbers of one contact, and street addresses: the page above."""

_STREET_LENGTHS = {"street": 255, "city": 50, "state": 50, "postal_code": 50, "country": 50}
"""Characters: the page above."""


def check_contact(state: AccountState, body: Mapping[str, Any], errors: ValidationErrors) -> None:
    """Check the parts that `POST` and `PUT` of a contact share."""
    check_plain_properties(body, errors)
    _check_email_object(body, errors)
    check_lists(state, body.get("list_memberships"), errors)
    _check_tags(state, body.get("taggings"), errors)
    check_fields(state, body.get("custom_fields"), errors, max_fields=MAX_FIELDS)
    for phone in _items(body, "phone_numbers", MAX_PARTS, errors):
        errors.check_text(phone, "phone_number", 50)
        errors.check_choice(phone, "kind", PHONE_KINDS)
    for street in _items(body, "street_addresses", MAX_PARTS, errors):
        check_street(street, errors, needs_kind=True)
    for note in _items(body, "notes", MAX_NOTES, errors):
        errors.check_text(note, "content", 2000)
    check_sms(body.get("sms_channel"), errors)


def check_source(body: Mapping[str, Any], name: str, errors: ValidationErrors) -> None:
    """Check the source of a change. An absent one is both missing and invalid, as observed."""
    if name not in body:
        errors.missing(name)
    if body.get(name) is None:
        errors.invalid(name)
    errors.check_choice(body, name, CONTACT_SOURCES)


def check_plain_properties(body: Mapping[str, Any], errors: ValidationErrors) -> None:
    """Check names, birthday and anniversary."""
    for name, max_length in TEXT_PROPERTIES.items():
        errors.check_text(body, name, max_length)
    month, day = body.get("birthday_month"), body.get("birthday_day")
    if (month, day) != (None, None) and not is_birthday(month, day):
        errors.invalid("birthday_day" if month is not None else "birthday_month")
    anniversary = body.get("anniversary")
    if anniversary is not None and not (
        isinstance(anniversary, str) and (not anniversary or read_anniversary(anniversary))
    ):
        errors.invalid("anniversary")


def check_email(address: object, errors: ValidationErrors) -> None:
    """Check an e-mail address."""
    if not isinstance(address, str) or not is_address(address.strip()):
        errors.append("email_address is invalid")


def _check_email_object(body: Mapping[str, Any], errors: ValidationErrors) -> None:
    email = body.get("email_address")
    if email is None:
        return
    if not isinstance(email, dict):
        errors.append("email_address is invalid")
        return
    check_email(email.get("address"), errors)
    errors.check_choice(email, "permission_to_send", PERMISSIONS)
    errors.check_text(email, "opt_out_reason", 255)


def check_lists(state: AccountState, list_ids: object, errors: ValidationErrors) -> None:
    """Check list ids: the lists exist, and are not too many."""
    if list_ids is None:
        return
    if (
        not isinstance(list_ids, list)
        or len(list_ids) > MAX_LISTS_PER_CONTACT
        or not all(isinstance(one, str) and state.find_list(one) for one in list_ids)
    ):
        errors.invalid("list_memberships")


def _check_tags(state: AccountState, tag_ids: object, errors: ValidationErrors) -> None:
    if tag_ids is None:
        return
    if (
        not isinstance(tag_ids, list)
        or len(tag_ids) > MAX_TAGS_PER_CONTACT
        or not all(isinstance(one, str) and one in state.tags for one in tag_ids)
    ):
        errors.invalid("taggings")


def check_fields(
    state: AccountState, fields: object, errors: ValidationErrors, *, max_fields: int
) -> None:
    """Check values of custom fields: the fields exist, and the values fit."""
    if fields is None:
        return
    if not isinstance(fields, list) or len(fields) > max_fields:
        errors.invalid("custom_fields")
        return
    for field in fields:
        if (
            not isinstance(field, dict)
            or not is_uuid(field.get("custom_field_id"))
            or field["custom_field_id"] not in state.custom_fields
        ):
            errors.invalid("custom_field_id")
        elif not _is_choice(field.get("choice_ids")):
            errors.invalid("choice_ids")
        else:
            errors.check_text(field, "value", 255)


def _is_choice(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(one, (str, int)) for one in value)
    )


def check_street(street: object, errors: ValidationErrors, *, needs_kind: bool) -> None:
    """Check one street address."""
    if not isinstance(street, dict):
        errors.invalid("street_address")
        return
    if needs_kind and street.get("kind") is None:
        errors.missing("kind")
    errors.check_choice(street, "kind", ADDRESS_KINDS)
    for name, max_length in _STREET_LENGTHS.items():
        errors.check_text(street, name, max_length)


def check_sms(channel: object, errors: ValidationErrors) -> None:
    """Check a number for text messages, and its consents."""
    if channel is None:
        return
    consents = channel.get("sms_channel_consents") if isinstance(channel, dict) else None
    if not isinstance(channel, dict) or not isinstance(consents, list):
        errors.invalid("sms_channel")
        return
    number = channel.get("full_sms_address") or channel.get("sms_address")
    if not isinstance(number, str) or not number.lstrip("+").isdecimal():
        errors.invalid("sms_channel")
    for consent in consents:
        if not isinstance(consent, dict) or not isinstance(
            consent.get("sms_consent_permission"), str
        ):
            errors.invalid("sms_channel_consents")


def _items(
    body: Mapping[str, Any], name: str, max_items: int, errors: ValidationErrors
) -> list[dict[str, Any]]:
    """Return the objects of an array; none where the array is missing or wrong."""
    items = body.get(name)
    if items is None:
        return []
    if (
        isinstance(items, list)
        and len(items) <= max_items
        and all(isinstance(i, dict) for i in items)
    ):
        return items
    errors.invalid(name)
    return []
