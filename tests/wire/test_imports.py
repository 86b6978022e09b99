"""Bodies of imports are exact to the byte."""

from __future__ import annotations

from cc_async.wire import csv_frame, csv_row, json_frame, json_row


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
