"""Contacts read back out of the body of an import."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.wire import csv_frame, csv_row, json_frame, json_row, read_import_rows

TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1
) | st.sampled_from(['},{"', '"},{"a', '\\"},{"email":"', '],"list_ids":', ",", '"', "\r--"[1:]])
ROW = st.dictionaries(
    st.sampled_from(["first_name", "cf:},{", 'cf:"x"', "cf:a,b"]), TEXT.filter(str.strip)
).map(lambda values: {"email": "a@example.com", **values})


@given(st.lists(ROW, min_size=1, max_size=12), st.integers(1, 5))
def test_contacts_come_back_out_of_a_body_as_they_went_in(
    rows: list[dict[str, str]], max_rows: int
) -> None:
    """Whatever stands in them, in both encodings, in order, a few at a time."""
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    as_csv = csv_frame(columns, ["l"], file_name="f.csv", boundary="b").build(
        csv_row(row, columns) for row in rows
    )
    as_json = json_frame(["l"]).build(map(json_row, rows))
    for kind, body in (("csv", as_csv), ("json", as_json)):
        batches = list(read_import_rows(kind, body, max_rows=max_rows))  # type: ignore[arg-type]
        assert [row for batch in batches for row in batch] == rows
        assert all(len(batch) == max_rows for batch in batches[:-1])
