"""What one row of a bulk import does to the account.

Rows set values; they never change a permission. New people come in as `implicit`, known ones
keep theirs, unsubscribed ones are kept off the lists and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from cc_async.sandbox._checks import is_address, is_birthday, read_anniversary
from cc_async.sandbox._contact_book import ContactRecord, matched
from cc_async.sandbox._contact_changes import (
    add_contact,
    make_address,
    make_phone,
    make_sms,
    revive,
    set_fields,
)
from cc_async.sandbox._state import State

Row = Mapping[str, Any]

STORED = "stored"
ERROR = "error_count"
"""Rows that failed for good: a value is too long, or there are too many of them."""
MENDABLE = "correctable_count"
"""Rows held back for mending: a bad address, birthday or anniversary, or nobody to find."""
KEPT_OFF = "cannot_add_to_list_count"
"""Unsubscribed people: updated, but not put on the lists."""

_LENGTHS = {
    "email": 80, "anniversary": 50, "sms_number": 16, "sms_consent_date": 16,
    **dict.fromkeys(("street", "street2", "home_street", "home_street2", "work_street",
                     "work_street2", "other_street", "other_street2"), 255),
}  # fmt: skip
_OTHER_LENGTH = 50
_FIELD_LENGTH = 255
_TEXTS = ("first_name", "last_name", "job_title", "company_name")
_PHONES = {
    "phone": "other", "home_phone": "home", "work_phone": "work", "mobile_phone": "mobile",
    "other_phone": "other",
}  # fmt: skip
_PARTS = {"city": "city", "state": "state", "zip": "postal_code", "country": "country"}
_FAMILIES = {"": "home", "home_": "home", "work_": "work", "other_": "other"}
_ADDRESS_KEYS = frozenset(
    f"{prefix}{part}" for prefix in _FAMILIES for part in ("street", "street2", *_PARTS)
) | {"home country"}  # spelled with a blank in the contract
SOURCE = "Account"


@attrs.frozen
class RowWriter:
    """Writes rows into the account; *sms_permission* is the import's word for all of them."""

    state: State
    list_ids: tuple[str, ...]
    field_ids: Mapping[str, str]
    sms_permission: str = "not_set"

    def write(self, row: Row, now: float) -> str:
        """Write one row, and return the counter it belongs to."""
        email = str(row.get("email") or "").strip()
        if problem := _judge(row, email):
            return problem
        fields = self._fields(row)
        if len(fields) > 25:
            return ERROR
        record = self._find(row, email)
        if record is None:
            record = add_contact(self.state, email or None, "implicit", SOURCE, now)
        else:
            record.update_source, record.updated_at = SOURCE, now
        self._set_values(record, row, fields, now)
        counter = self._put_on_lists(record)
        self.state.contacts.save(record)
        return counter

    def _find(self, row: Row, email: str) -> ContactRecord | None:
        if email:
            return self.state.contacts.find(matched(email))
        return self.state.contacts.find_sms("1" + _us_number(row["sms_number"]))

    def _fields(self, row: Row) -> dict[str, str]:
        """Return the custom fields of a row by id; names nobody knows are passed over."""
        return {
            self.field_ids[key[3:]]: str(value)
            for key, value in row.items()
            if key.startswith("cf:") and key[3:] in self.field_ids
        }

    def _set_values(
        self, record: ContactRecord, row: Row, fields: Mapping[str, str], now: float
    ) -> None:
        for name in _TEXTS:
            if name in row:
                setattr(record, name, str(row[name]) or None)
        if row.get("birthday_month"):
            record.birthday_month = int(row["birthday_month"])
            record.birthday_day = int(row["birthday_day"])
        if row.get("anniversary"):
            record.anniversary = read_anniversary(str(row["anniversary"]))
        set_fields(record, fields)
        self._set_phones(record, row, now)
        if not _ADDRESS_KEYS.isdisjoint(row):
            self._set_addresses(record, row, now)
        if row.get("sms_number"):
            self._set_sms(record, row, now)

    def _set_phones(self, record: ContactRecord, row: Row, now: float) -> None:
        for key, kind in _PHONES.items():
            if row.get(key):
                phone = make_phone(self.state, record, kind, str(row[key]), SOURCE, now)
                others = tuple(one for one in record.phones if one.kind != kind)
                if len(others) < 3:
                    record.phones = (*others, phone)

    def _set_addresses(self, record: ContactRecord, row: Row, now: float) -> None:
        for prefix, kind in _FAMILIES.items():
            parts = _address_parts(row, prefix)
            others = tuple(one for one in record.addresses if one.kind != kind)
            if parts and len(others) < 3:
                address = make_address(self.state, record, kind, parts, now)
                record.addresses = (*others, address)

    def _set_sms(self, record: ContactRecord, row: Row, now: float) -> None:
        permission = self.sms_permission if row.get("sms_consent_date") else "not_set"
        consent = {"sms_consent_permission": permission, "consent_type": "promotional_sms"}
        channel = {
            "full_sms_address": "1" + _us_number(row["sms_number"]),
            "sms_channel_consents": [consent],
        }
        self.state.contacts.set_sms(record, make_sms(self.state, record, channel, SOURCE, now))

    def _put_on_lists(self, record: ContactRecord) -> str:
        if record.permission == "unsubscribed":
            return KEPT_OFF
        revive(record)
        self.state.contacts.join(record, self.list_ids)
        return STORED


def _judge(row: Row, email: str) -> str:
    """Return the counter of a row that is not stored, or nothing."""
    for key, value in row.items():
        most = _FIELD_LENGTH if key.startswith("cf:") else _LENGTHS.get(key, _OTHER_LENGTH)
        if len(str(value)) > most and (key.startswith("cf:") or key in _KNOWN):
            return ERROR
    if not email and not row.get("sms_number"):
        return MENDABLE
    if email and not is_address(email):
        return MENDABLE
    if row.get("sms_number") and not _us_number(row["sms_number"]):
        return MENDABLE
    if not _is_birthday(row):
        return MENDABLE
    anniversary = row.get("anniversary")
    return MENDABLE if anniversary and not read_anniversary(str(anniversary)) else ""


_KNOWN = frozenset({*_LENGTHS, *_TEXTS, *_PHONES, *_ADDRESS_KEYS, "birthday_month", "birthday_day"})


def _is_birthday(row: Row) -> bool:
    """Whether both halves of a birthday are fine, or both are missing."""
    month, day = row.get("birthday_month"), row.get("birthday_day")
    if not month and not day:
        return True
    try:
        return is_birthday(int(str(month)), int(str(day)))
    except ValueError:
        return False


def _us_number(value: object) -> str:
    """Return the ten digits of a number in the United States, or nothing."""
    digits = str(value).strip().replace("-", "")
    return digits if len(digits) == 10 and digits.isascii() and digits.isdecimal() else ""


def _address_parts(row: Row, prefix: str) -> dict[str, str]:
    parts = {name: str(row[prefix + key]) for key, name in _PARTS.items() if row.get(prefix + key)}
    if prefix == "home_" and row.get("home country"):
        parts["country"] = str(row["home country"])
    lines = [str(row[key]) for key in (f"{prefix}street", f"{prefix}street2") if row.get(key)]
    if lines:
        parts["street"] = " ".join(lines)[:255]
    return parts
