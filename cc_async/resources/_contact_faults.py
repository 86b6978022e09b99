"""The checks of a contact before it is created or stored: all faults in one error.

Limits are those of `POST` and `PUT /contacts`, for which an address may have 80 characters.
https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cc_async.errors import InvalidRequestError
from cc_async.models import (
    CUSTOM_FIELD_LENGTH,
    PROPERTIES,
    Contact,
    ContactCustomField,
    EmailAddress,
    Note,
    PhoneNumber,
    SmsChannel,
    StreetAddress,
    address_fault,
    birthday_fault,
    read_date,
    text_fault,
)

_MAX_ITEMS = {
    "custom_fields": 25, "phone_numbers": 3, "street_addresses": 3, "list_memberships": 50,
    "taggings": 50, "notes": 150,
}  # fmt: skip
"""Items of each sub-resource in one contact: the page above."""

_MAX_EMAIL = next(row.accepted_length for row in PROPERTIES if row.value == "email")

_LENGTHS: Mapping[str, int | None] = {
    **{
        row.contact: row.max_length
        for row in PROPERTIES
        if row.contact and row.value in ("text", "phone")
    },
    "email_address.opt_out_reason": 255,
    "custom_fields.value": CUSTOM_FIELD_LENGTH,
    "notes.content": 2000,
}
"""Characters of each text by its path in a contact: the page above."""

_PARTS: Mapping[str, type] = {
    "custom_fields": ContactCustomField,
    "phone_numbers": PhoneNumber,
    "street_addresses": StreetAddress,
    "list_memberships": str,
    "taggings": str,
    "notes": Note,
}


def check_new_contact(contact: Contact) -> None:
    """Refuse a contact that the service would not create.

    Raises:
        InvalidRequestError: Its message names all faults.
    """
    faults = list(_faults(contact))
    if contact.create_source not in ("Contact", "Account"):
        faults.insert(
            0,
            "create_source: a new contact needs create_source, 'Contact' if the person asked for "
            "it, else 'Account'",
        )
    if not (
        contact.email_address or contact.sms_channel or contact.first_name or contact.last_name
    ):
        faults.append("there is neither an address, nor a number for text messages, nor a name")
    _refuse(faults, "Correct the values, or leave them out.")


def check_changed_contact(contact: Contact) -> None:
    """Refuse a contact that the service would not store.

    Raises:
        InvalidRequestError: Its message names all faults.
    """
    _refuse(
        list(_faults(contact)),
        "Correct the values; a sub-resource that is None, such as notes=None, stays as it is.",
    )


def _refuse(faults: Sequence[str], remedy: str) -> None:
    if faults:
        raise InvalidRequestError("this contact cannot be sent: " + "; ".join(faults), remedy)


def _faults(contact: Contact) -> Iterator[str]:
    if contact.email_address is not None:
        yield from _email_faults(contact.email_address)
    yield from _text_faults(contact, "", "")
    half, fault = birthday_fault(contact.birthday_month, contact.birthday_day)
    if fault:
        yield f"{half}: {fault}"
    if contact.anniversary:
        yield from _anniversary_faults(contact.anniversary)
    for name, kind in _PARTS.items():
        yield from _part_faults(name, getattr(contact, name), kind)
    if contact.sms_channel is not None:
        yield from _sms_faults(contact.sms_channel)


def _email_faults(email: object) -> Iterator[str]:
    if not isinstance(email, EmailAddress):
        yield "email_address: it is no EmailAddress"
        return
    address: object = email.address
    stripped = address.strip() if isinstance(address, str) else address
    if fault := address_fault(stripped, _MAX_EMAIL):
        yield f"email_address.address: {fault}"
    yield from _text_faults(email, "email_address", "email_address.")


def _text_faults(value: object, path: str, place: str) -> Iterator[str]:
    """Yield the faults of the texts of *value*, a contact or the part of one at *path*."""
    for whole, length in _LENGTHS.items():
        parent, _, name = whole.rpartition(".")
        text = getattr(value, name) if parent == path else None
        if text is not None and (fault := text_fault(text, length)):
            yield f"{place}{name}: {fault}"


def _anniversary_faults(anniversary: object) -> Iterator[str]:
    try:
        read_date(str(anniversary))
    except ValueError as error:
        yield f"anniversary: {error}"


def _part_faults(name: str, items: object, kind: type) -> Iterator[str]:
    if items is None:
        return
    if isinstance(items, str) or not isinstance(items, Iterable):
        yield f"{name}: it is no sequence"
        return
    items = tuple(items)
    if len(items) > _MAX_ITEMS[name]:
        yield f"{name}: there are {len(items)} and {_MAX_ITEMS[name]} are allowed"
        return
    for number, item in enumerate(items):
        place = f"{name}[{number}]"
        if not isinstance(item, kind):
            yield f"{place}: it is no {kind.__name__}"
        elif isinstance(item, str):
            yield from _id_faults(place, item)
        else:
            yield from _text_faults(item, name, f"{place}.")
            if isinstance(item, ContactCustomField):
                yield from _id_faults(f"{place}.custom_field_id", item.custom_field_id)


def _id_faults(place: str, text: object) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield f"{place}: the id is blank"


def _sms_faults(channel: SmsChannel) -> Iterator[str]:
    """Yield the faults of a number for text messages.

    https://developer.constantcontact.com/api_guide/v3_features.html
    """
    number: object = channel.full_sms_address
    if not isinstance(number, str) or not number.removeprefix("+").isdecimal():
        yield "sms_channel.full_sms_address: it is no number with its dial code, as 17815551212"
    if not channel.sms_channel_consents:
        yield "sms_channel.sms_channel_consents: there is none; add the consent of the person"
