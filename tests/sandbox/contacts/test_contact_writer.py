"""Records of contacts change as the operations ask."""

from __future__ import annotations

from cc_async.sandbox.contacts._contact_writer import (
    add_contact,
    make_address,
    make_fields,
    make_phone,
    mark_deleted,
    set_fields,
    set_permission,
    set_plain_properties,
    undelete,
)
from tests.support.sandbox_calls import NOON, make_caller


def test_opting_out_keeps_the_dates_of_opting_in() -> None:
    """Opting in again erases source, date and reason of opting out."""
    state = make_caller().sandbox.state
    record = add_contact(state, " a@example.com ", "explicit", "Contact", NOON)
    assert record.address == "a@example.com"
    set_permission(record, "unsubscribed", "Account", NOON + 1, "enough")
    assert (record.opt_in_at, record.opt_out_at, record.opt_out_reason) == (
        NOON,
        NOON + 1,
        "enough",
    )
    set_permission(record, "unsubscribed", "Contact", NOON + 2)
    assert (record.opt_out_source, record.opt_out_at) == ("Account", NOON + 1)
    set_permission(record, "pending_confirmation", "Contact", NOON + 3)
    assert (record.opt_in_at, record.opt_out_at, record.opt_out_reason) == (NOON + 3, None, None)
    assert record.confirm_status == "pending"


def test_absent_properties_are_kept_or_erased() -> None:
    """A sign-up keeps them, a PUT erases them."""
    record = add_contact(make_caller().sandbox.state, "a@example.com", "implicit", "Account", NOON)
    set_plain_properties(
        record, {"first_name": "Ana", "anniversary": "1/2/2003"}, keeps_absent=True
    )
    set_plain_properties(record, {"last_name": "Lima"}, keeps_absent=True)
    assert (record.first_name, record.last_name, record.anniversary) == (
        "Ana",
        "Lima",
        "2003-01-02",
    )
    set_plain_properties(record, {"last_name": "Lima"}, keeps_absent=False)
    assert (record.first_name, record.anniversary) == (None, None)


def test_parts_of_the_same_kind_keep_their_id() -> None:
    """A new phone number or address takes over the id of the old one."""
    state = make_caller().sandbox.state
    record = add_contact(state, "a@example.com", "implicit", "Account", NOON)
    phone = make_phone(state, record, "home", "1", "Account", NOON)
    street = make_address(state, record, "work", {"state": "IL", "country": "US"}, NOON)
    record.phones, record.addresses = (phone,), (street,)
    assert (street.state, street.country) == ("Illinois", "United States")
    assert make_phone(state, record, "home", "2", "Account", NOON).phone_id == phone.phone_id
    assert make_phone(state, record, "work", "2", "Account", NOON).phone_id != phone.phone_id
    assert make_address(state, record, "work", {}, NOON).address_id == street.address_id


def test_custom_fields_are_set_by_id() -> None:
    """Texts and choices are kept apart; other fields keep their values."""
    record = add_contact(make_caller().sandbox.state, None, "implicit", "Account", NOON)
    set_fields(record, make_fields([{"custom_field_id": "a", "value": "x"}]))
    set_fields(record, make_fields([{"custom_field_id": "b", "choice_ids": [1, 2]}]))
    assert record.custom_fields == (("a", "x"), ("b", ("1", "2")))


def test_deleting_takes_a_contact_off_its_lists() -> None:
    """The record and its permission stay, and it can be undeleted."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,), permission="explicit")
    state = caller.sandbox.state
    record = state.contacts.load(0)
    mark_deleted(state, record, NOON)
    assert (record.is_deleted, record.lists, record.permission) == (True, (), "explicit")
    assert caller.sandbox.contact_count == 0
    undelete(record)
    assert not record.is_deleted
