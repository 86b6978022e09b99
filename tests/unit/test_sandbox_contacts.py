"""Contacts one by one in the sandbox: create, find, page, sign up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import NOON, Caller, make_caller


def problem(said: Any) -> tuple[str, str]:
    """Return key and message of an error body with one problem."""
    assert len(said) == 1
    return said[0]["error_key"], said[0]["error_message"]


@pytest.mark.parametrize(
    ("source", "permission"), [("Contact", "explicit"), ("Account", "implicit")]
)
def test_a_new_contact_gets_the_permission_its_source_implies(source: str, permission: str) -> None:
    """Who added a contact decides what may be sent, where nothing else is said."""
    caller = make_caller()
    body = {"email_address": {"address": "dlang@example.com"}, "create_source": source}
    status, said = caller.call("POST", "/contacts", body)
    assert status == 201
    assert said["email_address"]["permission_to_send"] == permission
    assert said["email_address"]["opt_in_source"] == source


def test_a_new_contact_echoes_what_was_sent_and_writes_places_out() -> None:
    """Sub-resources come back with ids, states and countries with their names."""
    caller = make_caller()
    status, said = caller.call(
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
    assert said["anniversary"] == "2006-11-15"
    address = said["street_addresses"][0]
    assert (address["state"], address["country"]) == ("Illinois", "United States")
    assert said["list_memberships"] == [caller.list_id]
    assert "phone_numbers" not in said
    assert said["email_address"]["opt_in_date"] == "2026-09-21T14:13:20+00:00"


@pytest.mark.parametrize(
    "address", ["dlang@example.com", "DLang@Example.COM", " dlang@example.com "]
)
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_known_address_is_a_conflict_that_names_the_contact(
    address: str, is_deleted: bool
) -> None:
    """409 tells the id, whatever the letter case and even for a deleted contact."""
    caller = make_caller()
    known = caller.sandbox.add_contact("dlang@example.com", is_deleted=is_deleted)
    body = {"email_address": {"address": address}, "create_source": "Contact"}
    status, said = caller.call("POST", "/contacts", body)
    message = f"Validation failed: Email already exists for contact {known.contact_id}"
    assert (status, problem(said)) == (409, ("contacts.api.conflict", message))


def test_problems_are_joined_into_one_message() -> None:
    """A missing create_source is missing and no valid value at once, as observed."""
    status, said = make_caller().call("POST", "/contacts", {"first_name": "Debora"})
    message = "create_source is missing, create_source does not have a valid value"
    assert (status, problem(said)) == (400, ("contacts.api.validation.error", message))


@pytest.mark.parametrize(
    "part",
    [
        {"email_address": {"address": "nobody"}},
        {"email_address": {"address": "a b@example.com"}},
        {"email_address": {"address": "x" * 70 + "@example.com"}},
        {"email_address": "dlang@example.com"},
        {"email_address": {"address": "a@example.com", "permission_to_send": "maybe"}},
        {"email_address": {"address": "a@example.com", "permission_to_send": ["explicit"]}},
        {"first_name": "x" * 51},
        {"first_name": 5},
        {"birthday_month": 2},
        {"birthday_month": 2, "birthday_day": 30},
        {"birthday_month": "2", "birthday_day": 3},
        {"anniversary": "2006-13-01"},
        {"list_memberships": ["5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"]},
        {"list_memberships": "all"},
        {"custom_fields": [{"custom_field_id": "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"}]},
        {"phone_numbers": [{"phone_number": "1"}] * 4},
        {"phone_numbers": [{"phone_number": "1", "kind": "fax"}]},
        {"street_addresses": [{"city": "Chicago"}]},
        {"street_addresses": {"kind": "home"}},
        {"create_source": "Nobody"},
    ],
)
def test_what_breaks_a_rule_is_refused(part: dict[str, Any]) -> None:
    """400 with the one key for every kind of wrong value, and nothing is stored."""
    caller = make_caller()
    body = {"first_name": "Debora", "create_source": "Contact", **part}
    status, said = caller.call("POST", "/contacts", body)
    assert status == 400
    assert problem(said)[0] == "contacts.api.validation.error"
    assert caller.sandbox.contacts == ()


def test_a_misspelt_property_is_passed_over() -> None:
    """The guide's own `steet_addresses` is ignored, as its sample reply shows."""
    caller = make_caller()
    body = {"first_name": "D", "create_source": "Contact", "steet_addresses": {"kind": "home"}}
    status, said = caller.call("POST", "/contacts", body)
    assert (status, said.get("street_addresses")) == (201, None)


