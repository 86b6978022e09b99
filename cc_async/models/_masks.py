"""How personal values look in a `repr`: there, but not readable."""

from __future__ import annotations


def masked(value: str | None) -> str:
    """Return the text that a `repr` shows in place of *value*."""
    return "None" if value is None else "'***'"
