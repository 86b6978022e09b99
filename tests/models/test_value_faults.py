"""The reasons for which a value cannot be sent, in bulk and one by one."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.models import (
    address_fault,
    birthday_fault,
    holds_address,
    read_date,
    text_fault,
)


@pytest.mark.parametrize("address", ["ann@example.com", "ólga@bücher.example", "a+b@x-y.example"])
def test_an_address_that_may_exist_has_no_fault(address: str) -> None:
    """Addresses in any script pass, up to the length that is allowed."""
    assert address_fault(address, 50) == ""
    assert holds_address(f" {address} ")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ann", "no @"), ("a@b@example.com", "more than one @"), ("@example.com", "missing"),
        ("a b@example.com", "blank"), ("ann@example", "no dot"), ("ann.@example.com", "dot too many"),
        ("ann@exam_ple.com", "character"), ("a" * 40 + "@example.com", "52 characters and 50"),
        (7, "no text"), (None, "no text"),
    ],
)  # fmt: skip
def test_the_fault_of_an_address_is_named_without_it(address: object, words: str) -> None:
    """The reason says what is wrong and never shows the address."""
    fault = address_fault(address, 50)
    assert words in fault
    assert str(address) not in fault


def test_texts_have_a_length_and_no_control_characters() -> None:
    """Line breaks and tabs are no fault; other control characters are."""
    assert text_fault("Ann\tLang\n", 50) == ""
    assert text_fault("x" * 10_000, None) == ""
    assert "51 characters and 50" in text_fault("x" * 51, 50)
    assert "control character" in text_fault("a\x07b", 50)
    assert "no text" in text_fault(5, 50)


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024-12-31", dt.date(2024, 12, 31)), ("12/31/2024", dt.date(2024, 12, 31))],
)
def test_dates_are_read_as_the_service_reads_them(text: str, date: dt.date) -> None:
    """Year, month and day, or month, day and year; another form is an error with its reason."""
    assert read_date(text) == date
    for wrong, words in (("31.12.2024", "no such date"), ("2024-02-30", "no such day")):
        with pytest.raises(ValueError, match=words):
            read_date(wrong)


@pytest.mark.parametrize(
    ("month", "day", "column"),
    [
        (None, None, ""), (0, 0, ""), (2, 29, ""), (12, 31, ""), (2, None, "birthday_month"),
        (0, 5, "birthday_day"), (4, 31, "birthday_day"), (13, 1, "birthday_month"),
        (1, 32, "birthday_day"), ("1", 1, "birthday_month"), (True, 1, "birthday_month"),
    ],
)  # fmt: skip
def test_both_halves_of_a_birthday_make_a_day(month: object, day: object, column: str) -> None:
    """The fault names the half that is wrong; without both there is none."""
    assert birthday_fault(month, day)[0] == column
