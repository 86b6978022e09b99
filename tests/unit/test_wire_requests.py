"""What leaves is exactly what the API takes."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest

from cc_async.models import Contact, EmailAddress, PhoneNumber, SignUp, StreetAddress
from cc_async.wire import (
    csv_frame,
    csv_row,
    encode,
    follow,
    json_frame,
    json_row,
    make_query,
    make_time,
    path_of,
    without_read_only,
)

NOW = dt.datetime(2026, 9, 22, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def test_a_sign_up_has_no_null_and_keeps_its_consent_to_itself() -> None:
    """Absent values are left out, `consented_at` is never sent, an address always has its kind."""
    body = encode(
        SignUp(
            "jdodge@example.com",
            ["l1"],
            first_name="Jake",
            street_address=StreetAddress(city="Chicago"),
            consented_at=NOW,
        )
    )
    assert orjson.loads(body) == {
        "email_address": "jdodge@example.com",
        "list_memberships": ["l1"],
        "first_name": "Jake",
        "street_address": {"kind": "home", "city": "Chicago"},
    }


def test_a_contact_that_was_read_can_be_sent() -> None:
    """What only the service may write is taken out of a contact."""
    read = Contact(
        contact_id="c",
        created_at=NOW,
        email_address=EmailAddress(
            "a@b.example", "explicit", opt_in_date=NOW, confirm_status="off"
        ),
        phone_numbers=(PhoneNumber("555", "home", phone_number_id="p", created_at=NOW),),
        create_source="Contact",
    )
    assert orjson.loads(encode(without_read_only(read))) == {
        "email_address": {"address": "a@b.example", "permission_to_send": "explicit"},
        "phone_numbers": [{"phone_number": "555", "kind": "home"}],
        "create_source": "Contact",
    }


def test_a_query_is_encoded_as_the_service_reads_it() -> None:
    """Plus signs are encoded, lists joined by commas, times in UTC, absent values left out."""
    query = make_query(
        {
            "email": "jo+news@example.com",
            "include": ("notes", "taggings"),
            "updated_after": NOW,
            "include_count": True,
            "limit": 500,
            "status": (),
            "tags": None,
        }
    )
    assert query == (
        "email=jo%2Bnews%40example.com&include=notes,taggings&updated_after=2026-09-22T08:00:00Z"
        "&include_count=true&limit=500"
    )


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive time is an error, not a guess."""
    with pytest.raises(ValueError, match="zone"):
        make_time(dt.datetime(2026, 9, 22))  # noqa: DTZ001 - the point of the test


def test_an_id_cannot_leave_its_place_in_a_path() -> None:
    """Slashes and dots of an id are encoded."""
    assert path_of("contacts", "../contact_lists?x") == "/contacts/..%2Fcontact_lists%3Fx"


def test_a_page_link_is_passed_through_untouched() -> None:
    """The cursor of a link, with its encoded padding, is sent back as it came."""
    request = follow("/v3/contacts?cursor=bGltaXQ9Mg%3D%3D")
    assert (request.path, request.query) == ("/contacts", "cursor=bGltaXQ9Mg%3D%3D")


def test_a_file_import_is_framed_as_the_service_takes_it() -> None:
    """One comma-joined part of list ids, then the CSV part with its heading row."""
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
    """Rows and lists are written without blanks and without escapes."""
    frame = json_frame(["l1"], sms_permission="not_set")
    body = frame.build([json_row({"email": "a@b.example", "first_name": "Žofie"}), b"{}"])
    assert body.decode() == (
        '{"import_data":[{"email":"a@b.example","first_name":"Žofie"},{}],'
        '"list_ids":["l1"],"sms_permission_to_send":"not_set"}'
    )
