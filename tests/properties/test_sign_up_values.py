"""A bulk sign-up sends what a single one sends."""

from __future__ import annotations

import orjson
from hypothesis import given, settings, strategies as st

from cc_async.models import ContactCustomField, ContactList, CustomField, SignUp, StreetAddress
from cc_async.sources import Row, Rules, open_source, sign_up_values
from cc_async.wire import encode

FIELDS = tuple(CustomField(f"f-{n}", f"Field {n}", f"field_{n}") for n in range(3))
RULES = Rules("sign_up", custom_fields=FIELDS, lists=(ContactList("id-1", "News"),))

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
def people(draw: st.DrawFn) -> SignUp:
    """Make somebody of whom little or much is known."""
    month, day = draw(birthdays)
    fields = tuple(
        ContactCustomField(field.custom_field_id, draw(text))
        for field in FIELDS
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
@given(people())
async def test_a_person_from_a_source_is_signed_up_as_a_single_one_is(person: SignUp) -> None:
    """What was read, checked and written again is, to the service, the person as given."""
    rows = [row async for found in open_source([person]).read(RULES) for row in found]
    (row,) = rows
    assert isinstance(row, Row)
    assert orjson.loads(orjson.dumps(sign_up_values(row, FIELDS))) == orjson.loads(encode(person))
