"""Contacts are changed, deleted, resubscribed and counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import UNKNOWN_ID, Caller, make_caller


def make_contact(caller: Caller) -> dict[str, Any]:
    """Create a contact with a part of every kind."""
    body = {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "birthday_month": 11,
        "birthday_day": 24,
        "create_source": "Contact",
        "phone_numbers": [{"phone_number": "555-555-1212", "kind": "mobile"}],
        "street_addresses": [{"kind": "home", "city": "Chicago"}],
        "notes": [{"content": "Likes tea"}],
        "list_memberships": [caller.list_id],
    }
    status, payload = caller.call("POST", "/contacts", body)
    assert status == 201
    return dict(payload)


def read(caller: Caller, contact: dict[str, Any]) -> Any:
    """Read a contact with all its parts."""
    names = "custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes"
    return caller.get(f"/contacts/{contact['contact_id']}", include=names)


def put(caller: Caller, contact: dict[str, Any], **values: Any) -> tuple[int, Any]:
    """Replace a contact."""
    body = {"update_source": "Account", **values}
    return caller.call("PUT", f"/contacts/{contact['contact_id']}", body)


def test_absent_names_are_erased_and_absent_arrays_kept() -> None:
    """The reply echoes the request; a phone number of the same kind keeps its id."""
    caller = make_caller()
    contact = make_contact(caller)
    caller.sandbox.clock.advance(60)
    phones = [{"phone_number": "555-555-1213", "kind": "mobile"}]
    status, payload = put(caller, contact, last_name="Lang", phone_numbers=phones, notes=[])
    assert status == 200
    assert "street_addresses" not in payload
    phone = payload["phone_numbers"][0]
    assert phone["phone_number_id"] == contact["phone_numbers"][0]["phone_number_id"]
    assert (phone["phone_number"], phone["update_source"]) == ("555-555-1213", "Account")
    after = read(caller, contact)
    assert (after.get("first_name"), after.get("birthday_day"), after["last_name"]) == (
        None,
        None,
        "Lang",
    )
    assert after["street_addresses"][0]["city"] == "Chicago"
    assert after["notes"] == []
    assert after["email_address"]["address"] == "dlang@example.com"
    assert after["updated_at"] > after["created_at"]


def test_sent_lists_replace_the_old_ones() -> None:
    """A contact leaves every list that the array does not name."""
    caller = make_caller(lists=("One", "Two"))
    two = caller.sandbox.contact_lists[1].list_id
    contact = make_contact(caller)
    assert put(caller, contact, list_memberships=[two])[1]["list_memberships"] == [two]
    assert caller.sandbox.members(caller.list_id) == ()
    assert caller.sandbox.members(two) == ("dlang@example.com",)


@pytest.mark.parametrize("body", [{}, {"update_source": "Somebody"}, {"update_source": None}])
def test_a_put_needs_its_source(body: dict[str, Any]) -> None:
    """update_source is checked as create_source is."""
    caller = make_caller()
    contact = make_contact(caller)
    status, payload = caller.call("PUT", f"/contacts/{contact['contact_id']}", body)
    assert status == 400
    assert payload[0]["error_message"].endswith("update_source does not have a valid value")


def test_a_put_may_need_the_address() -> None:
    """One report says so, so it is a switch."""
    caller = make_caller(put_needs_email=True)
    contact = make_contact(caller)
    assert put(caller, contact)[0] == 400
    assert put(caller, contact, email_address={"address": "dlang@example.com"})[0] == 200


def test_an_address_changes_unless_it_is_taken() -> None:
    """The id stays and the old address becomes free; a taken one is a conflict."""
    caller = make_caller()
    contact = make_contact(caller)
    other = caller.sandbox.add_contact("other@example.com")
    status, payload = put(caller, contact, email_address={"address": "OTHER@example.com"})
    assert (status, payload[0]["error_message"].rsplit(" ", 1)[1]) == (409, other.contact_id)
    status, payload = put(caller, contact, email_address={"address": "new@example.com"})
    assert (status, payload["contact_id"]) == (200, contact["contact_id"])
    assert caller.sandbox.find_contact("dlang@example.com") is None
    assert caller.sandbox.find_contact("new@example.com") is not None


def test_unsubscribing_keeps_reason_and_source() -> None:
    """The dates of opting in stay beside those of opting out."""
    caller = make_caller()
    contact = make_contact(caller)
    caller.sandbox.clock.advance(60)
    email = {
        "address": "dlang@example.com",
        "permission_to_send": "unsubscribed",
        "opt_out_reason": "Too many emails",
    }
    status, payload = put(caller, contact, email_address=email, update_source="Contact")
    assert status == 200
    shown = payload["email_address"]
    assert shown["opt_out_source"] == "Contact"
    assert shown["opt_out_reason"] == "Too many emails"
    assert shown["opt_out_date"] > shown["opt_in_date"]
    status, payload = put(caller, contact, list_memberships=[caller.list_id])
    assert (status, "unsubscribed" in payload[0]["error_message"]) == (400, True)


def test_a_permission_is_not_lowered() -> None:
    """One report says that explicit cannot become implicit; a switch allows it."""
    email = {"address": "dlang@example.com", "permission_to_send": "implicit"}
    for may, expected in ((False, 400), (True, 200)):
        caller = make_caller(may_lower_permission=may)
        assert put(caller, make_contact(caller), email_address=email)[0] == expected


def test_deleting_is_soft_and_can_be_undone_by_the_account() -> None:
    """The reply is 204, then 404; a PUT by the account undeletes, one by the contact does not."""
    caller = make_caller()
    contact = make_contact(caller)
    path = f"/contacts/{contact['contact_id']}"
    assert caller.call("DELETE", path) == (204, None)
    assert caller.call("DELETE", path)[0] == 404
    assert "deleted_at" in read(caller, contact)
    assert read(caller, contact)["list_memberships"] == []
    assert put(caller, contact, update_source="Contact")[0] == 400
    assert put(caller, contact)[0] == 200
    assert "deleted_at" not in read(caller, contact)
    assert caller.call("DELETE", f"/contacts/{UNKNOWN_ID}")[0] == 404


def test_an_unsubscribed_contact_is_asked_to_return_once() -> None:
    """It stays unsubscribed until it answers."""
    caller = make_caller()
    contact = make_contact(caller)
    path = f"/contacts/resubscribe/{contact['contact_id']}"
    body = {"list_ids": [caller.list_id]}
    assert caller.call("PUT", path, body)[0] == 409
    caller.sandbox.unsubscribe("dlang@example.com", "enough")
    assert caller.call("PUT", path, {"list_ids": []})[0] == 400
    status, payload = caller.call("PUT", path, body)
    assert (status, payload["email_address"]["permission_to_send"]) == (200, "unsubscribed")
    assert caller.call("PUT", path, body)[0] == 409
    caller.sandbox.confirm("dlang@example.com")
    assert read(caller, contact)["email_address"]["permission_to_send"] == "explicit"
    assert read(caller, contact)["email_address"]["confirm_status"] == "confirmed"


def test_contacts_are_counted_by_permission() -> None:
    """Deleted contacts are not counted; new subscribers only on request."""
    caller = make_caller(confirmed_opt_in=True)
    for number, permission in enumerate(("explicit", "implicit", "implicit", "unsubscribed")):
        caller.sandbox.add_contact(f"p{number}@example.com", permission=permission)
    caller.sandbox.add_contact("gone@example.com", is_deleted=True)
    caller.sign_up("waiting@example.com")
    counts = {"total": 5, "explicit": 1, "implicit": 2, "pending": 1, "unsubscribed": 1}
    assert caller.get("/contacts/counts") == counts
    assert caller.get("/contacts/counts", include="new_subscriber")["new_subscriber"] == 3
    caller.sandbox.clock.advance(31 * 86_400)
    assert caller.get("/contacts/counts", include="new_subscribers")["new_subscriber"] == 0
    assert caller.call("GET", "/contacts/counts", include="all")[0] == 400


def test_a_migration_finds_present_ids() -> None:
    """The n-th contact and list had the number n in the retired API."""
    caller = make_caller()
    contact = make_contact(caller)
    payload = caller.get("/contacts/contact_id_xrefs", sequence_ids="1,99")
    assert payload == {"xrefs": [{"sequence_id": "1", "contact_id": contact["contact_id"]}]}
    payload = caller.get("/contact_lists/list_id_xrefs", sequence_ids="1")
    assert payload == {"xrefs": [{"sequence_id": "1", "list_id": caller.list_id}]}
    for wrong in ("", "x", ",".join("1" * 501)):
        assert caller.call("GET", "/contacts/contact_id_xrefs", sequence_ids=wrong)[0] == 400
