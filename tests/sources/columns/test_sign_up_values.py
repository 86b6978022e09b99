"""Rows as sign-ups."""

from __future__ import annotations

import datetime as dt

import orjson
from hypothesis import given, settings, strategies as st

from cc_async.models import (
    ContactCustomField,
    ContactList,
    CustomField,
    SignUp,
    StreetAddress,
)
from cc_async.sources import Row, Rules, open_source, sign_up_values
from cc_async.wire import CONVERTER, encode
from tests.support.sources import (
    FIELDS,
    SIGN_UP,
    read,
)


async def test_a_row_becomes_a_sign_up() -> None:
    """Phone, address and custom fields take the form that sign-ups have."""
    person = SignUp(
        "A@example.com",
        ("News",),
        first_name="Ann",
        phone_number="781",
        custom_fields=(ContactCustomField("f-1", "red"),),
        street_address=StreetAddress("work", city="Rome"),
        consented_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    )
    (row,) = await read([person], SIGN_UP)
    assert isinstance(row, Row)
    assert row.consented_at == person.consented_at
    assert sign_up_values(row, FIELDS, ["id-9"]) == {
        **CONVERTER.unstructure(person),
        "list_memberships": ("id-1",),
    }


SOME_FIELDS = tuple(CustomField(f"f-{n}", f"Field {n}", f"field_{n}") for n in range(3))
RULES = Rules("sign_up", custom_fields=SOME_FIELDS, lists=(ContactList("id-1", "News"),))

text = st.text("abé 王", min_size=1, max_size=5).map(str.strip).filter(bool)
words = st.none() | text
addresses = st.builds(
    StreetAddress,
    st.sampled_from(["home", "work", "other"]),
    street=words,
    city=words,
    state=words,
    postal_code=words,
    country=words,
).filter(lambda address: any((address.street, address.city, address.state, address.country)))
birthdays = st.sampled_from([(None, None), (2, 29), (12, 1)])


@st.composite
def sign_ups(draw: st.DrawFn) -> SignUp:
    """Make a sign-up with few or many values."""
    month, day = draw(birthdays)
    fields = tuple(
        ContactCustomField(field.custom_field_id, draw(text))
        for field in SOME_FIELDS
        if draw(st.booleans())
    )
    return SignUp(
        "Ann@example.com",
        ("id-1",),
        first_name=draw(words),
        last_name=draw(words),
        job_title=draw(words),
        company_name=draw(words),
        phone_number=draw(st.sampled_from([None, "781-555-0100"])),
        birthday_month=month,
        birthday_day=day,
        anniversary=draw(st.sampled_from([None, "2020-02-29"])),
        custom_fields=fields or None,
        street_address=draw(st.none() | addresses),
    )


@settings(deadline=None)
@given(sign_ups())
async def test_a_sign_up_from_a_source_is_sent_as_a_single_one_is(sign_up: SignUp) -> None:
    """A sign-up that was read and checked is sent as it was given."""
    rows = [row async for found in open_source([sign_up]).read(RULES) for row in found]
    (row,) = rows
    assert isinstance(row, Row)
    assert orjson.loads(orjson.dumps(sign_up_values(row, SOME_FIELDS))) == orjson.loads(
        encode(sign_up)
    )
