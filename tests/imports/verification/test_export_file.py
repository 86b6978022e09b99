"""Exported files are read, though neither headings nor dates are documented."""

from __future__ import annotations

import pytest

from cc_async.imports.verification._export_file import read_export, read_export_time

NOON = 1_790_078_400


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-22 08:00:00 EDT",
        "2026-09-22 08:00:00 edt",
        "2026-09-22 05:00:00 PDT",
        "2026-09-22T12:00:00Z",
        "2026-09-22T12:00:00.108Z",
        "2026-09-22T08:00:00-04:00",
        "2026-09-22 17:30:00 +0530",
        "2026-09-22 08:30:00 -0330",
        "2026-09-22 12:00:00 UTC",
    ],
)
def test_a_date_that_says_everything_is_read(text: str) -> None:
    """Every way of writing noon, with its seconds and its zone, is the same moment."""
    assert read_export_time(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-09-22", "2026-09-22 08:00:00", "2026-09-22 08:00 EDT", "09/22/2026 08:00:00 EDT",
        "2026-09-22 08:00:00 MEZ", "2026-99-22 08:00:00 EDT", "yesterday",
    ],
)  # fmt: skip
def test_a_date_that_leaves_something_open_is_none(text: str) -> None:
    """Without seconds, without a zone that is known, or in another order, nothing is guessed."""
    assert read_export_time(text) == 0


@pytest.mark.parametrize(
    "titles",
    [
        "Email address,Updated At",
        "EMAIL_ADDRESS,updated_at",
        "E-mail,Last updated",
        "Email,Updated",
    ],
)
def test_columns_are_found_however_their_titles_are_spelt(titles: str) -> None:
    """Letter case, blanks and punctuation of a title do not count; columns may come in between."""
    lines = [f"First name,{titles}\r\n", "Ann, Ann@Example.com ,2026-09-22T12:00:00Z\r\n", "\r\n"]
    assert list(read_export(lines)) == [[("ann@example.com", NOON)]]


def test_an_export_without_dates_tells_who_is_there() -> None:
    """Where no column holds the date, people are read and their dates are none."""
    assert list(read_export(["Email address\r\n", "a@b.c\r\n"])) == [[("a@b.c", 0)]]


def test_an_export_without_addresses_is_none() -> None:
    """A file whose titles name no address cannot be read."""
    with pytest.raises(ValueError, match="address"):
        list(read_export(["First name,City\r\n"]))
