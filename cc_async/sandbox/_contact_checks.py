"""What the bodies that write one contact must keep to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._checks import Complaints, is_address, is_birthday, read_anniversary
from cc_async.sandbox._contact_book import MOST_LISTS
from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox._state import State

SOURCES = frozenset({"Contact", "Account"})
PERMISSIONS = frozenset(
    {"implicit", "explicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed"}
)
PHONE_KINDS = frozenset({"home", "work", "mobile", "other"})
ADDRESS_KINDS = frozenset({"home", "work", "other"})
TEXTS = ("first_name", "last_name", "job_title", "company_name")
MOST_TAGS = 50
_STREET_TEXTS = {"street": 255, "city": 50, "state": 50, "postal_code": 50, "country": 50}


def check_contact(state: State, body: Mapping[str, Any], complaints: Complaints) -> None:
    """Complain about what `POST` and `PUT` of a contact share."""
    check_person(body, complaints)
    _check_email_object(body, complaints)
    check_lists(state, body.get("list_memberships"), complaints)
    _check_tags(state, body.get("taggings"), complaints)
    check_fields(state, body.get("custom_fields"), complaints, most=25)
    for phone in _items(body, "phone_numbers", 3, complaints):
        complaints.check_text(phone, "phone_number", 50)
        complaints.check_word(phone, "kind", PHONE_KINDS)
    for street in _items(body, "street_addresses", 3, complaints):
        check_street(street, complaints, needs_kind=True)
    for note in _items(body, "notes", 150, complaints):
        complaints.check_text(note, "content", 2000)
    check_sms(body.get("sms_channel"), complaints)


def check_source(body: Mapping[str, Any], name: str, complaints: Complaints) -> None:
    """Complain where nobody says who wrote a contact; a missing word is a wrong one too."""
    if name not in body:
        complaints.missing(name)
    if body.get(name) is None:
        complaints.wrong(name)
    complaints.check_word(body, name, SOURCES)


def check_person(body: Mapping[str, Any], complaints: Complaints) -> None:
    """Complain about names, birthday and anniversary."""
    for name in TEXTS:
        complaints.check_text(body, name, 50)
    month, day = body.get("birthday_month"), body.get("birthday_day")
    if (month, day) != (None, None) and not is_birthday(month, day):
        complaints.wrong("birthday_day" if month is not None else "birthday_month")
    anniversary = body.get("anniversary")
    if anniversary is not None and not (
        isinstance(anniversary, str) and (not anniversary or read_anniversary(anniversary))
    ):
        complaints.wrong("anniversary")


def check_email(address: object, complaints: Complaints) -> None:
    """Complain about an address that is none."""
    if not isinstance(address, str) or not is_address(address.strip()):
        complaints.append("email_address is invalid")


def _check_email_object(body: Mapping[str, Any], complaints: Complaints) -> None:
    email = body.get("email_address")
    if email is None:
        return
    if not isinstance(email, dict):
        complaints.append("email_address is invalid")
        return
    check_email(email.get("address"), complaints)
    complaints.check_word(email, "permission_to_send", PERMISSIONS)
    complaints.check_text(email, "opt_out_reason", 255)


def check_lists(state: State, list_ids: object, complaints: Complaints) -> None:
    """Complain about lists that are none of the account's, or too many."""
    if list_ids is None:
        return
    if (
        not isinstance(list_ids, list)
        or len(list_ids) > MOST_LISTS
        or not all(isinstance(one, str) and state.find_list(one) for one in list_ids)
    ):
        complaints.wrong("list_memberships")


def _check_tags(state: State, tag_ids: object, complaints: Complaints) -> None:
    if tag_ids is None:
        return
    if (
        not isinstance(tag_ids, list)
        or len(tag_ids) > MOST_TAGS
        or not all(isinstance(one, str) and one in state.tags for one in tag_ids)
    ):
        complaints.wrong("taggings")


def check_fields(state: State, fields: object, complaints: Complaints, *, most: int) -> None:
    """Complain about values of custom fields that do not exist, or that do not fit."""
    if fields is None:
        return
    if not isinstance(fields, list) or len(fields) > most:
        complaints.wrong("custom_fields")
        return
    for field in fields:
        if (
            not isinstance(field, dict)
            or not is_uuid(field.get("custom_field_id"))
            or field["custom_field_id"] not in state.custom_fields
        ):
            complaints.wrong("custom_field_id")
        elif not _is_choice(field.get("choice_ids")):
            complaints.wrong("choice_ids")
        else:
            complaints.check_text(field, "value", 255)


def _is_choice(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(one, (str, int)) for one in value)
    )


def check_street(street: object, complaints: Complaints, *, needs_kind: bool) -> None:
    """Complain about one street address."""
    if not isinstance(street, dict):
        complaints.wrong("street_address")
        return
    if needs_kind and street.get("kind") is None:
        complaints.missing("kind")
    complaints.check_word(street, "kind", ADDRESS_KINDS)
    for name, most in _STREET_TEXTS.items():
        complaints.check_text(street, name, most)


def check_sms(channel: object, complaints: Complaints) -> None:
    """Complain about a number for text messages, or about what was allowed for it."""
    if channel is None:
        return
    consents = channel.get("sms_channel_consents") if isinstance(channel, dict) else None
    if not isinstance(channel, dict) or not isinstance(consents, list):
        complaints.wrong("sms_channel")
        return
    number = channel.get("full_sms_address") or channel.get("sms_address")
    if not isinstance(number, str) or not number.lstrip("+").isdecimal():
        complaints.wrong("sms_channel")
    for consent in consents:
        if not isinstance(consent, dict) or not isinstance(
            consent.get("sms_consent_permission"), str
        ):
            complaints.wrong("sms_channel_consents")


def _items(
    body: Mapping[str, Any], name: str, most: int, complaints: Complaints
) -> list[dict[str, Any]]:
    """Return the objects of an array, or none where it is not what it should be."""
    items = body.get(name)
    if items is None:
        return []
    if isinstance(items, list) and len(items) <= most and all(isinstance(i, dict) for i in items):
        return items
    complaints.wrong(name)
    return []
