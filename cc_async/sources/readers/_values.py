"""Contacts of a program as mappings of text: what a cell is for a file, a value is here."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs

from cc_async.models import (
    Contact,
    ContactCustomField,
    CustomField,
    ImportRow,
    PhoneNumber,
    SignUp,
    StreetAddress,
)
from cc_async.sources.columns._cell_checks import CellError

ADDRESS_PARTS = {
    "street": "street",
    "city": "city",
    "state": "state",
    "zip": "postal_code",
    "country": "country",
}
SAME_NAMES = (
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "birthday_month",
    "birthday_day",
    "anniversary",
)


class ItemError(Exception):
    """An item that cannot be read as a contact; *column* is to blame, *reason* says why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason


class Mappings:
    """Turns items into mappings from headings to values; custom fields become `cf:` headings."""

    def __init__(self, custom_fields: Iterable[CustomField]) -> None:
        self._field_names = {field.custom_field_id: field.name for field in custom_fields}

    def of(self, item: object) -> Mapping[str, object]:
        """Return *item* as a mapping.

        Raises:
            ItemError: It is nothing that describes a contact.
        """
        if type(item) is dict or isinstance(item, Mapping):
            return _flat(item)
        if isinstance(item, ImportRow):
            return _filled(_flat(attrs.asdict(item, recurse=False)))
        if isinstance(item, SignUp):
            return _filled(self._of_sign_up(item))
        if isinstance(item, Contact):
            return _filled(self._of_contact(item))
        raise ItemError(
            "",
            f"this is {_kind(item)}; a contact is a mapping such as "
            '{"email": ..., "first_name": ...}',
        )

    def _of_sign_up(self, person: SignUp) -> Mapping[str, object]:
        if person.sms_channel is not None:
            raise ItemError("sms_channel", "numbers for text messages are signed up one by one")
        address = () if person.street_address is None else (person.street_address,)
        return {
            "email": person.email_address,
            **{name: getattr(person, name) for name in SAME_NAMES},
            "phone": person.phone_number,
            **_addresses(address),
            **self._custom_fields(person.custom_fields or ()),
            "lists": person.list_memberships,
            "consented_at": person.consented_at,
        }

    def _of_contact(self, contact: Contact) -> Mapping[str, object]:
        return {
            "email": contact.email_address and contact.email_address.address,
            **{name: getattr(contact, name) for name in SAME_NAMES},
            **_phones(contact.phone_numbers or ()),
            **_addresses(contact.street_addresses or ()),
            **self._custom_fields(contact.custom_fields or ()),
            "lists": contact.list_memberships or (),
        }

    def _custom_fields(self, fields: Iterable[ContactCustomField]) -> dict[str, object]:
        values: dict[str, object] = {}
        for field in fields:
            if field.choice_ids:
                raise ItemError("custom_fields", "choices of a select field cannot be sent in bulk")
            if field.custom_field_id not in self._field_names:
                raise ItemError("custom_fields", "the account has no custom field with this id")
            values[f"cf:{self._field_names[field.custom_field_id]}"] = field.value
        return values


def _filled(values: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in values.items() if value is not None and value != ()}


def _flat(item: Mapping[Any, object]) -> Mapping[str, object]:
    if set(map(type, item)) != {str} and not all(isinstance(key, str) for key in item):
        raise ItemError("", "the names of its values are not all text")
    if "custom_fields" not in item:
        return item
    fields = item["custom_fields"]
    if not isinstance(fields, Mapping | None):
        raise ItemError(
            "custom_fields",
            f"this is {_kind(fields)}; give the fields as a mapping from name to value",
        )
    flat = {key: value for key, value in item.items() if key != "custom_fields"}
    return flat | {f"cf:{name}": value for name, value in (fields or {}).items()}


def _phones(phones: Iterable[PhoneNumber]) -> dict[str, object]:
    values: dict[str, object] = {}
    for phone in phones:
        column = f"{phone.kind or 'other'}_phone"
        if column in values:
            raise ItemError("phone_numbers", f"there are two numbers of the kind {phone.kind}")
        values[column] = phone.phone_number
    return values


def _addresses(addresses: Iterable[StreetAddress]) -> dict[str, object]:
    values: dict[str, object] = {}
    for address in addresses:
        prefix = "" if address.kind == "home" else f"{address.kind}_"
        if f"{prefix}street" in values:
            raise ItemError("street_addresses", f"there are two of the kind {address.kind}")
        values |= {
            prefix + column: getattr(address, name) for column, name in ADDRESS_PARTS.items()
        }
    return values


def text_of(value: object, column: str) -> str:
    """Return *value* of *column* as the text that a file would hold; nothing is blank.

    Raises:
        CellError: It is of a kind that no column takes.
    """
    match value:
        case str():
            return str(value)
        case None | dt.datetime() | dt.date():
            return _text_of_day(value)
        case bool():
            pass
        case int() | Decimal() | UUID():
            return str(value)
        case float() if math.isnan(value):
            return ""
        case float() if math.isfinite(value):
            return str(int(value)) if value.is_integer() else repr(value)
        case list() | tuple() | set() | frozenset() if column == "lists":
            names = [str(name) for name in value]
            return json.dumps(sorted(names)) if names else ""
    raise CellError(f"this is {_kind(value)}; give text")


def _text_of_day(value: dt.date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat()


def _kind(value: object) -> str:
    match value:
        case bool():
            return "a yes or no"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list() | tuple() | set() | frozenset():
            return "a list"
        case Mapping():
            return "a group of values"
        case None:
            return "nothing"
    return f"a {type(value).__name__}"
