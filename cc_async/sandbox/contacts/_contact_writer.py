"""Writes contact records: their parts, their permission, and their deletion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cc_async.models import PROPERTIES
from cc_async.sandbox.contacts._place_names import country_name, state_name
from cc_async.sandbox.http import read_anniversary
from cc_async.sandbox.storage import (
    AccountState,
    AddressRecord,
    ContactRecord,
    FieldValue,
    NoteRecord,
    PhoneRecord,
)

TEXT_PROPERTIES = {
    row.column: row.accepted_length
    for row in PROPERTIES
    if row.value == "text" and row.contact == row.column
}
"""Texts of a contact with their lengths in characters: names, job title, company."""

PLAIN_PROPERTIES = (*TEXT_PROPERTIES, "birthday_month", "birthday_day")


def add_contact(
    state: AccountState, address: str | None, permission: str, source: str, now: float
) -> ContactRecord:
    """Create a contact with an address only."""
    record = ContactRecord(
        state.ids.new(),
        now,
        source,
        updated_at=now,
        address=address.strip() if address is not None else None,
        address_created_at=now,
        address_updated_at=now,
        permission=permission,
        opt_in_source=source,
        opt_in_at=now,
    )
    state.contacts.add(record)
    return record


def set_plain_properties(
    record: ContactRecord, body: Mapping[str, Any], *, keeps_absent: bool
) -> None:
    """Set names, birthday and anniversary; absent ones are kept or erased."""
    for name in PLAIN_PROPERTIES:
        if name in body or not keeps_absent:
            setattr(record, name, body.get(name))
    if "anniversary" in body or not keeps_absent:
        record.anniversary = read_anniversary(body.get("anniversary") or "")


def set_permission(
    record: ContactRecord, permission: str, source: str, now: float, reason: str | None = None
) -> None:
    """Change the permission to send, with the dates of opting in and out.

    https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html
    """
    if permission == "unsubscribed":
        if record.permission != "unsubscribed":
            record.opt_out_source, record.opt_out_at = source, now
            record.is_resubscribe_sent = False
        record.opt_out_reason = reason if reason is not None else record.opt_out_reason
    elif record.permission != permission:
        record.opt_in_source, record.opt_in_at = source, now
        record.opt_out_source = record.opt_out_at = record.opt_out_reason = None
    record.confirm_status = "pending" if permission == "pending_confirmation" else "off"
    record.permission = permission
    record.address_updated_at = now


def mark_deleted(state: AccountState, record: ContactRecord, now: float) -> None:
    """Delete softly: memberships go, the record and its permission stay.

    https://developer.constantcontact.com/api_guide/contacts/contacts-delete
    """
    state.contacts.set_lists(record, ())
    record.deleted_at = record.updated_at = now
    state.contacts.save(record)


def undelete(record: ContactRecord) -> None:
    record.deleted_at = None


def without_duplicates(ids: Iterable[str]) -> tuple[str, ...]:
    """Return *ids* without repetitions, in their order."""
    return tuple(dict.fromkeys(ids))


def set_fields(record: ContactRecord, values: Mapping[str, FieldValue]) -> None:
    """Set values of custom fields by the field's id; other fields keep theirs."""
    if values:
        record.custom_fields = tuple({**dict(record.custom_fields), **values}.items())


def make_fields(fields: Iterable[Mapping[str, Any]]) -> dict[str, FieldValue]:
    """Return custom field values by the field's id."""
    made: dict[str, FieldValue] = {}
    for field in fields:
        choices = field.get("choice_ids")
        made[field["custom_field_id"]] = (
            tuple(map(str, choices)) if choices is not None else field.get("value") or ""
        )
    return made


def make_phone(
    state: AccountState, record: ContactRecord, kind: str, number: str, source: str, now: float
) -> PhoneRecord:
    """Return a phone number, with the id of the contact's old number of this kind."""
    before = next((phone for phone in record.phones if phone.kind == kind), None)
    is_new = record.created_at == now and record.update_source is None
    return PhoneRecord(
        before.phone_id if before else state.ids.new(),
        number,
        kind,
        now,
        now,
        create_source=None,
        update_source=None if is_new else source,
    )


def make_address(
    state: AccountState, record: ContactRecord, kind: str, parts: Mapping[str, Any], now: float
) -> AddressRecord:
    """Return a street address, with the id of the contact's old address of this kind."""
    before = next((one for one in record.addresses if one.kind == kind), None)
    expands = state.settings.expands_addresses
    region, country = parts.get("state"), parts.get("country")
    return AddressRecord(
        before.address_id if before else state.ids.new(),
        kind,
        parts.get("street"),
        parts.get("city"),
        state_name(region) if expands else region,
        parts.get("postal_code"),
        country_name(country) if expands else country,
        now,
        now,
    )


def make_notes(
    state: AccountState, notes: Iterable[Mapping[str, Any]], now: float
) -> tuple[NoteRecord, ...]:
    """Return notes in their order, newest first as replies show them."""
    return tuple(NoteRecord(state.ids.new(), note.get("content") or "", now) for note in notes)
