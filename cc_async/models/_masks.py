"""How personal values look in a `repr`: there, but not readable."""

from __future__ import annotations


def masked(value: str | None) -> str:
    """Return what a `repr` shows in place of *value*."""
    return "None" if value is None else "'***'"
