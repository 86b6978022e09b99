"""Contacts as replies show them.

A property without a value is left out. A sub-resource is shown when *include* names it, even an
empty one.
https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cc_async.sandbox._clock import utc_date, utc_text
from cc_async.sandbox.contacts._contact_writer import PLAIN_PROPERTIES
from cc_async.sandbox.storage import AddressRecord, ContactRecord, PhoneRecord, SmsRecord


def contact_view(record: ContactRecord, include: Collection[str] = ()) -> dict[str, Any]:
    """Return *record* as JSON, with the sub-resources named in *include*."""
    view: dict[str, Any] = {"contact_id": record.contact_id}
    if record.address is not None:
        view["email_address"] = _email_view(record)
    for name in _PLAIN:
        value = getattr(record, name)
        if value is not None:
            view[name] = value
    view["created_at"] = utc_text(record.created_at)
    view["updated_at"] = utc_text(record.updated_at)
    if record.deleted_at is not None:
        view["deleted_at"] = utc_date(record.deleted_at)
    for name, render in _SUB_RESOURCES.items():
        if name in include:
            view[name] = render(record)
    if record.sms is not None:
        view["sms_channel"] = _sms_view(record.sms)
    return view


_PLAIN = (*PLAIN_PROPERTIES, "anniversary", "update_source", "create_source")


def _email_view(record: ContactRecord) -> dict[str, Any]:
    view: dict[str, Any] = {
        "address": record.address,
        "permission_to_send": record.permission,
        "created_at": utc_text(record.address_created_at),
        "updated_at": utc_text(record.address_updated_at),
        "opt_in_source": record.opt_in_source,
    }
    if record.opt_in_at is not None:
        view["opt_in_date"] = utc_text(record.opt_in_at)
    if record.opt_out_at is not None:
        view["opt_out_source"] = record.opt_out_source
        view["opt_out_date"] = utc_text(record.opt_out_at)
        if record.opt_out_reason is not None:
            view["opt_out_reason"] = record.opt_out_reason
    view["confirm_status"] = record.confirm_status
    return view


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _fields(record: ContactRecord) -> list[dict[str, Any]]:
    return [
        {"custom_field_id": field_id, "value": value}
        if isinstance(value, str)
        else {"custom_field_id": field_id, "choice_ids": list(value)}
        for field_id, value in record.custom_fields
    ]


def _phone_view(phone: PhoneRecord) -> dict[str, Any]:
    return _present(
        phone_number_id=phone.phone_id,
        phone_number=phone.number,
        kind=phone.kind,
        created_at=utc_text(phone.created_at),
        updated_at=utc_text(phone.updated_at),
        update_source=phone.update_source,
        create_source=phone.create_source,
    )


def _address_view(address: AddressRecord) -> dict[str, Any]:
    return _present(
        street_address_id=address.address_id,
        kind=address.kind,
        street=address.street,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        created_at=utc_text(address.created_at),
        updated_at=utc_text(address.updated_at),
    )


def _notes(record: ContactRecord) -> list[dict[str, Any]]:
    return [
        {"note_id": note.note_id, "created_at": utc_text(note.created_at), "content": note.content}
        for note in record.notes
    ]


def _sms_view(sms: SmsRecord) -> dict[str, Any]:
    return _present(
        sms_channel_id=sms.sms_id,
        sms_address=sms.number,
        dial_code=sms.dial_code,
        country_code=sms.country_code,
        update_source=sms.update_source,
        create_source=sms.create_source,
        sms_channel_consents=[dict(consent) for consent in sms.consents],
    )


_SUB_RESOURCES = {
    "custom_fields": _fields,
    "phone_numbers": lambda record: list(map(_phone_view, record.phones)),
    "street_addresses": lambda record: list(map(_address_view, record.addresses)),
    "list_memberships": lambda record: list(record.lists),
    "taggings": lambda record: list(record.tags),
    "notes": _notes,
}

INCLUDES = frozenset(_SUB_RESOURCES)
"""Sub-resources that the parameter `include` may name."""
