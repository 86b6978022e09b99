"""What rows are refused for, and what is sent for what is written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cc_async.models import (
    Contact,
    ContactCustomField,
    CustomField,
    PhoneNumber,
    SignUp,
    StreetAddress,
)
from cc_async.sources import Rejection, Row, Rules, open_source

FIELDS = tuple(CustomField(f"id-{n}", f"Field {n}", f"field_{n}") for n in range(30))
IMPORT = Rules(custom_fields=FIELDS)
SIGN_UP = Rules("sign_up", custom_fields=FIELDS)
EMAIL = "ann@example.com"


async def check(item: object, rules: Rules = IMPORT) -> Row | Rejection:
    """Return what becomes of one item."""
    ((row,),) = [rows async for rows in open_source([item]).read(rules)]
    return row


async def sent(rules: Rules = IMPORT, **values: Any) -> dict[str, str | int]:
    """Return what is sent for *values* besides the address."""
    row = await check({"email": EMAIL, **values}, rules)
    assert isinstance(row, Row), row
    return {name: value for name, value in row.values.items() if name != "email"}


async def refused(item: object, rules: Rules = IMPORT) -> tuple[str, str]:
    """Return the column and the reason for which *item* is set aside."""
    row = await check(item, rules)
    assert isinstance(row, Rejection), row
    assert "@" not in row.reason.replace("no @", "").replace("one @", "").replace("the @", "")
    return row.column, row.reason


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "first.last+tag@sub.example.com",
        "o'brien_x-y@example.org",
        "two..dots@example.jp",
        "köln@münchen.example",
        "用户@例子.公司",
        "_a@example.com",
        "a@1.example",
        "!#$%&*=?^`{|}~@example.com",
        "x" * 38 + "@example.com",
    ],
)
async def test_an_address_that_may_be_right_is_taken(address: str) -> None:
    """The check refuses what is surely wrong and no more, and does not change the address."""
    row = await check({"email": address})
    assert isinstance(row, Row)
    assert row.values["email"] == address
    assert row.identity == address.lower()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ann", "no @"),
        ("ann@@example.com", "more than one @"),
        ("ann@example.com, bob@example.com", "more than one @"),
        ("@example.com", "missing"),
        ("ann@", "missing"),
        ("ann lee@example.com", "a blank"),
        ("ann@exam ple.com", "a blank"),
        ("ann@exam\u200bple.com", "invisible"),
        ("ann\x07@example.com", "invisible"),
        ("ann@example", "no dot"),
        (".ann@example.com", "dot too many"),
        ("ann.@example.com", "dot too many"),
        ("ann@example.com.", "dot too many"),
        ("ann@.example.com", "character that addresses do not have|dot too many"),
        ("ann@example..com", "dot too many"),
        ("ann@-example.com", "do not have"),
        ("<ann@example.com>", "do not have"),
        ("ann@example.com;", "do not have"),
        ("ann@exa_mple.com", "do not have"),
        ("mailto:ann@example.com", "do not have"),
        ("x" * 39 + "@example.com", "51 characters"),
    ],
)
async def test_an_address_that_is_surely_wrong_is_refused(address: str, reason: str) -> None:
    """The reason says what is wrong without repeating the address."""
    column, told = await refused({"email": address})
    assert column == "email"
    assert any(part in told for part in reason.split("|"))


async def test_a_contact_without_an_address_is_refused() -> None:
    """Something must say who it is."""
    assert await refused({"first_name": "Ann"}) == (
        "email",
        "there is no e-mail address; add one",
    )


async def test_a_number_for_text_messages_can_stand_for_the_address() -> None:
    """US numbers are sent as ten digits, and are the identity where there is no address."""
    for number in ("781-555-0123", "(781) 555 0123", "+1 781.555.0123", "7815550123"):
        row = await check({"sms_number": number, "sms_consent_date": "7/3/2024"})
        assert isinstance(row, Row)
        assert row.identity == "sms:7815550123"
        assert row.values == {"sms_number": "7815550123", "sms_consent_date": "2024-07-03"}
    for number in ("+49 30 901820", "12345", "27815550123"):
        column, reason = await refused({"email": EMAIL, "sms_number": number})
        assert (column, "ten digits" in reason) == ("sms_number", True)


@pytest.mark.parametrize(
    "written",
    [
        "07/03/2024",
        "7/3/2024",
        "2024/07/03",
        "2024/7/3",
        "2024-07-03",
        "2024-7-3",
        "7-3-2024",
        "7-03-2024",
        "07-03-2024",
    ],
)
async def test_dates_in_every_listed_format_are_sent_in_one(written: str) -> None:
    """Dates go out as YYYY-MM-DD."""
    assert await sent(anniversary=written) == {"anniversary": "2024-07-03"}


@pytest.mark.parametrize(
    "written", ["2/30/2024", "2023-02-29", "13/1/2024", "2024-07/03", "3.7.2024", "20240703", "x"]
)
async def test_dates_that_do_not_exist_are_refused(written: str) -> None:
    """A date that cannot be is not sent."""
    column, reason = await refused({"email": EMAIL, "anniversary": written})
    assert column == "anniversary"
    assert "2024-12-31" in reason


@pytest.mark.parametrize("written", ["2/29", "02/29", "2-29", "2/29/2024", "2024-02-29"])
async def test_a_birthday_in_one_column_becomes_both_halves(written: str) -> None:
    """Month and day are taken from a birthday with or without its year."""
    assert await sent(Birthday=written) == {"birthday_month": 2, "birthday_day": 29}


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


@pytest.mark.parametrize(
    ("column", "limit"),
    [("first_name", 50), ("city", 50), ("street", 255), ("cf:field_1", 255), ("phone", 25)],
)
async def test_values_of_just_the_right_length_are_sent_and_longer_ones_refused(
    column: str, limit: int
) -> None:
    """Lengths are counted in characters, and the reason tells both numbers."""
    assert await sent(**{column: "é" * limit}) == {column: "é" * limit}
    blamed, reason = await refused({"email": EMAIL, column: "é" * (limit + 1)})
    assert blamed == column
    assert str(limit) in reason
    assert str(limit + 1) in reason


async def test_a_caller_can_lift_the_limits_that_the_api_is_of_two_minds_about() -> None:
    """The limits for addresses, phones and custom fields are the smallest that are documented."""
    lifted = Rules(custom_fields=FIELDS, max_email=None, max_phone=None, max_custom_fields=None)
    values = {"email": "x" * 60 + "@example.com", "phone": "1" * 40}
    values |= {f"cf:field_{n}": "x" for n in range(30)}
    assert isinstance(await check(values, lifted), Row)


async def test_a_second_street_line_is_put_behind_the_first() -> None:
    """The API appends it anyway, so both lines go out in the order that was meant."""
    assert await sent(street="1 Main St", street2="Flat 4") == {"street": "1 Main St, Flat 4"}
    assert await sent(work_street2="Flat 4") == {"work_street": "Flat 4"}
    column, reason = await refused({"email": EMAIL, "street": "x" * 200, "street2": "y" * 60})
    assert (column, "255" in reason) == ("street2", True)


async def test_home_addresses_go_out_without_a_prefix() -> None:
    """What has no prefix is stored as home, and the prefixed keys are doubtful."""
    assert await sent(home_city="Rome", **{"Country - Home": "IT"}) == {
        "city": "Rome",
        "country": "IT",
    }


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


async def test_a_sign_up_takes_one_phone_and_one_address() -> None:
    """Whatever column the one phone is in, it is taken; a second one is refused."""
    assert await sent(SIGN_UP, work_phone="1", phone="") == {"work_phone": "1"}
    assert (
        "one phone"
        in (await refused({"email": EMAIL, "phone": "1", "work_phone": "2"}, SIGN_UP))[1]
    )
    assert (
        "one street" in (await refused({"email": EMAIL, "city": "x", "work_city": "y"}, SIGN_UP))[1]
    )
    assert isinstance(await check({"email": EMAIL, "city": "x", "work_city": ""}, SIGN_UP), Row)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02T03:04:05-05:00", "2026-01-02T03:04:05-05:00"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00+00:00"),
        ("2026-01-02", "2026-01-02T00:00:00+00:00"),
        ("1/2/2026", "2026-01-02T00:00:00+00:00"),
    ],
)
async def test_consent_is_read_as_a_point_in_time(written: str, moment: str) -> None:
    """Any ISO-8601 time or listed date will do; UTC where it does not say."""
    row = await check({"email": EMAIL, "Consented At": written}, SIGN_UP)
    assert isinstance(row, Row)
    assert row.consented_at is not None
    assert row.consented_at.isoformat() == moment


async def test_letters_of_every_script_are_sent_as_they_are() -> None:
    """Joiners that some scripts and signs need are no control characters."""
    for name in ("Ольга", "李小龙", "محمد\u200cعلی", "👩\u200d💻", "Zoe\u0308", "A\u00a0B"):
        assert await sent(first_name=name) == {"first_name": name}


async def test_line_breaks_and_tabs_become_blanks_and_control_characters_are_refused() -> None:
    """A value is one line of text."""
    assert await sent(street="1\r\nMain\u2028St\tX") == {"street": "1 Main St X"}
    for character in "\x00\x07\x1b\x7f\x9f\ud800":
        column, reason = await refused({"email": EMAIL, "street": f"1{character}2"})
        assert (column, "control character" in reason) == ("street", True)


@pytest.mark.parametrize(
    ("item", "column", "reason"),
    [
        (EMAIL, "", "this is a text"),
        (None, "", "this is nothing"),
        ({1: "x"}, "", "not all text"),
        ({"email": EMAIL, "custom_fields": [{"a": 1}]}, "custom_fields", "this is a list"),
        ({"email": EMAIL, "custom_fields": {"field_1": {"a": 1}}}, "cf:field_1", "a group"),
        ({"email": EMAIL, "first_name": ["Ann"]}, "first_name", "this is a list"),
        ({"email": EMAIL, "first_name": True}, "first_name", "this is a yes or no"),
        (
            SignUp(EMAIL, custom_fields=(ContactCustomField("id-1", choice_ids=("1",)),)),
            "custom_fields",
            "choices",
        ),
        (
            SignUp(EMAIL, custom_fields=(ContactCustomField("?", "x"),)),
            "custom_fields",
            "no custom",
        ),
        (
            Contact(phone_numbers=(PhoneNumber("1", "home"),) * 2),
            "phone_numbers",
            "two of the kind",
        ),
        (Contact(street_addresses=(StreetAddress(),) * 2), "street_addresses", "two of the kind"),
    ],
)
async def test_items_of_the_wrong_kind_are_refused_one_by_one(
    item: object, column: str, reason: str
) -> None:
    """A value that no column takes rejects its item, not the whole source."""
    blamed, told = await refused(item)
    assert blamed == column
    assert reason in told


async def test_values_that_programs_hold_are_taken_as_text() -> None:
    """Numbers, days and nested custom fields need no conversion; missing numbers are blank."""
    assert await sent(
        zip=2139,
        city=float("nan"),
        state=2.0,
        anniversary=dt.date(2024, 7, 3),
        custom_fields={"field_1": 1.5, "Field 2": None},
    ) == {"zip": "2139", "state": "2", "anniversary": "2024-07-03", "cf:field_1": "1.5"}
    assert await sent(anniversary=dt.datetime(2024, 7, 3)) == {  # noqa: DTZ001
        "anniversary": "2024-07-03"
    }


@pytest.mark.parametrize("row", ["a@example.com", "a@example.com,Ann,Rome,x", "a@example.com,Ann,"])
async def test_rows_of_another_width_than_the_heading_are_refused(row: str) -> None:
    """A row that is short or long may be half of another one, so it is not guessed at."""
    text = f"email,first name\n{row}\nb@example.com,Bob\n"
    ((first, second),) = [rows async for rows in open_source(text.encode()).read(IMPORT)]
    assert isinstance(first, Rejection)
    assert "cells" in first.reason
    assert first.record == tuple(row.split(","))
    assert isinstance(second, Row)


async def test_a_value_in_a_column_without_heading_is_refused() -> None:
    """Commas at the end of all lines do no harm, but a value there would be lost."""
    text = b"email,,\na@example.com,,\nb@example.com,x,\n"
    ((first, second),) = [rows async for rows in open_source(text).read(IMPORT)]
    assert isinstance(first, Row)
    assert isinstance(second, Rejection)
    assert "without a heading" in second.reason


async def test_reprs_show_no_addresses() -> None:
    """Rows and rejections can be logged."""
    assert "example.com" not in repr(await check({"email": EMAIL}))
    assert "surname" not in repr(await check({"email": "ann@surname"}))
