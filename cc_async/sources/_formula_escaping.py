"""Formulas in cells, made harmless for spreadsheets and read back.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is escaped by an apostrophe
in front. A cell that begins with an apostrophe is escaped as well, so taking one apostrophe away
gives every value back.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

_FIRST = frozenset("'=+-@\t\r")


def escape_formula(cell: str) -> str:
    """Return *cell* so that a spreadsheet shows it as text."""
    return f"'{cell}" if cell[:1] in _FIRST else cell


def unescape_formula(cell: str) -> str:
    """Undo `escape_formula`; other cells are returned as they are."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FIRST else cell
