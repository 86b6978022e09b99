"""Formulas in cells, made harmless for spreadsheets and read back.

A cell that begins with `=`, `+`, `-` or `@`, also behind blanks, or with a tab or a line break, is
escaped by an apostrophe in front. A cell that begins with an apostrophe is escaped as well, so
taking one apostrophe away gives every value back.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

_SIGNS = frozenset("'=+-@＝＋－＠")
"""Signs that begin a formula or an escaped cell; the wide ones count where East Asian text is typed."""

_BREAKS = frozenset("\t\r\n")


def escape_formula(cell: str) -> str:
    """Return *cell* so that a spreadsheet shows it as text."""
    return f"'{cell}" if _is_formula(cell) else cell


def unescape_formula(cell: str) -> str:
    """Undo `escape_formula`; other cells are returned as they are."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    return cell[:1] in _BREAKS or cell.lstrip()[:1] in _SIGNS
