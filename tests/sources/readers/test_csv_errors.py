"""Quotes that do not add up."""

from __future__ import annotations

import pytest

from tests.support.sources import (
    error_of,
)

BAD_FILES = [
    pytest.param(
        b'email,city\na@example.com,"X\nY\n"\nb@example.com,"Rome\nc@example.com,Bern\n',
        5, "", "never closed", "double quote", id="a quote never closed",
    ),
    pytest.param(
        b'email,city\na@example.com,"Ro"me\n', 2, "", "more text", "twice", id="text after quotes"
    ),
    pytest.param(
        b'email,city\na@example.com,"Rome\nb@example.com,"Bern"\n',
        2, "", "follows its last quote on line 3", "twice", id="a quote closed too late",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "message", "remedy"), BAD_FILES)
async def test_a_quote_that_goes_wrong_is_one_error_with_its_line(
    data: bytes, line: int, column: str, message: str, remedy: str
) -> None:
    """The error names the line on which the value begins."""
    error = await error_of(data, name="people.csv")
    assert (error.source, error.line, error.column) == ("people.csv", line, column)
    assert message in error.message
    assert remedy in error.hint
    assert "@" not in str(error) + error.hint
