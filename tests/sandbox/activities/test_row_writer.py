"""Rows of a bulk import change the account and are counted."""

from __future__ import annotations

from typing import Any

import pytest

from cc_async.models import PROPERTIES, Property
from tests.support.sandbox_calls import counters, counters_of, import_file, make_caller


def test_a_row_keeps_absent_values_and_the_permission() -> None:
    """An import changes no permission, and no value that is absent from the row."""
    caller = make_caller(lists=("Newsletter", "Spring fair"))
    spring = caller.sandbox.contact_lists[1].list_id
    caller.sandbox.add_contact(
        "Ana@example.com", lists=(spring,), permission="explicit", first_name="Ana", job_title="CEO"
    )
    import_file(caller, "email,first_name,job_title\nana@example.com,Anna,\n")
    caller.sandbox.clock.advance(1)
    contact = caller.sandbox.contacts[0]
    assert len(caller.sandbox.contacts) == 1
    assert (contact.first_name, contact.job_title) == ("Anna", "CEO")
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "explicit"
    assert contact.list_memberships == (spring, caller.list_id)


def test_blank_cells_may_erase_values() -> None:
    """The effect of a blank cell is not documented, so it is a switch."""
    caller = make_caller(blank_cells="erased")
    caller.sandbox.add_contact("a@example.com", job_title="CEO")
    import_file(caller, "email,job_title\na@example.com,\n")
    caller.sandbox.clock.advance(1)
    assert caller.sandbox.contacts[0].job_title is None


def test_unsubscribed_contacts_are_updated_but_kept_off_the_lists() -> None:
    """A counter of their own shows them."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", permission="unsubscribed")
    activity = caller.import_rows([{"email": "a@example.com", "first_name": "Ana"}])
    assert counters_of(caller, activity) == counters(2, 1, cannot_add_to_list_count=1)
    contact = caller.sandbox.contacts[0]
    assert (contact.first_name, contact.list_memberships) == ("Ana", ())


def test_a_contact_is_on_fifty_lists_at_most() -> None:
    """Further lists are ignored silently."""
    caller = make_caller(lists=[f"List {number}" for number in range(60)])
    ids = [one.list_id for one in caller.sandbox.contact_lists]
    for part in (ids[:40], ids[40:]):
        caller.import_rows([{"email": "a@example.com"}], *part)
    caller.sandbox.clock.advance(1)
    assert caller.sandbox.contacts[0].list_memberships == tuple(ids[:50])


def test_a_deleted_contact_is_undeleted() -> None:
    """Being put on a list undeletes."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", is_deleted=True)
    caller.import_rows([{"email": "a@example.com"}])
    caller.sandbox.clock.advance(1)
    assert not caller.sandbox.contacts[0].is_deleted


@pytest.mark.parametrize(
    ("row", "counter"),
    [
        ({"email": "nobody"}, "correctable_count"),
        ({"first_name": "Ana"}, "correctable_count"),
        ({"email": "a@example.com", "birthday_month": 2}, "correctable_count"),
        ({"email": "a@example.com", "birthday_month": 2, "birthday_day": 30}, "correctable_count"),
        ({"email": "a@example.com", "anniversary": "soon"}, "correctable_count"),
        ({"sms_number": "12"}, "correctable_count"),
        ({"email": "a@example.com", "first_name": "x" * 51}, "error_count"),
        ({"email": "a@example.com", "cf:vehicle": "x" * 256}, "error_count"),
    ],
)
def test_invalid_rows_are_counted_and_left_out(row: dict[str, Any], counter: str) -> None:
    """Only a counter shows them; the valid row beside an invalid one is stored."""
    caller = make_caller(custom_fields=("Vehicle",))
    activity = caller.import_rows([row, {"email": "good@example.com"}])
    assert counters_of(caller, activity) == counters(3, 2, **{counter: 1})
    assert caller.sandbox.members(caller.list_id) == ("good@example.com",)


