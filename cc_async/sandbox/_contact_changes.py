"""What writing a contact does to its record: parts made from bodies, permission, deletion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cc_async.sandbox._checks import read_anniversary
from cc_async.sandbox._clock import text_of
from cc_async.sandbox._contact_book import (
    AddressRecord,
    ContactRecord,
    FieldValue,
    NoteRecord,
    PhoneRecord,
    SmsRecord,
)
from cc_async.sandbox._places import country_name, state_name
from cc_async.sandbox._state import State

NAMES = ("first_name", "last_name", "job_title", "company_name", "birthday_month", "birthday_day")


def add_contact(
    state: State, address: str | None, permission: str, source: str, now: float
) -> ContactRecord:
    """Create a contact that has nothing but an address."""
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


def set_person(record: ContactRecord, body: Mapping[str, Any], *, keeps_absent: bool) -> None:
    """Set names, birthday and anniversary; what is absent stays or goes."""
    for name in NAMES:
        if name in body or not keeps_absent:
            setattr(record, name, body.get(name))
    if "anniversary" in body or not keeps_absent:
        record.anniversary = read_anniversary(body.get("anniversary") or "")


def set_permission(
    record: ContactRecord, permission: str, source: str, now: float, reason: str | None = None
) -> None:
    """Change what may be sent, and keep the dates of opting in and out with it."""
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


def delete(state: State, record: ContactRecord, now: float) -> None:
    """Delete softly: memberships go, the record and its permission stay."""
    state.contacts.set_lists(record, ())
    record.deleted_at = record.updated_at = now
    state.contacts.save(record)


def revive(record: ContactRecord) -> None:
    record.deleted_at = None


def unique(ids: Iterable[str]) -> tuple[str, ...]:
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
    state: State, record: ContactRecord, kind: str, number: str, source: str, now: float
) -> PhoneRecord:
    """Return a phone number; one of the same kind hands its id on."""
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
    state: State, record: ContactRecord, kind: str, parts: Mapping[str, Any], now: float
) -> AddressRecord:
    """Return a street address with its places written out; see `make_phone` for the id."""
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
    state: State, notes: Iterable[Mapping[str, Any]], now: float
) -> tuple[NoteRecord, ...]:
    """Return notes, newest first as they are shown."""
    return tuple(NoteRecord(state.ids.new(), note.get("content") or "", now) for note in notes)


def full_number(channel: Mapping[str, Any]) -> str:
    """Return a text-message number with its dial code, from either shape it is sent in."""
    full = channel.get("full_sms_address")
    parts = (channel.get("dial_code"), channel.get("sms_address"))
    return str(full or "".join(str(part or "") for part in parts)).lstrip("+")


def make_sms(
    state: State, record: ContactRecord, channel: Mapping[str, Any], source: str, now: float
) -> SmsRecord:
    """Return a number for text messages from either of the two shapes it is sent in.

    Writing a contact sends `full_sms_address`, signing one up the number in three parts.
    """
    full = str(channel.get("full_sms_address") or "").lstrip("+")
    if full:
        dial_code, number = ("1", full[1:]) if full.startswith("1") else ("", full)
    else:
        dial_code, number = str(channel.get("dial_code") or ""), str(channel.get("sms_address"))
    consents = tuple(_make_consent(consent, now) for consent in channel["sms_channel_consents"])
    before = record.sms
    entry = _make_history_entry(state, number, consents, source, now)
    return SmsRecord(
        before.sms_id if before else state.ids.new(),
        number,
        dial_code,
        str(channel.get("country_code") or "US"),
        before.create_source if before else source,
        source if before else None,
        consents,
        (*(before.history if before else ()), entry),
    )


def _make_history_entry(
    state: State,
    number: str,
    consents: tuple[Mapping[str, Any], ...],
    source: str,
    now: float,
) -> dict[str, Any]:
    said = consents[-1] if consents else {}
    details = {
        "state": said.get("sms_consent_permission", "not_set"),
        "source": source,
        "consent_type": said.get("consent_type", "promotional_sms"),
        "consent_action_time": text_of(now),
        "source_sms_number": number,
    }
    return {"history_id": state.ids.new(), "at": now, "details": details}


def _make_consent(consent: Mapping[str, Any], now: float) -> dict[str, object]:
    kept = {
        name: consent[name]
        for name in ("sms_consent_permission", "consent_type", "advertised_interval")
        if consent.get(name) is not None
    }
    if consent.get("advertised_frequency") is not None:
        kept["advertised_frequency"] = str(consent["advertised_frequency"])
    opted_out = consent["sms_consent_permission"] == "unsubscribed"
    kept["opt_out_date" if opted_out else "opt_in_date"] = text_of(now)
    return {**kept, "created_at": text_of(now), "updated_at": text_of(now)}
