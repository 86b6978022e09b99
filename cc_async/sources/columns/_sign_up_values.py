"""Checked rows as bodies of `POST /contacts/sign_up_form`.

https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cc_async.models import CUSTOM_FIELD, PROPERTIES, CustomField
from cc_async.sources._source import Row

_ADDRESS = "street_address."
_PHONES = tuple(row.column for row in PROPERTIES if row.sign_up == "phone_number")
_NAMES = {
    row.column: row.sign_up for row in PROPERTIES if row.is_column and row.sign_up and not row.kind
}
_ADDRESSES = tuple(
    (
        kind,
        {
            row.column: row.sign_up.removeprefix(_ADDRESS)
            for row in PROPERTIES
            if row.kind == kind and row.sign_up.startswith(_ADDRESS)
        },
    )
    for kind in ("home", "work", "other")
)


def sign_up_values(
    row: Row, custom_fields: Iterable[CustomField], list_memberships: Sequence[str] = ()
) -> dict[str, Any]:
    """Return *row*, checked for `sign_up`, as a sign-up to its own lists or *list_memberships*.

    It equals the JSON of a `SignUp` with the same values.

    Args:
        custom_fields: The account's, as in the rules that the row was checked against.
    """
    values = row.values
    body = _renamed(values, _NAMES)
    body["list_memberships"] = row.lists or list_memberships
    for column in _PHONES:
        if column in values:
            body["phone_number"] = values[column]
            break
    for kind, names in _ADDRESSES:
        if address := _renamed(values, names):
            body["street_address"] = {"kind": kind, **address}
            break
    fields = [
        {"custom_field_id": field.custom_field_id, "value": values[CUSTOM_FIELD + field.name]}
        for field in custom_fields
        if CUSTOM_FIELD + field.name in values
    ]
    if fields:
        body["custom_fields"] = fields
    return body


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[column] for column, name in names.items() if column in values}
