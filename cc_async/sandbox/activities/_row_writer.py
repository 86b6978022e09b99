"""Writes the rows of a bulk import into the account.

A row sets values and never changes a permission. A new contact becomes `implicit`. An unsubscribed
one is updated, kept off the lists, and counted.
https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from cc_async.models import CUSTOM_FIELD, CUSTOM_FIELD_LENGTH, PROPERTIES
from cc_async.sandbox.contacts import (
    MAX_PARTS,
    TEXT_PROPERTIES,
    add_contact,
    make_address,
    make_phone,
    make_sms,
    set_fields,
    undelete,
)
from cc_async.sandbox.http import is_address, is_birthday, read_anniversary
from cc_async.sandbox.storage import AccountState, ContactRecord, address_key

ImportedRow = Mapping[str, Any]

STORED = "stored"
ERROR = "error_count"
"""Rows that failed for good: a value is too long, or there are too many custom fields."""
CORRECTABLE = "correctable_count"
"""Rows to be corrected: an invalid address, birthday or anniversary, or no address at all."""
NOT_LISTED = "cannot_add_to_list_count"
"""Unsubscribed contacts: updated, but not put on the lists."""

IMPORT_SOURCE = "Account"

MAX_FIELDS_PER_ROW = 25
"""Custom fields of one row: the page above."""

_HOME = [row for row in PROPERTIES if row.kind == "home" and row.value == "text"]
_LENGTHS = {
    **{row.column: row.accepted_length for row in PROPERTIES if row.is_column},
    **{f"home_{row.column}": row.accepted_length for row in _HOME},
    "home country": 50,  # spelled with a blank in the contract
}
_PHONES = {row.column: row.kind for row in PROPERTIES if row.value == "phone"}


def _address_columns(kind: str, prefix: str = "") -> dict[str, str]:
    """Return the part of an address for each column; both street lines make its street."""
    return {
        prefix + row.column: row.contact.rpartition(".")[2] or "street"
        for row in PROPERTIES
        if row.kind == kind and row.value == "text"
    }


_ADDRESSES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("home", _address_columns("home")),
    ("home", _address_columns("home", "home_") | {"home country": "country"}),
    ("work", _address_columns("work")),
    ("other", _address_columns("other")),
)
"""Kinds of addresses with their columns; those of a home address may have a prefix."""

_ADDRESS_COLUMNS = frozenset(column for _, columns in _ADDRESSES for column in columns)

MAX_STREET_LENGTH = 255
"""Characters of a street, both lines together: the page above."""


@attrs.frozen
class RowWriter:
    """Writes rows into the account; *sms_permission* is the import's, for all its rows."""

    state: AccountState
    list_ids: tuple[str, ...]
    field_ids: Mapping[str, str]
    sms_permission: str = "not_set"

    def write(self, row: ImportedRow, now: float) -> str:
        """Write one row, and return the counter for its result."""
        email = str(row.get("email") or "").strip()
        if problem := _problem_of(row, email):
            return problem
        fields = self._fields(row)
        if len(fields) > MAX_FIELDS_PER_ROW:
            return ERROR
        record = self._find(row, email)
        if record is None:
            record = add_contact(self.state, email or None, "implicit", IMPORT_SOURCE, now)
        else:
            record.update_source, record.updated_at = IMPORT_SOURCE, now
        self._set_values(record, row, fields, now)
        counter = self._put_on_lists(record)
        self.state.contacts.save(record)
        return counter

    def _find(self, row: ImportedRow, email: str) -> ContactRecord | None:
        if email:
            return self.state.contacts.find(address_key(email))
        return self.state.contacts.find_sms("1" + _us_number(row["sms_number"]))

    def _fields(self, row: ImportedRow) -> dict[str, str]:
        """Return the custom fields of a row by id; unknown names are ignored."""
        return {
            self.field_ids[name]: str(value)
            for key, value in row.items()
            if key.startswith(CUSTOM_FIELD)
            and (name := key.removeprefix(CUSTOM_FIELD)) in self.field_ids
        }

    def _set_values(
        self, record: ContactRecord, row: ImportedRow, fields: Mapping[str, str], now: float
    ) -> None:
        for name in TEXT_PROPERTIES:
            if name in row:
                setattr(record, name, str(row[name]) or None)
        if row.get("birthday_month"):
            record.birthday_month = int(row["birthday_month"])
            record.birthday_day = int(row["birthday_day"])
        if row.get("anniversary"):
            record.anniversary = read_anniversary(str(row["anniversary"]))
        set_fields(record, fields)
        self._set_phones(record, row, now)
        if not _ADDRESS_COLUMNS.isdisjoint(row):
            self._set_addresses(record, row, now)
        if row.get("sms_number"):
            self._set_sms(record, row, now)

    def _set_phones(self, record: ContactRecord, row: ImportedRow, now: float) -> None:
        for key, kind in _PHONES.items():
            if row.get(key):
                phone = make_phone(self.state, record, kind, str(row[key]), IMPORT_SOURCE, now)
                others = tuple(one for one in record.phones if one.kind != kind)
                if len(others) < MAX_PARTS:
                    record.phones = (*others, phone)

    def _set_addresses(self, record: ContactRecord, row: ImportedRow, now: float) -> None:
        for kind, columns in _ADDRESSES:
            parts = _address_parts(row, columns)
            others = tuple(one for one in record.addresses if one.kind != kind)
            if parts and len(others) < MAX_PARTS:
                address = make_address(self.state, record, kind, parts, now)
                record.addresses = (*others, address)

    def _set_sms(self, record: ContactRecord, row: ImportedRow, now: float) -> None:
        permission = self.sms_permission if row.get("sms_consent_date") else "not_set"
        consent = {"sms_consent_permission": permission, "consent_type": "promotional_sms"}
        channel = {
            "full_sms_address": "1" + _us_number(row["sms_number"]),
            "sms_channel_consents": [consent],
        }
        sms = make_sms(self.state, record, channel, IMPORT_SOURCE, now)
        self.state.contacts.set_sms(record, sms)

    def _put_on_lists(self, record: ContactRecord) -> str:
        if record.permission == "unsubscribed":
            return NOT_LISTED
        undelete(record)
        self.state.contacts.add_to_lists(record, self.list_ids)
        return STORED


