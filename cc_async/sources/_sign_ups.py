"""From a checked row to the body of `POST /contacts/sign_up_form`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cc_async.models import ContactCustomField, CustomField, SignUp, StreetAddress
from cc_async.sources._columns import ADDRESS_PARTS, PHONES
from cc_async.sources._values import Row

__all__ = ["to_sign_up"]

_SAME_NAME = (
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "birthday_month",
    "birthday_day",
    "anniversary",
)
_PREFIXES = {"": "home", "work_": "work", "other_": "other"}


def to_sign_up(
    row: Row, custom_fields: Iterable[CustomField], list_memberships: Sequence[str] = ()
) -> SignUp:
    """Return *row*, checked for `sign_up`, as a sign-up to its own lists or *list_memberships*.

    Args:
        custom_fields: The account's, as in the rules that the row was checked against.
    """
    values: dict[str, Any] = row.values
    phones = [values[column] for column in PHONES if column in values]
    fields = [
        ContactCustomField(field.custom_field_id, values[f"cf:{field.name}"])
        for field in custom_fields
        if f"cf:{field.name}" in values
    ]
    lists: Any = row.lists or list_memberships
    return SignUp(
        email_address=values.get("email"),
        list_memberships=lists,
        phone_number=phones[0] if phones else None,
        custom_fields=tuple(fields) or None,
        street_address=_address(values),
        consented_at=row.consented_at,
        **{name: values[name] for name in _SAME_NAME if name in values},
    )


def _address(values: dict[str, Any]) -> StreetAddress | None:
    for prefix, kind in _PREFIXES.items():
        parts = {part: values.get(prefix + part) for part in ADDRESS_PARTS}
        if any(parts.values()):
            return StreetAddress(kind=kind, postal_code=parts.pop("zip"), **parts)
    return None
