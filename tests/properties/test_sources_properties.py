"""What holds for every input: CSV as the csv module reads it, exact lines, the last row wins."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import attrs
from hypothesis import example, given, settings, strategies as st

from cc_async.errors import InputError
from cc_async.sources import Deduplicator, Rejection, Row, Rules, open_source
from cc_async.sources.columns._cell_checks import (
    Birthday,
    Blank,
    Check,
    Date,
    Email,
    ListNames,
    Moment,
    Number,
    SmsNumber,
    Text,
)

RULES = Rules(max_email=None)
SETTINGS = settings(deadline=None)  # other work on the machine is no failure
NAMES = ("email", "first_name", "street")

plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
with_breaks = st.lists(plain | st.sampled_from(["\r", "\n", "\r\n", '"', ",", ";"]), max_size=4)
values = with_breaks.map("".join)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


def quoted(value: str) -> str:
    """Return *value* as a cell in quotes."""
    return '"' + value.replace('"', '""') + '"'


async def read(data: Any, max_rows: int = 500) -> list[Row | Rejection]:
    """Return every row of *data*."""
    return [row async for rows in open_source(data).read(RULES, max_rows=max_rows) for row in rows]


class Slow(io.RawIOBase):
    """A file that hands out a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__()
        self._file, self._step = io.BytesIO(data), step

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, self._step))


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
    """Whatever is quoted, however lines end, and wherever blocks are cut."""
    text, lines = ",".join(NAMES), []
    for number, (row, end, blank) in enumerate(zip(rows, ends, blanks, strict=False)):
        text += end * (1 + blank)
        lines.append(1 + sum(1 for _ in io.StringIO(text, newline="")))
        text += ",".join(map(quoted, (f"a{number}@example.com", *row)))
    _, *expected = filter(None, csv.reader(io.StringIO(text, newline="")))
    found = await read(Slow(text.encode(), step), max_rows)
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
    (row,) = await read(Slow(f"{heading}\na@example.com;Rome\n".encode(), step))
    assert isinstance(row, Row)
    assert row.values == {"email": "a@example.com", "city": "Rome"}
    assert row.line == 2 + heading.count("\n")
    (row,) = await read(Slow(b'\n\n  {"email": "a@example.com"}', step))
    assert row.line == 3


@SETTINGS
@given(st.text(st.sampled_from('ab",;\r\n\t@. '), max_size=60), st.integers(1, 9))
@example('a"b\n', 3)
@example('"a\n', 1)
async def test_broken_csv_ends_in_rows_or_an_input_error(text: str, step: int) -> None:
    """Nothing else is raised, and the size of the blocks makes no difference."""
    data = f"email,city\n{text}".encode()
    outcomes: list[object] = []
    for file in (data, Slow(data, step)):
        try:
            outcomes.append(await read(file))
        except InputError as error:
            outcomes.append((error.message, error.line))
    assert outcomes[0] == outcomes[1]


@SETTINGS
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), values | st.integers(), max_size=3)),
    st.integers(1, 9),
)
async def test_json_lines_arrays_and_iterables_give_the_same_rows(
    items: list[dict[str, Any]], step: int
) -> None:
    """The form that contacts come in makes no difference to what is sent for them."""
    expected = [row.identity if isinstance(row, Row) else row.reason for row in await read(items)]
    for text in (
        "\n".join(json.dumps(item) for item in items) or "\n",
        json.dumps(items, ensure_ascii=False, indent=1),
        json.dumps({"import_data": items}),
    ):
        if text.strip():
            found = await read(Slow(text.encode(), step))
            assert [
                row.identity if isinstance(row, Row) else row.reason for row in found
            ] == expected


async def test_numbers_in_a_long_array_are_not_torn_in_two() -> None:
    """Wherever pieces are cut, each item of an array is one item, be it no contact at all."""
    assert len(await read(json.dumps([1_234_567] * 60_000).encode())) == 60_000


@SETTINGS
@given(
    st.lists(
        st.permutations(NAMES).flatmap(
            lambda names: st.fixed_dictionaries({name: values | st.none() for name in names})
        )
        | st.dictionaries(st.sampled_from(NAMES), values)
    )
)
async def test_items_alike_are_read_as_items_that_differ(items: list[dict[str, Any]]) -> None:
    """Items whose keys are known come out the same as those that bring a new key."""
    one_by_one, together = await read(items, max_rows=1), await read(items)
    for one, other in zip(one_by_one, together, strict=True):
        if isinstance(other, Rejection):  # of which the record grows with the keys
            one, other = attrs.evolve(one, record=()), attrs.evolve(other, record=())
        assert one == other


@given(st.lists(st.text('ab\n"', max_size=3)), st.integers(1, 4))
@SETTINGS
def test_the_last_of_each_identity_is_kept_as_in_a_dict(rows: list[str], max_rows: int) -> None:
    """The rows that remain are those that a dict of the last row would keep."""
    last = Deduplicator(max_rows=max_rows)
    for row in rows:
        last.add(row)
    merged = last.merged()
    kept = {identity: index for index, identity in enumerate(rows)}
    assert [index for index in range(len(rows)) if index not in merged] == sorted(kept.values())
    assert len(merged) == len(rows) - len(kept)


CHECKS: tuple[Check, ...] = (
    Text(5),
    Email(20),
    Date(),
    Birthday(),
    Number(12),
    SmsNumber(),
    Moment(),
    Blank(),
    ListNames({"a": "1", "b": "2"}),
)


@SETTINGS
@given(
    st.sampled_from(CHECKS),
    st.lists(
        st.text(st.sampled_from("ab.@-_+' /;\n\x00é\u200b"), max_size=9).map(str.strip)
        | st.sampled_from(
            ["a@b.co", "A.b@c-d.ef", "2024-02-29", "2/29", "12", "012", "7815550123"]
        ),
        min_size=1,
        max_size=4,
    ),
)
@example(Email(20), ["a.@b.co"])
@example(Email(20), ["a@b-.co"])
def test_a_column_proved_good_at_once_is_good_cell_by_cell(check: Check, cells: list[str]) -> None:
    """The quick look takes nothing that the close look refuses, and sends the same."""
    proved = check.quick(cells)
    if proved is not None:
        assert list(proved) == [check.clean(cell) for cell in cells]
