"""Contacts are created, found and read."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import make_caller, problem


@pytest.mark.parametrize(
    ("source", "permission"), [("Contact", "explicit"), ("Account", "implicit")]
)
def test_the_source_of_a_new_contact_decides_its_permission(source: str, permission: str) -> None:
    """This holds while the request names no permission."""
    caller = make_caller()
    body = {"email_address": {"address": "dlang@example.com"}, "create_source": source}
    status, payload = caller.call("POST", "/contacts", body)
    assert status == 201
    assert payload["email_address"]["permission_to_send"] == permission
    assert payload["email_address"]["opt_in_source"] == source


def test_a_new_contact_echoes_the_request_with_names_of_places() -> None:
    """Sub-resources come back with ids, states and countries with their full names."""
    caller = make_caller()
    status, payload = caller.call(
        "POST",
        "/contacts",
        {
            "email_address": {"address": "dlang@example.com"},
            "first_name": "Debora",
            "anniversary": "11/15/2006",
            "create_source": "Contact",
            "street_addresses": [{"kind": "home", "state": "IL", "country": "US"}],
            "list_memberships": [caller.list_id],
        },
    )
    assert status == 201
    assert payload["anniversary"] == "2006-11-15"
    address = payload["street_addresses"][0]
    assert (address["state"], address["country"]) == ("Illinois", "United States")
    assert payload["list_memberships"] == [caller.list_id]
    assert "phone_numbers" not in payload
    assert payload["email_address"]["opt_in_date"] == "2026-09-21T14:13:20+00:00"


@pytest.mark.parametrize(
    "address", ["dlang@example.com", "DLang@Example.COM", " dlang@example.com "]
)
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_known_address_is_a_conflict_that_names_the_contact(
    address: str, is_deleted: bool
) -> None:
    """409 shows the id, in any letter case and even for a deleted contact."""
    caller = make_caller()
    known = caller.sandbox.add_contact("dlang@example.com", is_deleted=is_deleted)
    body = {"email_address": {"address": address}, "create_source": "Contact"}
    status, payload = caller.call("POST", "/contacts", body)
    message = f"Validation failed: Email already exists for contact {known.contact_id}"
    assert (status, problem(payload)) == (409, ("contacts.api.conflict", message))


def test_a_misspelt_property_is_ignored() -> None:
    """The guide's own `steet_addresses` is ignored, as its sample reply shows."""
    caller = make_caller()
    body = {"first_name": "D", "create_source": "Contact", "steet_addresses": {"kind": "home"}}
    status, payload = caller.call("POST", "/contacts", body)
    assert (status, payload.get("street_addresses")) == (201, None)


def test_a_segment_is_ready_at_the_second_request() -> None:
    """The first reply is 202, since the service computes a segment first."""
    caller = make_caller()
    assert caller.call("GET", "/contacts", segment_id="12") == (202, {"status": "Processing"})
    assert caller.call("GET", "/contacts", segment_id="12") == (200, {"contacts": []})


def test_a_contact_is_read_by_id_even_when_deleted() -> None:
    """Deletion shows as a date; an invalid id gets another message than an unknown one."""
    caller = make_caller()
    known = caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,), is_deleted=True)
    payload = caller.get(f"/contacts/{known.contact_id}", include="list_memberships")
    assert (payload["deleted_at"], payload["list_memberships"]) == ("2026-09-21", [])
    assert payload["email_address"]["permission_to_send"] == "implicit"
    status, payload = caller.call("GET", "/contacts/not-an-id")
    assert (status, problem(payload)[1]) == (404, "contact_id is in an invalid format.")
    assert caller.call("GET", "/contacts/9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d")[0] == 404