def _problem_of(row: ImportedRow, email: str) -> str:
    """Return the counter of a row that cannot be stored; empty for a valid row."""
    for key, value in row.items():
        is_field = key.startswith(CUSTOM_FIELD)
        max_length = CUSTOM_FIELD_LENGTH if is_field else _LENGTHS.get(key)
        if max_length is not None and len(str(value)) > max_length:
            return ERROR
    if not email and not row.get("sms_number"):
        return CORRECTABLE
    if email and not is_address(email):
        return CORRECTABLE
    if row.get("sms_number") and not _us_number(row["sms_number"]):
        return CORRECTABLE
    if not _has_valid_birthday(row):
        return CORRECTABLE
    anniversary = row.get("anniversary")
    return CORRECTABLE if anniversary and not read_anniversary(str(anniversary)) else ""


def _has_valid_birthday(row: ImportedRow) -> bool:
    """Whether month and day are valid, or both absent."""
    month, day = row.get("birthday_month"), row.get("birthday_day")
    if not month and not day:
        return True
    try:
        return is_birthday(int(str(month)), int(str(day)))
    except ValueError:
        return False


def _us_number(value: object) -> str:
    """Return the ten digits of a number in the United States; empty for another text."""
    digits = str(value).strip().replace("-", "")
    return digits if len(digits) == 10 and digits.isascii() and digits.isdecimal() else ""


def _address_parts(row: ImportedRow, columns: Mapping[str, str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for column, part in columns.items():
        if value := row.get(column):
            parts[part] = f"{parts[part]} {value}" if part in parts else str(value)
    if "street" in parts:
        parts["street"] = parts["street"][:MAX_STREET_LENGTH]
    return parts
