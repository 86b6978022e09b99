"""From a checked row to what `POST /contacts/sign_up_form` takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cc_async.models import CustomField
from cc_async.sources._source import Row
from cc_async.sources.columns._properties import ADDRESS_PARTS, PHONES, SAME_NAMES

_NAMES = {"email": "email_address", **{name: name for name in SAME_NAMES}}
_ADDRESSES = tuple(
    (kind, {prefix + column: name for column, name in ADDRESS_PARTS.items()})
    for prefix, kind in (("", "home"), ("work_", "work"), ("other_", "other"))
)


def sign_up_values(
    row: Row, custom_fields: Iterable[CustomField], list_memberships: Sequence[str] = ()
) -> dict[str, Any]:
    """Return *row*, checked for `sign_up`, as a sign-up to its own lists or *list_memberships*.

    It is what a `SignUp` with the same values becomes in JSON.

    Args:
        custom_fields: The account's, as in the rules that the row was checked against.
    """
    values = row.values
    body = _renamed(values, _NAMES)
    body["list_memberships"] = row.lists or list_memberships
    for column in PHONES:
        if column in values:
            body["phone_number"] = values[column]
            break
    for kind, names in _ADDRESSES:
        if address := _renamed(values, names):
            body["street_address"] = {"kind": kind, **address}
            break
    fields = [
        {"custom_field_id": field.custom_field_id, "value": values[f"cf:{field.name}"]}
        for field in custom_fields
        if f"cf:{field.name}" in values
    ]
    if fields:
        body["custom_fields"] = fields
    return body


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[column] for column, name in names.items() if column in values}