def test_custom_fields_go_by_name_and_unknown_headings_are_ignored() -> None:
    """`cf:` takes the name that the service made, not the label."""
    caller = make_caller(custom_fields=("My Vehicle",))
    text = "email,cf:my_vehicle,cf:My Vehicle,home_phone,shoe\na@example.com,Bike,x,555,9\n"
    assert counters_of(caller, import_file(caller, text)) == counters(2, 1)
    contact = caller.sandbox.contacts[0]
    assert [one.value for one in contact.custom_fields or ()] == ["Bike"]
    assert contact.phone_numbers == ()


def test_json_has_more_phones_and_addresses_than_files() -> None:
    """There are five phone keys and four kinds of address; at most three of each are stored."""
    caller = make_caller()
    caller.import_rows(
        [
            {
                "email": "a@example.com",
                "phone": "1", "home_phone": "2", "work_phone": "3", "mobile_phone": "4",
                "street": "Road 1", "street2": "Flat 2", "state": "IL",
                "work_city": "Paris", "other_zip": "1", "home country": "US",
            }
        ]
    )  # fmt: skip
    caller.sandbox.clock.advance(1)
    contact = caller.sandbox.contacts[0]
    assert [(one.kind, one.phone_number) for one in contact.phone_numbers or ()] == [
        ("other", "1"), ("home", "2"), ("work", "3"),
    ]  # fmt: skip
    homes = {one.kind: one for one in contact.street_addresses or ()}
    assert set(homes) == {"home", "work", "other"}
    assert homes["work"].city == "Paris"


def test_text_message_numbers_need_a_date_to_be_explicit() -> None:
    """Without sms_consent_date the permission is not_set, even if the import says explicit."""
    caller = make_caller()
    rows = [
        {"sms_number": "123-123-1234", "sms_consent_date": "2024-07-03"},
        {"sms_number": "1231231235"},
    ]
    body = {
        "import_data": rows,
        "list_ids": [caller.list_id],
        "sms_permission_to_send": "explicit",
    }
    assert caller.call("POST", "/activities/contacts_json_import", body)[0] == 201
    caller.sandbox.clock.advance(1)
    payload = [
        one.sms_channel.sms_channel_consents[0].sms_consent_permission
        for one in caller.sandbox.contacts
        if one.sms_channel and one.sms_channel.sms_channel_consents
    ]
    assert payload == ["explicit", "not_set"]


SAMPLES = {
    "email": "a@example.com", "phone": "555-1212", "date": "2006-11-15", "month": 11, "day": 24,
}  # fmt: skip
STORED = [
    row
    for row in PROPERTIES
    if row.is_column and row.contact and "json" in row.carried_by
    if not row.contact.startswith("sms_channel")  # see the test of text-message numbers
]


def read_path(value: Any, path: str, kind: str) -> Any:
    """Return the value under a path such as `phone_numbers.phone_number`, of one *kind*."""
    for name in path.split("."):
        value = getattr(value, name)
        if isinstance(value, tuple):
            value = next(one for one in value if one.kind == kind)
    return value


@pytest.mark.parametrize("row", STORED, ids=lambda row: row.column)
def test_every_column_of_an_import_is_stored(row: Property) -> None:
    """A property of the table is read, stored, and shown in its field of a contact."""
    caller = make_caller()
    birthday = {"birthday_month": 11, "birthday_day": 24} if row.value in ("month", "day") else {}
    value: Any = SAMPLES.get(row.value, "Rome")
    values = {"email": "a@example.com", **birthday, row.column: value}
    assert counters_of(caller, caller.import_rows([values])) == counters(2, 1)
    (contact,) = caller.sandbox.contacts
    assert read_path(contact, row.contact, row.kind) == value


@pytest.mark.parametrize("prefix", ["", "home_"])
def test_a_home_address_has_columns_with_and_without_prefix(prefix: str) -> None:
    """Both street lines make its street; a part that is too long fails the row."""
    caller = make_caller()
    row = {"email": "a@example.com", f"{prefix}street": "Road 1", f"{prefix}street2": "Flat 2"}
    assert counters_of(caller, caller.import_rows([row])) == counters(2, 1)
    street = read_path(caller.sandbox.contacts[0], "street_addresses.street", "home")
    assert street == "Road 1 Flat 2"
    activity = caller.import_rows([{**row, f"{prefix}city": "x" * 51}])
    assert counters_of(caller, activity) == counters(2, 1, error_count=1)
