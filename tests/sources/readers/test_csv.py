"""Contacts from CSV."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings, strategies as st

from cc_async.errors import InputError
from cc_async.sources import Row
from tests.support.sources import (
    NAMES,
    SlowFile,
    error_of,
    read,
    values,
    values_of,
)

SETTINGS = settings(deadline=None)  # other work on the machine is no failure
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


def quoted(value: str) -> str:
    """Return *value* as a cell in quotes."""
    return '"' + value.replace('"', '""') + '"'


async def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """Line breaks in quotes, blank lines and all three line ends are counted."""
    text = 'email,street\r\na@example.com,"1 Main\r\nSt\nFlat 2"\r\r\n\nb@example.com,x\rbad,y\n'
    rows = await read(text.encode())
    assert [row.line for row in rows] == [2, 7, 8]
    assert isinstance(rows[0], Row)
    assert rows[0].values["street"] == "1 Main St Flat 2"


async def test_semicolons_and_tabs_separate_cells_where_the_heading_says_so() -> None:
    """The heading decides what separates cells."""
    for delimiter in ";\t":
        text = "email,first name\na@example.com,Ann\n".replace(",", delimiter)
        assert await values_of(text.encode()) == [{"email": "a@example.com", "first_name": "Ann"}]


@SETTINGS
@given(
    rows=st.lists(st.tuples(values, values), max_size=6),
    ends=st.lists(line_ends, min_size=7, max_size=7),
    blanks=st.lists(st.integers(0, 2), min_size=7, max_size=7),
    step=st.integers(1, 40),
    max_rows=st.integers(1, 4),
)
async def test_csv_is_read_as_the_csv_module_reads_it_with_exact_lines(
    rows: list[tuple[str, str]], ends: list[str], blanks: list[int], step: int, max_rows: int
) -> None:
    """Quotes, line ends and the borders of blocks make no difference."""
    text, lines = ",".join(NAMES), []
    for number, (row, end, blank) in enumerate(zip(rows, ends, blanks, strict=False)):
        text += end * (1 + blank)
        lines.append(1 + sum(1 for _ in io.StringIO(text, newline="")))
        text += ",".join(map(quoted, (f"a{number}@example.com", *row)))
    _, *expected = filter(None, csv.reader(io.StringIO(text, newline="")))
    found = await read(SlowFile(text.encode(), step), max_rows=max_rows)
    assert [row.line for row in found] == lines
    for row, record in zip(found, expected, strict=True):
        assert isinstance(row, Row)
        sent = [str(row.values.get(name, "")) for name in NAMES]
        assert [cell.split() for cell in sent] == [
            cell.replace("\x1f", " ").split() for cell in record
        ]


@given(st.integers(1, 30), st.sampled_from(['"E-\nmail";city', "\n\r\n \nemail;city"]))
async def test_headings_are_understood_however_they_arrive(step: int, heading: str) -> None:
    """Blank lines on top and line breaks in headings do not hide what separates the cells."""
    (row,) = await read(SlowFile(f"{heading}\na@example.com;Rome\n".encode(), step))
    assert isinstance(row, Row)
    assert row.values == {"email": "a@example.com", "city": "Rome"}
    assert row.line == 2 + heading.count("\n")
    (row,) = await read(SlowFile(b'\n\n  {"email": "a@example.com"}', step))
    assert row.line == 3


@SETTINGS
@given(st.text(st.sampled_from('ab",;\r\n\t@. '), max_size=60), st.integers(1, 9))
@example('a"b\n', 3)
@example('"a\n', 1)
async def test_broken_csv_ends_in_rows_or_an_input_error(text: str, step: int) -> None:
    """Nothing else is raised, and the size of the blocks makes no difference."""
    data = f"email,city\n{text}".encode()
    outcomes: list[object] = []
    for file in (data, SlowFile(data, step)):
        try:
            outcomes.append(await read(file))
        except InputError as error:
            outcomes.append((error.message, error.line))
    assert outcomes[0] == outcomes[1]


async def test_a_line_without_end_is_an_error_and_does_not_fill_memory() -> None:
    """A line of far too many characters is refused when more follows."""
    error = await error_of(b"email\n" + b"x" * 1_500_000)
    assert "131,072 characters" in error.message
    error = await error_of(b"email" + b",x" * 800_000, {"x": ""})
    assert "200,000 characters" in error.message
    error = await error_of(b'email\n"' + b"x\n" * 500_000)
    assert error.line == 2
    assert "never closed within 131,072 characters" in error.message
    error = await error_of(b'{"email": "a@example.com"}\n{"email": "' + b"x" * 1_500_000)
    assert (error.line, "200,000 characters" in error.message) == (2, True)


def test_the_field_limit_of_csv_is_left_as_it_was() -> None:
    """The limit belongs to the whole process, so it is not touched."""
    assert csv.field_size_limit() == 131_072
