"""Bodies of imports are exact to the byte."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.wire import csv_frame, csv_row, csv_rows, json_frame, json_row, json_rows


def test_the_body_of_a_file_import() -> None:
    """One part holds the list ids, joined by commas; the next holds the CSV with its heading row."""
    frame = csv_frame(["email", "cf:car"], ["l1", "l2"], file_name="a.csv", boundary="BB")
    row = csv_row({"email": "a@b.example", "cf:car": 'Tesla "S", 2017'}, ["email", "cf:car"])
    body = frame.build([row, csv_row({"email": "c@d.example"}, ["email", "cf:car"])])
    assert frame.content_type == "multipart/form-data; boundary=BB"
    assert body.decode().split("\r\n") == [
        "--BB",
        'Content-Disposition: form-data; name="list_ids"',
        "",
        "l1,l2",
        "--BB",
        'Content-Disposition: form-data; name="file"; filename="a.csv"',
        "Content-Type: text/csv",
        "",
        "email,cf:car",
        'a@b.example,"Tesla ""S"", 2017"',
        "c@d.example,",
        "--BB--",
        "",
    ]
    assert len(body) == frame.overhead + len(row) + 2 + len(b"c@d.example,")


def test_a_json_import_is_compact_utf_8() -> None:
    """Rows and lists are written without spaces and without escapes."""
    frame = json_frame(["l1"], sms_permission="not_set")
    body = frame.build([json_row({"email": "a@b.example", "first_name": "Žofie"}), b"{}"])
    assert body.decode() == (
        '{"import_data":[{"email":"a@b.example","first_name":"Žofie"},{}],'
        '"list_ids":["l1"],"sms_permission_to_send":"not_set"}'
    )


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
