"""Cells that a spreadsheet would run as formulas, made harmless and back.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front,
and so does one that begins with an apostrophe: taking one apostrophe away again gives every value
back as it was.
"""

from __future__ import annotations

_FIRST = frozenset("'=+-@\t\r")


def escape_formula(cell: str) -> str:
    """Return *cell* so that a spreadsheet shows it as text."""
    return f"'{cell}" if cell[:1] in _FIRST else cell


def unescape_formula(cell: str) -> str:
    """Return what `escape_formula` was given; other cells are left as they are."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FIRST else cell
