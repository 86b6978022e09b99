"""Values of a program as mappings of text: each value becomes the text that a file would hold.

The tables in `cc_async.models` have an answer for every field of a model: it is carried, or
refused by name, or the service's own.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Container, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import attrs

from cc_async.models import (
    CUSTOM_FIELD,
    NOT_CARRIED,
    PROPERTIES,
    Contact,
    ContactCustomField,
    ImportRow,
    Property,
    SignUp,
    SmsChannel,
    SmsChannelConsent,
)
from cc_async.sources._source import Rules
from cc_async.sources.columns import CellError, not_carried_by

_MAILABLE = (None, "implicit", "explicit", "not_set")
"""Permissions that an import may turn into `implicit` without mailing a contact against its will.
https://developer.constantcontact.com/api_guide/contacts_get_started.html"""

_PROMOTIONAL = "promotional_sms"
"""The only type of consent to text messages.
https://developer.constantcontact.com/api_guide/contacts_subresources.html"""

_COUNTRY = "US"
"""Imports take numbers for text messages of the United States alone.
https://developer.constantcontact.com/api_guide/v3_features.html"""

_LARGEST_WHOLE = 10**18
"""Numbers from here on are written as they are: all digits of a vast one would fill the memory."""

_LONGEST_WHOLE = 10**300
"""Whole numbers from here on are refused: a value has 255 characters, and Python writes no number of
more than 4,300 digits."""

A_MAPPING = 'a contact is a mapping such as {"email": ..., "first_name": ...}'


class DoubledNames(dict[str, object]):
    """An object of a file in which *name* comes twice, so that one of its values would be lost."""

    name = ""