def test_nothing_found_is_an_empty_page() -> None:
    """No 404 and no links: an empty array."""
    found = make_caller().get("/contacts", email="dlang@example.com", status="all")
    assert found == {"contacts": []}


def test_deleted_contacts_show_only_when_asked_for() -> None:
    """The default listing holds unsubscribed people but no deleted ones."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    caller.sandbox.add_contact("b@example.com", permission="unsubscribed")
    caller.sandbox.add_contact("c@example.com", is_deleted=True)

    def found(**params: str) -> list[str]:
        page = caller.get("/contacts", **params)
        return [one["email_address"]["address"] for one in page["contacts"]]

    assert found() == ["b@example.com", "a@example.com"]
    assert found(status="all") == ["c@example.com", "b@example.com", "a@example.com"]
    assert found(status="active") == ["a@example.com"]
    assert found(status="unsubscribed,deleted") == ["c@example.com", "b@example.com"]
    assert found(email="C@example.com") == []
    assert found(email="C@example.com", status="all") == ["c@example.com"]


def test_included_sub_resources_come_even_when_empty() -> None:
    """Named in include: an array; not named: no key."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    one = caller.get("/contacts", include="list_memberships,notes")["contacts"][0]
    assert (one["list_memberships"], one["notes"]) == ([], [])
    assert "taggings" not in one


def _fill(caller: Caller, count: int) -> None:
    for number in range(count):
        caller.sandbox.add_contact(f"p{number}@example.com", lists=(caller.list_id,))


@pytest.mark.parametrize("lists", [False, True])
def test_pages_are_chained_and_the_last_has_no_links(lists: bool) -> None:
    """The link alone leads on, with the filters of the first page and its size."""
    caller = make_caller()
    caller.sandbox.add_contact("elsewhere@example.com")
    _fill(caller, 5)
    params = {"lists": caller.list_id} if lists else {}
    page = caller.get("/contacts", limit="2", include_count="true", **params)
    assert page["contacts_count"] == (5 if lists else 6)
    seen = [one["email_address"]["address"] for one in page["contacts"]]
    while "_links" in page:
        assert page["_links"]["next"]["href"].startswith("/v3/contacts?cursor=")
        page = caller.follow(page)
        assert len(page["contacts"]) <= 2
        seen += [one["email_address"]["address"] for one in page["contacts"]]
    expected = [f"p{number}@example.com" for number in range(4, -1, -1)]
    assert seen == (expected if lists else [*expected, "elsewhere@example.com"])


def test_people_who_come_in_between_do_not_shift_the_pages() -> None:
    """Newest first, so a page never repeats or misses anybody."""
    caller = make_caller()
    _fill(caller, 4)
    page = caller.get("/contacts", limit="2")
    caller.sandbox.add_contact("new@example.com")
    second = caller.follow(page)
    assert [one["email_address"]["address"] for one in second["contacts"]] == [
        "p1@example.com",
        "p0@example.com",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "501"), ("limit", "0"), ("limit", "x"), ("limit", "²"), ("cursor", "abc"),
        ("status", "gone"), ("include", "everything"), ("lists", "x"), ("updated_after", "soon"),
        ("include_count", "yes"), ("tags", ""), ("sms_status", "x"), ("segment_id", "x"),
    ],
)  # fmt: skip
def test_a_wrong_query_value_is_named(name: str, value: str) -> None:
    """400 in the words of the documented example."""
    status, said = make_caller().call("GET", "/contacts", **{name: value})
    assert (status, problem(said)[1]) == (400, f"{name} does not have a valid value")


