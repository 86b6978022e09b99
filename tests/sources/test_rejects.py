"""The file of rejected rows."""

from __future__ import annotations

import contextlib
import csv
import stat
from pathlib import Path

import pytest

from cc_async.errors import InvalidRequestError
from cc_async.sources import Rejection, RejectsWriter, Row, Rules, open_source


def cells_of(path: Path) -> list[list[str]]:
    """Return the cells that a spreadsheet shows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_rejected_rows_are_written_under_their_headings_with_the_reason(tmp_path: Path) -> None:
    """The file holds the cells as they were read, for its owner alone."""
    path = tmp_path / "rejects.csv"
    with RejectsWriter(path, ("Email", "City")) as rejects:
        rejects.write(Rejection(7, "Email", "there is no @", ("ann", "Rome\nItaly")))
        rejects.write(Rejection(8, "", "too many cells", ("a", "b", "c", "d")))
        rejects.write(Rejection(9, "", "too few cells", ("a",)))
        assert not path.exists()
    assert cells_of(path) == [
        ["Email", "City", "line", "column", "reason"],
        ["ann", "Rome\nItaly", "7", "Email", "there is no @"],
        ["a", "b", "8", "", "too many cells", "c", "d"],
        ["a", "", "9", "", "too few cells"],
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


async def test_no_cell_is_a_formula_and_the_corrected_file_gives_the_values_back(
    tmp_path: Path,
) -> None:
    """Apostrophes keep a spreadsheet from running cells, and are gone when they are read again."""
    path = tmp_path / "rejects.csv"
    names = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "'quoted'", "O'Brien", "x=1", "")
    with RejectsWriter(path, ("Email", "First Name")) as rejects:
        for number, name in enumerate(names, 2):
            rejects.write(Rejection(number, "Email", "wrong", (f"a{number}@example.com", name)))
    for row in cells_of(path)[1:]:
        assert not row[1].startswith(("=", "+", "-", "@", "\t", "\r"))
    (rows,) = [rows async for rows in open_source(path).read(Rules())]
    assert [row.values.get("first_name", "") for row in rows if isinstance(row, Row)] == [
        name.strip() for name in names
    ]


async def test_a_row_that_is_rejected_twice_keeps_its_headings_and_values(tmp_path: Path) -> None:
    """A corrected file with mistakes left gives the same kind of file again."""
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    with RejectsWriter(first, ("Email", "City")) as rejects:
        rejects.write(Rejection(7, "Email", "there is no @", ("ann", "=x")))
    source = open_source(first)
    ((rejection,),) = [rows async for rows in source.read(Rules())]
    assert isinstance(rejection, Rejection)
    with RejectsWriter(second, source.header) as rejects:
        rejects.write(rejection)
    header, row = cells_of(second)
    assert header == ["Email", "City", "line", "column", "reason"]
    assert row[:4] == ["ann", "'=x", "2", "Email"]


def test_an_older_file_is_replaced_and_an_error_keeps_what_there_is(tmp_path: Path) -> None:
    """Rows that were rejected before an error are not lost."""
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with contextlib.suppress(KeyError), RejectsWriter(path, ("Email",)) as rejects:
        rejects.write(Rejection(2, "Email", "wrong", ("x",)))
        raise KeyError
    assert cells_of(path)[1] == ["x", "2", "Email", "wrong"]


def test_a_place_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The folder must exist."""
    with (
        pytest.raises(InvalidRequestError, match="no file can be written") as caught,
        RejectsWriter(tmp_path / "missing" / "rejects.csv", ("Email",)),
    ):
        pass
    assert caught.value.hint