class ItemError(Exception):
    """An item that cannot be read as a contact; *column* is to blame, *reason* says why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason


@attrs.frozen
class _Fields:
    """The fields of a model that the table of properties names.

    *single* pairs a column with a field. *nested* holds, for a field with values of its own and
    for each kind of them, columns and the names of those values.
    """

    single: tuple[tuple[str, str], ...]
    nested: Mapping[str, Mapping[str, list[tuple[str, str]]]]

    @classmethod
    def read(cls, path_of: Callable[[Property], str]) -> _Fields:
        """Return the fields under the paths that the table names."""
        single: dict[str, str] = {}
        nested: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for row in PROPERTIES:
            field, _, name = path_of(row).partition(".")
            if field == "sms_channel":
                continue  # its number and consents are put together from several fields
            if name:
                nested.setdefault(field, {}).setdefault(row.kind, []).append((row.column, name))
            elif field:
                single.setdefault(field, row.column)
        return cls(tuple((column, field) for field, column in single.items()), nested)

    def values_of(self, model: Contact | SignUp) -> dict[str, object]:
        """Return the values of *model* by column."""
        values = {column: getattr(model, field) for column, field in self.single}
        for field, kinds in self.nested.items():
            found = getattr(model, field) or ()
            for each in found if isinstance(found, tuple) else (found,):
                for column, name in _columns_of(each, field, kinds):
                    if column in values:
                        raise ItemError(field, f"there are two of the kind {each.kind}; keep one")
                    values[column] = getattr(each, name)
        return values


def _columns_of(
    value: Any, field: str, kinds: Mapping[str, list[tuple[str, str]]]
) -> list[tuple[str, str]]:
    kind = "" if "" in kinds else value.kind or "other"
    if kind not in kinds:
        raise ItemError(field, f"the kind is none of {', '.join(kinds)}; correct it")
    return kinds[kind]


_CONTACT = _Fields.read(lambda row: row.contact)
_SIGN_UP = _Fields.read(lambda row: row.sign_up)


def can_be_read(item: object) -> bool:
    """Whether *item* is of a kind that describes a contact."""
    return isinstance(item, Mapping | ImportRow | SignUp | Contact)


class Mappings:
    """Turns items into mappings from headings to values; custom fields become `cf:` headings."""

    def __init__(self, rules: Rules) -> None:
        self._field_names = {field.custom_field_id: field.name for field in rules.custom_fields}
        self._not_carried = not_carried_by(rules.target)

    def of(self, item: object) -> Mapping[str, object]:
        """Return *item* as a mapping.

        Raises:
            ItemError: It describes no contact, or has a value that cannot be carried.
        """
        if isinstance(item, DoubledNames):
            raise ItemError(item.name, "the name comes twice in this object; keep one of the two")
        if type(item) is dict or isinstance(item, Mapping):
            return _flat(item)
        if isinstance(item, ImportRow):
            return self._carried(_flat(attrs.asdict(item, recurse=False)), lambda row: row.column)
        if isinstance(item, SignUp):
            return self._carried(self._of_sign_up(item), lambda row: row.contact or row.column)
        if isinstance(item, Contact):
            return self._carried(self._of_contact(item), lambda row: row.contact)
        raise ItemError("", f"this is {kind_of(item)}; {A_MAPPING}")

    def _of_sign_up(self, sign_up: SignUp) -> Mapping[str, object]:
        return {
            **_SIGN_UP.values_of(sign_up),
            **_sms_values(sign_up.sms_channel),
            **self._custom_fields(sign_up.custom_fields or ()),
        }

    def _of_contact(self, contact: Contact) -> Mapping[str, object]:
        _refuse_not_carried(contact)
        _refuse_unmailable(contact)
        return {
            **_CONTACT.values_of(contact),
            **_sms_values(contact.sms_channel),
            **self._custom_fields(contact.custom_fields or ()),
        }

    def _custom_fields(self, fields: Iterable[ContactCustomField]) -> dict[str, object]:
        values: dict[str, object] = {}
        for field in fields:
            _refuse_not_carried(field, "custom_fields")
            if field.custom_field_id not in self._field_names:
                raise ItemError("custom_fields", "the account has no custom field with this id")
            values[CUSTOM_FIELD + self._field_names[field.custom_field_id]] = field.value
        return values

    def _carried(
        self, values: Mapping[str, object], path_of: Callable[[Property], str]
    ) -> Mapping[str, object]:
        """Return *values* without absent ones; refuse one that the target does not carry."""
        found = {
            name: value
            for name, value in values.items()
            if not is_blank(value) and not (isinstance(value, tuple) and not value)
        }
        for row in self._not_carried:
            if row.column in found:
                raise ItemError(path_of(row).partition(".")[0], f"{row.why_not}; leave it out")
        return found


def _refuse_not_carried(
    model: Contact | ContactCustomField | SmsChannelConsent, of: str = ""
) -> None:
    for name, reason in NOT_CARRIED[type(model)].items():
        if getattr(model, name):
            raise ItemError(of or name, reason)


def _refuse_unmailable(contact: Contact) -> None:
    """Refuse a contact that bulk work would make mailable against its will."""
    if contact.is_deleted:
        raise ItemError("deleted_at", "the contact is deleted and would be revived; leave it out")
    permission = contact.email_address and contact.email_address.permission_to_send
    if permission not in _MAILABLE:
        raise ItemError(
            "permission_to_send",
            f"the permission is {permission}, and the contact would be mailed all the same; "
            "leave it out",
        )


def _sms_values(channel: SmsChannel | None) -> dict[str, object]:
    """Return the number for text messages, and the day of an explicit consent to them."""
    if channel is None:
        return {}
    number = channel.full_sms_address
    if not number and channel.sms_address:
        number = f"{channel.dial_code or ''}{channel.sms_address}"
    if channel.country_code not in (None, _COUNTRY):
        raise ItemError("sms_channel", "the number is not of the United States; leave it out")
    consents = channel.sms_channel_consents or ()
    if consents and not number:
        raise ItemError("sms_channel", "there is a consent without a number; add the number")
    return {"sms_number": number, "sms_consent_date": _consent_date(consents)}


def _consent_date(consents: Iterable[SmsChannelConsent]) -> dt.date | None:
    date: dt.date | None = None
    for consent in consents:
        _refuse_not_carried(consent, "sms_channel")
        if consent.consent_type not in (None, _PROMOTIONAL):
            raise ItemError(
                "sms_channel", f"a consent is not of the type {_PROMOTIONAL}; leave it out"
            )
        if consent.sms_consent_permission == "unsubscribed":
            raise ItemError(
                "sms_channel", "the contact unsubscribed from text messages; leave the number out"
            )
        if consent.sms_consent_permission == "explicit":
            if consent.opt_in_date is None:
                raise ItemError("sms_channel", "the consent has no opt_in_date; add it")
            date = consent.opt_in_date.date()
    return date


def _flat(item: Mapping[Any, object]) -> Mapping[str, object]:
    if set(map(type, item)) != {str} and not all(isinstance(key, str) for key in item):
        raise ItemError("", "the names of its values are not all text")
    if "custom_fields" not in item:
        return item
    fields = item["custom_fields"]
    if not isinstance(fields, Mapping | None):
        raise ItemError(
            "custom_fields",
            f"this is {kind_of(fields)}; give the fields as a mapping from name to value",
        )
    flat = {key: value for key, value in item.items() if key != "custom_fields"}
    return flat | {f"{CUSTOM_FIELD}{name}": value for name, value in (fields or {}).items()}


def is_blank(value: object) -> bool:
    """Whether *value* stands for no value: nothing, NaN, NaT or NA, whatever library made it."""
    value = _plain(value)
    if value is None:
        return True
    unequal: object = value != value  # true for NaN and NaT; NA gives itself
    return unequal is True or unequal is value


def text_of(value: object, column: str, booleans: Container[str] = ()) -> str:
    """Return *value* of *column* as the text that a file would hold; nothing is blank.

    Enumerations and numbers of other libraries stand for the plain value that they hold.

    Args:
        booleans: The columns that take true or false.

    Raises:
        CellError: No column takes such a value.
    """
    value = _plain(value)
    match value:
        case _ if is_blank(value):
            return ""
        case str():
            return str(value)
        case dt.date():
            return _text_of_day(value)
        case bool() if column in booleans:
            return str(value).lower()
        case bool():
            pass
        case int() if abs(value) >= _LONGEST_WHOLE:
            raise CellError("this number is too long; give it as text")
        case int() | UUID():
            return str(value)
        case float() | Decimal() if math.isfinite(value):
            is_whole = -_LARGEST_WHOLE < value < _LARGEST_WHOLE and value == int(value)
            return str(int(value)) if is_whole else str(value)
        case list() | tuple() | set() | frozenset() if column == "lists":
            names = [text_of(name, "") for name in value]
            return json.dumps(sorted(names)) if names else ""
    raise CellError(f"this is {kind_of(value)}; give text")


def _plain(value: object) -> object:
    """Return the plain value that an enumeration or a scalar of an array library holds."""
    if isinstance(value, Enum):
        return _plain(value.value)
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind is None or getattr(value, "shape", None) != ():
        return value
    scalar: Any = value.astype("datetime64[us]") if kind == "M" else value  # type: ignore[attr-defined] # they have it
    return scalar.item()


def _text_of_day(value: dt.date) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat()


def shown(value: object) -> str:
    """Return *value* as a file of rejected rows shows it."""
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return kind_of(value)


def kind_of(value: object) -> str:
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
