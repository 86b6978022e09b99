"""Cells that a spreadsheet would run as formulas."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.sources._formula_escaping import escape_formula, unescape_formula


@given(st.text(st.sampled_from("'=+-@＝\t\r\n \u00a0ab1")))
def test_an_escaped_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    """Escaping and unescaping gives every value back."""
    escaped = escape_formula(cell)
    assert escaped[:1] not in tuple("=+-@＝\t\r\n")
    assert escaped.lstrip()[:1] not in tuple("=+-@＝")
    assert unescape_formula(escaped) == cell


def test_other_cells_are_left_as_they_are() -> None:
    """An apostrophe in front of a letter belongs to the value."""
    assert [unescape_formula(cell) for cell in ("'tis", "O'Brien", "", "a=b")] == [
        "'tis",
        "O'Brien",
        "",
        "a=b",
    ]
