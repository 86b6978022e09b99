"""A contact's record becomes a row and back, without a loss."""

from __future__ import annotations

import attrs

from cc_async.sandbox.storage import (
    AddressRecord,
    ContactRecord,
    NoteRecord,
    PhoneRecord,
    address_key,
    column_index,
)
from cc_async.sandbox.storage._contact_records import pack_record, unpack_row


def test_a_record_survives_as_a_row() -> None:
    """A row holds plain tuples only, and the record has its named parts again."""
    record = ContactRecord(
        "id",
        1.0,
        "Account",
        address="a@example.com",
        lists=("l",),
        custom_fields=(("f", "x"), ("g", ("1", "2"))),
        phones=(PhoneRecord("p", "555", "home", 1.0, 1.0, None, None),),
        addresses=(AddressRecord("s", "home", None, "Rome", None, None, None, 1.0, 1.0),),
        notes=(NoteRecord("n", "Likes tea", 1.0),),
    )
    row = pack_record(record)
    assert [type(part[0]) for part in row[-3:]] == [tuple, tuple, tuple]
    assert attrs.astuple(unpack_row(row), recurse=False) == attrs.astuple(record, recurse=False)
    assert unpack_row(row).phones[0].number == "555"
    assert row[column_index("address")] == "a@example.com"


def test_addresses_are_compared_without_case_and_blanks() -> None:
    """Two spellings of one address have one key."""
    assert address_key(" A@Example.com ") == address_key("a@example.com")
