"""Columns: the headings that name properties of a contact, and the checks of values."""

from ._cell_checks import CellError
from ._checker import Checker
from ._headings import (
    COLUMNS,
    NOTES,
    Heading,
    find_column,
    not_carried_by,
    read_heading,
    read_headings,
    refuse_doubles,
)
from ._sign_up_values import sign_up_values

__all__ = [
    "COLUMNS", "NOTES", "CellError", "Checker", "Heading", "find_column",
    "not_carried_by", "read_heading", "read_headings", "refuse_doubles", "sign_up_values",
]  # fmt: skip
