"""Each property of a contact, from a row of the table to the account and back.

A new row fails here until a sandbox's account stores it: `ContactRecord` needs the field.
"""

from __future__ import annotations

from typing import Any

import pytest

from cc_async import Contact, ImportOptions
from cc_async.models import PROPERTIES, Property
from tests.support.people import client_of, open_sandbox

EMAIL = "ann@example.com"
SAMPLES = {
    "text": "Text",
    "email": EMAIL,
    "phone": "781-555-0100",
    "date": "2020-02-29",
    "month": 2,
    "day": 29,
    "birthday": "2/29",
    "sms_number": "7815550123",
}
"""A value of each kind."""

PARTNERS = {"birthday_month": {"birthday_day": 29}, "birthday_day": {"birthday_month": 2}}
"""Columns that go together with another one."""

PATHS = {
    "phone": "phone_numbers.phone_number",
    "street2": "street_addresses.street",
    "work_street2": "street_addresses.street",
    "other_street2": "street_addresses.street",
    "birthday": "birthday_day",
    "sms_number": "sms_channel.sms_address",
}
"""Where a value is found that is stored under another name."""

STORED = {"birthday": 29}
"""Values that are stored in another form."""

BESIDE = {"lists", "consented_at", "sms_consent_date"}
"""Rows whose values are not stored with the contact, or not as they are."""

ROWS = [row for row in PROPERTIES if row.column not in BESIDE]
INCLUDE = ["phone_numbers", "street_addresses"]


def ids(row: Property) -> str:
    """Return the name of a row in the names of tests."""
    return row.column


def item_of(row: Property) -> dict[str, Any]:
    """Return a contact with a value for *row*."""
    partners = PARTNERS.get(row.column, {})
    return {"email": EMAIL, row.column: SAMPLES[row.value], **partners}


def stored_value(contact: Contact, row: Property) -> Any:
    """Return the value of *row* in *contact*."""
    name, _, rest = (PATHS.get(row.column) or row.contact).partition(".")
    found = getattr(contact, name)
    if isinstance(found, tuple):
        (found,) = [each for each in found if each.kind == row.kind]
    return getattr(found, rest) if rest else found


def expected(row: Property) -> Any:
    """Return the value of *row* as it is stored."""
    return STORED.get(row.column, SAMPLES[row.value])


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("row", "send_as"),
    [(row, way) for row in ROWS for way in ("csv", "json") if way in row.carried_by],
    ids=lambda value: value if isinstance(value, str) else value.column,
)
async def test_an_import_stores_every_property_that_it_carries(row: Property, send_as: Any) -> None:
    """A value arrives under the field that the table names, by every way that carries it."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            [item_of(row)],
            lists=["Newsletter"],
            options=ImportOptions(send_as=send_as, sms_permission="not_set"),
        )
        assert (report.contacts_sent, report.person_count, report.error_count) == (1, 1, 0)
        contact = await cc.contacts.find(EMAIL, include=INCLUDE)
    assert contact is not None
    assert stored_value(contact, row) == expected(row)


@pytest.mark.looptime
@pytest.mark.parametrize("row", [row for row in ROWS if "sign_up" in row.carried_by], ids=ids)
async def test_a_sign_up_stores_every_property_that_it_carries(row: Property) -> None:
    """A value arrives under the field that the table names; the one phone is stored as `other`."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        async with cc.bulk.sign_up(
            [item_of(row)], lists=["Newsletter"], consent="explicit"
        ) as outcomes:
            assert [outcome.status async for outcome in outcomes] == ["created"]
        contact = await cc.contacts.find(EMAIL, include=INCLUDE)
    assert contact is not None
    if row.value == "phone":
        assert [each.phone_number for each in contact.phone_numbers or ()] == [expected(row)]
    else:
        assert stored_value(contact, row) == expected(row)