def test_times_bound_a_listing() -> None:
    """updated_after and its kin are exclusive bounds, in any ISO-8601 zone."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    caller.sandbox.clock.advance(60)
    caller.sandbox.add_contact("b@example.com", permission="unsubscribed")

    def found(**params: str) -> int:
        return len(caller.get("/contacts", **params)["contacts"])

    assert NOON == 1_790_000_000
    assert found(updated_after="2026-09-21T14:13:30Z") == 1
    assert found(updated_before="2026-09-21T10:13:30-04:00") == 1
    assert found(created_after="2026-09-21T14:00:00Z", created_before="2026-09-21T15:00:00Z") == 2
    assert found(optout_after="2026-09-21T14:13:30Z") == 1


def test_a_segment_is_ready_when_asked_again() -> None:
    """202 says that it is being computed; the same request a moment later is answered."""
    caller = make_caller()
    assert caller.call("GET", "/contacts", segment_id="12") == (202, {"status": "Processing"})
    assert caller.call("GET", "/contacts", segment_id="12") == (200, {"contacts": []})


def test_a_contact_is_read_by_id_even_when_deleted() -> None:
    """Deletion shows as a date; a wrong id is told from an unknown one."""
    caller = make_caller()
    known = caller.sandbox.add_contact("a@example.com", lists=(caller.list_id,), is_deleted=True)
    said = caller.get(f"/contacts/{known.contact_id}", include="list_memberships")
    assert (said["deleted_at"], said["list_memberships"]) == ("2026-09-21", [])
    assert said["email_address"]["permission_to_send"] == "implicit"
    status, said = caller.call("GET", "/contacts/not-an-id")
    assert (status, problem(said)[1]) == (404, "contact_id is in an invalid format.")
    assert caller.call("GET", "/contacts/9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d")[0] == 404


def test_a_sign_up_creates_and_then_updates() -> None:
    """201 created, then 200 updated with the same id; only what is sent changes."""
    caller = make_caller(lists=("Newsletter", "Spring fair"))
    spring = caller.sandbox.contact_lists[1].list_id
    status, first = caller.sign_up("jdodge@example.com", first_name="Jake", last_name="Dodge")
    assert (status, first["action"], set(first)) == (201, "created", {"contact_id", "action"})
    status, second = caller.sign_up(
        "JDodge@example.com", job_title="Musician", list_memberships=[spring]
    )
    assert (status, second) == (200, {**first, "action": "updated"})
    contact = caller.sandbox.find_contact("jdodge@example.com")
    assert contact is not None
    assert (contact.first_name, contact.job_title) == ("Jake", "Musician")
    assert contact.list_memberships == (caller.list_id, spring)


def test_a_sign_up_replaces_a_field_it_names_and_keeps_the_others() -> None:
    """Custom fields are appended by id; nothing can be removed."""
    caller = make_caller(custom_fields=("Vehicle", "Size"))
    vehicle, size = (one.custom_field_id for one in caller.sandbox.custom_fields)
    caller.sign_up("a@example.com", custom_fields=[{"custom_field_id": vehicle, "value": "Bike"}])
    caller.sign_up(
        "a@example.com",
        custom_fields=[
            {"custom_field_id": size, "value": "L"},
            {"custom_field_id": vehicle, "value": "Car"},
        ],
    )
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert {one.custom_field_id: one.value for one in contact.custom_fields or ()} == {
        vehicle: "Car",
        size: "L",
    }


@pytest.mark.parametrize(
    ("permission", "is_deleted"), [("unsubscribed", False), ("implicit", True)]
)
def test_a_sign_up_revives_and_makes_explicit(permission: str, is_deleted: bool) -> None:
    """Unsubscribed and deleted people become explicit subscribers again, as `updated`."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", permission=permission, is_deleted=is_deleted)
    status, said = caller.sign_up("a@example.com")
    assert (status, said["action"]) == (200, "updated")
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert contact.email_address is not None
    assert (contact.email_address.permission_to_send, contact.is_deleted) == ("explicit", False)
    assert contact.email_address.opt_out_date is None
    assert contact.list_memberships == (caller.list_id,)


