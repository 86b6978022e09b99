"""The quick ways of encoding and cutting give exactly what the obvious ways give."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.imports import Chunker
from cc_async.wire import csv_row, csv_rows, json_row, json_rows

CELLS = st.text(
    st.sampled_from('ab ,"é王'), max_size=5
)  # few characters, so that what needs quotes is met often
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8)
)


@given(TABLES)
def test_columns_are_encoded_as_rows_are(rows: list[list[str]]) -> None:
    """Encoding a table by columns gives the same lines as encoding it row by row."""
    names = [f"c{number}" for number in range(len(rows[0]))] if rows else []
    columns = [[row[place] for row in rows] for place in range(len(names))]
    one_by_one = [csv_row(dict(zip(names, row, strict=True)), names) for row in rows]
    assert [line.encode() for line in csv_rows(columns)] == one_by_one


VALUES = st.one_of(
    CELLS, st.sampled_from(["},{", 'a},{"b', "}", '{"', "\\", '\\"},{']), st.integers(0, 3)
)


@given(
    st.lists(
        st.tuples(st.text("ab},{", min_size=1, max_size=4), VALUES, VALUES), min_size=1, max_size=8
    )
)
def test_json_rows_are_divided_where_they_end(rows: list[tuple[str, str | int, str | int]]) -> None:
    """Whatever the values look like, each line is one contact, with its blank cells left out."""
    names = ("email", "a", "b")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    one_by_one = [
        json_row({name: cell for name, cell in zip(names, row, strict=True) if cell})
        for row in rows
    ]
    assert json_rows(columns).split(b"\n") == one_by_one


@given(st.lists(st.lists(st.integers(1, 30), max_size=6), max_size=12), st.integers(0, 3))
def test_rows_taken_together_fill_bodies_as_rows_taken_singly(
    blocks: list[list[int]], separator: int
) -> None:
    """Taking blocks of rows whole where they fit cuts in the same places as taking each row."""
    together = Chunker(7, separator, max_bytes=80, max_contacts=9)
    singly = Chunker(7, separator, max_bytes=80, max_contacts=9)
    for block in blocks:
        expected = [singly.feed(row) for row in block]
        if together.feed_all(sum(block), len(block)):
            assert True not in expected
        else:
            assert [together.feed(row) for row in block] == expected
        assert (together.size, together.contacts) == (singly.size, singly.contacts)
