"""From a checked row to the body of `POST /contacts/sign_up_form`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cc_async.models import ContactCustomField, CustomField, SignUp, StreetAddress
from cc_async.sources._columns import ADDRESS_PARTS, PHONES
from cc_async.sources._values import Row

__all__ = ["to_sign_up"]

_ADDRESSES = tuple(
    (kind, tuple(prefix + part for part in ADDRESS_PARTS))
    for prefix, kind in (("", "home"), ("work_", "work"), ("other_", "other"))
)


def to_sign_up(
    row: Row, custom_fields: Iterable[CustomField], list_memberships: Sequence[str] = ()
) -> SignUp:
    """Return *row*, checked for `sign_up`, as a sign-up to its own lists or *list_memberships*.

    Args:
        custom_fields: The account's, as in the rules that the row was checked against.
    """
    values: dict[str, Any] = row.values
    take = values.get
    fields = [
        ContactCustomField(field.custom_field_id, values[f"cf:{field.name}"])
        for field in custom_fields
        if f"cf:{field.name}" in values
    ]
    lists: Any = row.lists or list_memberships
    return SignUp(
        email_address=take("email"),
        list_memberships=lists,
        first_name=take("first_name"),
        last_name=take("last_name"),
        job_title=take("job_title"),
        company_name=take("company_name"),
        phone_number=next(filter(None, map(take, PHONES)), None),
        birthday_month=take("birthday_month"),
        birthday_day=take("birthday_day"),
        anniversary=take("anniversary"),
        custom_fields=tuple(fields) or None,
        street_address=_address(values),
        consented_at=row.consented_at,
    )


def _address(values: dict[str, Any]) -> StreetAddress | None:
    """Return the first address that has a part, of those at home, at work and elsewhere."""
    for kind, columns in _ADDRESSES:
        parts = [values.get(column) for column in columns]
        if any(parts):
            street, city, state, postal_code, country = parts
            return StreetAddress(kind, street, city, state, postal_code, country)
    return None
