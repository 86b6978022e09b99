"""Values of bodies and queries are checked in the service's wording."""

from __future__ import annotations

import pytest

from cc_async.sandbox.http import (
    ErrorReply,
    ValidationErrors,
    is_address,
    is_birthday,
    read_anniversary,
    read_ids,
    read_moment,
)
from tests.support.sandbox_calls import UNKNOWN_ID


@pytest.mark.parametrize(
    "text", ["a@example.com", "first.last+tag@mail.example.co", "o'hara@x.org"]
)
def test_usual_addresses_are_accepted(text: str) -> None:
    """Dots, plus signs and apostrophes are allowed before the @."""
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "a@-b.com", "a..b@example.com", "ä@example.com", "x" * 69 + "@example.com"],
)
def test_other_texts_are_no_addresses(text: str) -> None:
    """An address has a domain with a dot, ASCII letters, and 80 characters at most."""
    assert not is_address(text)


@pytest.mark.parametrize(
    ("month", "day", "valid"),
    [
        (2, 29, True),
        (2, 30, False),
        (4, 31, False),
        (12, 31, True),
        (0, 1, False),
        (True, 1, False),
    ],
)
def test_a_birthday_is_a_day_of_some_year(month: object, day: object, valid: bool) -> None:
    """February has 29 days, since a birthday has no year."""
    assert is_birthday(month, day) is valid


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2006-11-15", "2006-11-15"), ("11/15/2006", "2006-11-15"), (" 2006/1/5 ", "2006-01-05"),
        ("15/11/2006", None), ("2006-02-30", None), ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_an_anniversary_has_one_of_the_documented_formats(text: str, date: str | None) -> None:
    """Year first or month first, with hyphens or slashes."""
    assert read_anniversary(text) == date


def test_problems_are_raised_together() -> None:
    """Each problem has its wording, and one refusal holds them all."""
    errors = ValidationErrors()
    errors.check_text({"a": "x" * 3, "b": "", "c": 5}, "a", 2)
    errors.check_text({"b": ""}, "b", 2, min_length=1)
    errors.check_text({"c": 5}, "c", 2)
    errors.check_choice({"d": "x"}, "d", ("y",))
    errors.missing("e")
    with pytest.raises(ErrorReply) as refused:
        errors.raise_any()
    assert refused.value.reply.status == 400
    assert list(errors) == [
        "a is too long (maximum is 2 characters)",
        "b is too short (minimum is 1 characters)",
        "c does not have a valid value",
        "d does not have a valid value",
        "e is missing",
    ]
    assert ", ".join(errors).encode() in refused.value.reply.body
    ValidationErrors().raise_any()


def test_values_of_a_query_are_read_or_refused() -> None:
    """Ids and times are read; more ids than allowed are refused."""
    assert read_ids({"lists": f"{UNKNOWN_ID},{UNKNOWN_ID}"}, "lists", 2) == (UNKNOWN_ID,) * 2
    assert read_moment({"after": "1970-01-01T00:01:00Z"}, "after") == 60.0
    assert read_ids({}, "lists", 2) == ()
    with pytest.raises(ErrorReply, match="lists does not have a valid value"):
        read_ids({"lists": ",".join([UNKNOWN_ID] * 3)}, "lists", 2)