def test_with_confirmed_opt_in_new_people_wait() -> None:
    """A new person is pending, a known one becomes what the settings say."""
    caller = make_caller(confirmed_opt_in=True)
    caller.sandbox.add_contact("known@example.com")
    for email in ("new@example.com", "known@example.com"):
        caller.sign_up(email)
    permissions = {
        one.email_address.address: one.email_address.permission_to_send
        for one in caller.sandbox.contacts
        if one.email_address
    }
    assert permissions == {
        "new@example.com": "pending_confirmation",
        "known@example.com": "explicit",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"email_address": "a@example.com"}, "list_memberships is missing"),
        ({"email_address": "a@example.com", "source": "Account"}, "list_memberships is missing"),
        ({"list_memberships": ["LIST"]}, "email_address is missing"),
        ({"email_address": "nobody", "list_memberships": ["LIST"]}, "email_address is invalid"),
        (
            {"email_address": {"address": "a@example.com"}, "list_memberships": ["LIST"]},
            "email_address is invalid",
        ),
        (
            {"email_address": "a@example.com", "list_memberships": []},
            "list_memberships does not have a valid value",
        ),
    ],
)
def test_a_sign_up_needs_lists_and_somebody(body: dict[str, Any], message: str) -> None:
    """Lists always, and an address as plain text; `source` is no substitute."""
    caller = make_caller()
    if "LIST" in body.get("list_memberships", ()):
        body = {**body, "list_memberships": [caller.list_id]}
    status, said = caller.call("POST", "/contacts/sign_up_form", body)
    assert (status, problem(said)[1]) == (400, message)


def test_the_sixth_try_in_a_day_blocks_an_address_for_two() -> None:
    """It is reported as an invalid address, and comes free again after 48 hours."""
    caller = make_caller()
    statuses = [caller.sign_up("a@example.com")[0] for _ in range(6)]
    assert statuses == [201, 200, 200, 200, 200, 400]
    assert caller.sign_up("b@example.com")[0] == 201
    caller.sandbox.clock.advance(47 * 3_600)
    status, said = caller.sign_up("A@example.com")
    assert (status, problem(said)[1]) == (400, "email_address is invalid")
    caller.sandbox.clock.advance(3_600)
    assert caller.sign_up("a@example.com")[0] == 200


def test_tries_are_forgotten_after_a_day() -> None:
    """Five tries today and five tomorrow are no abuse."""
    caller = make_caller()
    for _ in range(2):
        assert all(caller.sign_up("a@example.com")[0] < 300 for _ in range(5))
        caller.sandbox.clock.advance(86_401)


def test_a_text_message_number_is_an_identity_too() -> None:
    """Somebody without an address is found again by number, and a second POST is a conflict."""
    caller = make_caller()
    consent = {"sms_consent_permission": "explicit", "consent_type": "promotional_sms"}
    channel = {"full_sms_address": "17815551212", "sms_channel_consents": [consent]}
    body = {"sms_channel": channel, "create_source": "Contact"}
    status, created = caller.call("POST", "/contacts", body)
    assert (status, "email_address" in created) == (201, False)
    assert created["sms_channel"]["sms_address"] == "7815551212"
    assert caller.call("POST", "/contacts", body)[0] == 409
    parts = {"sms_address": "7815551212", "dial_code": "1", "country_code": "US"}
    status, said = caller.call(
        "POST",
        "/contacts/sign_up_form",
        {
            "sms_channel": {**parts, "sms_channel_consents": [consent]},
            "list_memberships": [caller.list_id],
        },
    )
    assert (status, said["contact_id"]) == (200, created["contact_id"])
    assert len(caller.get("/contacts", sms_status="explicit")["contacts"]) == 1
