"""States and countries get their full names."""

from __future__ import annotations

import pytest

from cc_async.sandbox.contacts._place_names import country_name, state_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("IL", "Illinois"),
        (" il ", "Illinois"),
        ("Illinois", "Illinois"),
        ("ON", "Ontario"),
        (None, None),
    ],
)
def test_a_state_is_written_out(text: str | None, name: str | None) -> None:
    """Abbreviations of the United States and Canada are known; other texts stay."""
    assert state_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("US", "United States"), ("usa", "United States"), ("Narnia", "Narnia"), ("", "")],
)
def test_a_country_is_written_out(text: str, name: str) -> None:
    """Codes of two or three letters are known; other texts stay."""
    assert country_name(text) == name
