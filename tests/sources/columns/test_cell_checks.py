"""Checks of single cells: what is sent, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings, strategies as st

from cc_async.models import (
    ContactList,
)
from cc_async.sources import Rejection, Row, Rules
from cc_async.sources.columns._cell_checks import (
    Birthday,
    Blank,
    CellError,
    Check,
    Date,
    Email,
    ListNames,
    Moment,
    Number,
    SmsNumber,
    Text,
)
from tests.support.sources import (
    EMAIL,
    FIELDS,
    SIGN_UP,
    check,
    read,
    refused,
    sent,
)


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
    """The check takes unusual addresses, and does not change them."""
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
    """An impossible date is not sent."""
    column, reason = await refused({"email": EMAIL, "anniversary": written})
    assert column == "anniversary"
    assert "2024-12-31" in reason


@pytest.mark.parametrize("written", ["2/29", "02/29", "2-29", "2/29/2024", "2024-02-29"])
async def test_a_birthday_in_one_column_becomes_both_halves(written: str) -> None:
    """Month and day are taken from a birthday with or without its year."""
    assert await sent(Birthday=written) == {"birthday_month": 2, "birthday_day": 29}


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


async def test_a_caller_can_lift_the_limits_on_which_the_api_contradicts_itself() -> None:
    """The limits for addresses, phones and custom fields are the smallest that are documented."""
    lifted = Rules(custom_fields=FIELDS, max_email=None, max_phone=None, max_custom_fields=None)
    values = {"email": "x" * 60 + "@example.com", "phone": "1" * 40}
    values |= {f"cf:field_{n}": "x" for n in range(30)}
    assert isinstance(await check(values, lifted), Row)


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


async def test_rows_name_lists_of_their_own_by_name_or_id() -> None:
    """Lists are resolved to ids, sorted and each once; an unknown one rejects the row."""
    text = "email,lists\na@example.com,id-2|News;id-1\nb@example.com,Events; and more\nc@example.com,X\n"
    first, second, third = await read(text.encode())
    assert isinstance(first, Row)
    assert first.lists == ("id-1", "id-2")
    assert isinstance(second, Row)
    assert second.lists == ("id-2",)
    assert isinstance(third, Rejection)
    assert "'X'" in third.reason


async def test_a_consent_in_the_future_is_refused() -> None:
    """A day ahead may be another time zone; anything later is an error of the source."""
    now = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)
    rules = Rules(target="sign_up", clock=lambda: now)
    for written in ("2026-09-22", "2026-09-22T12:00:00Z"):
        assert isinstance(await check({"email": EMAIL, "Consented At": written}, rules), Row)
    for written in ("2026-09-23", "2027-01-01T00:00:00+02:00"):
        found = await check({"email": EMAIL, "Consented At": written}, rules)
        assert isinstance(found, Rejection)
        assert (found.column, "future" in found.reason) == ("Consented At", True)


async def test_a_consent_given_while_a_long_reading_goes_on_is_good() -> None:
    """Contacts may come for days; a consent is compared with the time of its own check."""
    now = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)
    days = iter(range(0, 30, 3))

    def people() -> Iterator[dict[str, object]]:
        nonlocal now
        for day in days:
            now = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=day)
            yield {"email": f"p{day}@example.com", "Consented At": now.isoformat()}

    rows = await read(people(), Rules(target="sign_up", clock=lambda: now), max_rows=1)
    assert len(rows) == 10
    assert all(isinstance(row, Row) for row in rows)


async def test_a_consent_to_text_messages_in_the_future_is_refused() -> None:
    """The day of such a consent is checked like the moment of a sign-up."""
    now = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)
    rules = Rules(clock=lambda: now)
    item = {"email": EMAIL, "sms_number": "7815550100"}
    assert isinstance(await check(item | {"sms_consent_date": "9/22/2026"}, rules), Row)
    column, reason = await refused(item | {"sms_consent_date": "9/23/2026"}, rules)
    assert (column, "future" in reason) == ("sms_consent_date", True)


async def test_a_contact_goes_on_fifty_lists_at_most() -> None:
    """A row with more lists than a contact can be on is rejected."""
    lists = tuple(ContactList(f"id-{n}", f"List {n}") for n in range(51))
    items = [
        {"email": "a@example.com", "lists": [each.name for each in lists[:n]]} for n in (50, 51)
    ]
    first, second = await read(items, Rules(lists=lists))
    assert isinstance(first, Row)
    assert len(first.lists) == 50
    assert isinstance(second, Rejection)
    assert "51 lists" in second.reason


CHECKS: tuple[Check, ...] = (
    Text(5),
    Email(20),
    Date(),
    Birthday(),
    Number(12),
    SmsNumber(),
    Moment(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)),
    Blank(),
    ListNames({"a": "1", "b": "2"}),
)


@settings(deadline=None)
@given(
    st.sampled_from(CHECKS),
    st.lists(
        st.text(st.sampled_from("ab.@-_+' /;\n\x00é\u200b"), max_size=9).map(str.strip)
        | st.sampled_from(
            ["a@b.co", "A.b@c-d.ef", "2024-02-29", "2/29", "12", "012", "7815550123"]
        ),
        min_size=1,
        max_size=4,
    ),
)
@example(Email(20), ["a.@b.co"])
@example(Email(20), ["a@b-.co"])
def test_a_column_proved_good_at_once_is_good_cell_by_cell(check: Check, cells: list[str]) -> None:
    """The quick look takes nothing that the close look refuses, and sends the same."""
    proved = check.quick(cells)
    if proved is not None:
        assert list(proved) == [check.clean(cell) for cell in cells]


def test_a_deeply_nested_cell_of_lists_is_one_rejected_row() -> None:
    """Thousands of brackets are the name of no list, and no error of the program."""
    with pytest.raises(CellError, match="no list"):
        ListNames({"a": "1"}).clean("[" * 40_000)
