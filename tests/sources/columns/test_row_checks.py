"""Checks of a row across its columns."""

from __future__ import annotations

import pytest

from cc_async.models import CustomField
from cc_async.sources import Rejection, Row, Rules
from tests.support.sources import (
    EMAIL,
    SIGN_UP,
    check,
    refused,
    sent,
)


async def test_a_contact_without_an_address_is_refused() -> None:
    """An address or a number for text messages identifies a contact."""
    assert await refused({"first_name": "Ann"}) == (
        "email",
        "there is no e-mail address; add one",
    )


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"birthday": "2/30"}, "birthday"),
        ({"birthday": "25/12"}, "birthday"),
        ({"birthday": "spring"}, "birthday"),
        ({"birthday_month": 2}, "birthday_month"),
        ({"birthday_day": 2}, "birthday_day"),
        ({"birthday_month": 13, "birthday_day": 1}, "birthday_month"),
        ({"birthday_month": "4", "birthday_day": "31"}, "birthday_day"),
        ({"birthday_month": 0, "birthday_day": 1}, "birthday_month"),
    ],
)
async def test_half_or_impossible_birthdays_are_refused(
    values: dict[str, object], column: str
) -> None:
    """Both halves belong together, and the day must exist in some year."""
    assert (await refused({"email": EMAIL, **values}))[0] == column


async def test_phones_beyond_what_a_contact_stores_are_refused() -> None:
    """Three phones fit, and phone and other phone are stored in one place."""
    three = {"home_phone": "1", "work_phone": "2", "mobile_phone": "3"}
    assert await sent(**three) == three
    assert "three phones" in (await refused({"email": EMAIL, **three, "phone": "4"}))[1]
    assert "one place" in (await refused({"email": EMAIL, "phone": "1", "other_phone": "2"}))[1]


async def test_more_custom_fields_than_a_contact_takes_are_refused() -> None:
    """Blank ones are not counted."""
    fields = {f"cf:field_{n}": "x" if n < 25 else "" for n in range(30)}
    assert len(await sent(**fields)) == 25
    assert "25 custom fields" in (await refused({"email": EMAIL, **fields, "cf:field_29": "x"}))[1]


async def test_a_sign_up_takes_fifty_custom_fields() -> None:
    """A sign-up takes twice as many as an import, and the fifty-first is refused."""
    fields = tuple(CustomField(f"id-{n}", f"f{n}", f"f{n}") for n in range(51))
    rules = Rules(target="sign_up", custom_fields=fields)
    values = {"email": EMAIL, **{f"cf:f{n}": "x" for n in range(50)}}
    assert isinstance(await check(values, rules), Row)
    found = await check({**values, "cf:f50": "x"}, rules)
    assert isinstance(found, Rejection)
    assert "50 custom fields" in found.reason


async def test_a_sign_up_takes_one_phone_and_one_address() -> None:
    """One phone is taken from any column; a second one is refused."""
    assert await sent(SIGN_UP, work_phone="1", phone="") == {"work_phone": "1"}
    assert (
        "one phone"
        in (await refused({"email": EMAIL, "phone": "1", "work_phone": "2"}, SIGN_UP))[1]
    )
    assert (
        "one street" in (await refused({"email": EMAIL, "city": "x", "work_city": "y"}, SIGN_UP))[1]
    )
    assert isinstance(await check({"email": EMAIL, "city": "x", "work_city": ""}, SIGN_UP), Row)


EXPLICIT = Rules(needs_sms_consent=True)


async def test_explicit_text_messages_need_a_date_of_consent_in_each_row() -> None:
    """Without the date the service would store no permission; a row without a number needs none."""
    item = {"email": EMAIL, "sms_number": "7815550123"}
    for blank in ({}, {"sms_consent_date": ""}):
        column, reason = await refused({**item, **blank}, EXPLICIT)
        assert column == ("sms_consent_date" if blank else "sms_number")
        assert "date of the consent" in reason
    assert await sent(EXPLICIT, **item, sms_consent_date="2026-01-02")
    assert await sent(EXPLICIT, sms_number="", first_name="Ann")
    assert await sent(Rules(), **item)
