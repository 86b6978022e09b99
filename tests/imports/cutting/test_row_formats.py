"""Rows with the same columns go to CSV, all others to JSON: no CSV has a blank cell."""

from __future__ import annotations

from cc_async.imports.cutting._body_plan import Load
from cc_async.imports.cutting._row_formats import common_format, divide, most_common_columns
from cc_async.sources import Batch, Row

ROWS = [
    {"email": "a@example.com", "first_name": "A"},
    {"email": "b@example.com", "first_name": ""},
    {"email": "c@example.com", "first_name": "C", "city": "Rome"},
    {"email": "d@example.com", "first_name": "D"},
]
BATCH = Batch(
    [2, 3, 4, 5],
    [row["email"] for row in ROWS],
    {name: [row.get(name, "") for row in ROWS] for name in ("email", "first_name", "city")},
)


def test_the_columns_of_most_rows_are_those_of_csv() -> None:
    """Columns that CSV cannot carry are never chosen."""
    rows = [Row(1, "x", {name: "x" for name, cell in row.items() if cell}) for row in ROWS]
    assert most_common_columns(rows) == {"email", "first_name"}
    assert most_common_columns([Row(1, "x", {"email": "x", "work_phone": "5"})]) == frozenset()


def test_rows_are_divided_by_their_blank_cells() -> None:
    """A row with another set of columns is JSON; the parts keep places, lines and order."""
    (csv, places, part), (json, others, rest) = divide(BATCH, {"email", "first_name"})
    assert (csv, places, part.lines) == ("csv", [0, 3], [2, 5])
    assert part.cells == {
        "email": ["a@example.com", "d@example.com"], "first_name": ["A", "D"],
    }  # fmt: skip
    assert (json, others, rest.lines) == ("json", [1, 2], [3, 4])
    assert rest.cells["city"] == ["", "Rome"]


def test_without_the_columns_of_csv_all_rows_are_json() -> None:
    """Before the columns are complete, and where CSV can carry none."""
    for columns in (frozenset[str](), {"email", "last_name"}):
        ((kind, places, _),) = divide(BATCH, columns)
        assert (kind, places) == ("json", [0, 1, 2, 3])


def test_few_rows_of_both_formats_are_sent_as_json() -> None:
    """One body in place of two; many rows of one format keep it."""
    few, many = (Load(10, 500), Load(10, 1_000)), (Load(39_000, 3_000_000), Load(39_000, 7_000_000))
    assert common_format([few, few]) == "json"
    assert common_format([many, few]) is None
    assert common_format([few]) is None
    assert common_format([]) is None
