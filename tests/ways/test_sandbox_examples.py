"""Worked requests and replies of the API, replayed: status and shape are the documented ones.

A shape is a reply with the kind of each value in its place, so that ids and times may differ.
Values that must not differ are compared separately.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import UNKNOWN_ID, Caller, make_caller, shape

EMAIL = {
    "address": "dlang@example.com",
    "permission_to_send": "explicit",
    "created_at": "2026-09-21T14:02:11Z",
    "updated_at": "2026-09-21T14:02:11Z",
    "opt_in_source": "Contact",
    "opt_in_date": "2026-09-21T14:02:11+00:00",
    "confirm_status": "off",
}


CREATED = {
    "contact_id": UNKNOWN_ID,
    "email_address": EMAIL,
    "first_name": "Debora",
    "last_name": "Lang",
    "birthday_month": 11,
    "birthday_day": 24,
    "anniversary": "2006-11-15",
    "create_source": "Contact",
    "created_at": "2026-09-21T14:02:11Z",
    "updated_at": "2026-09-21T14:02:11Z",
    "phone_numbers": [
        {
            "phone_number_id": UNKNOWN_ID,
            "phone_number": "555-555-1212",
            "kind": "mobile",
            "created_at": "2026-09-21T14:02:11Z",
            "updated_at": "2026-09-21T14:02:11Z",
        }
    ],
    "street_addresses": [
        {
            "street_address_id": UNKNOWN_ID,
            "kind": "home",
            "street": "123 Kashmir Valley Road",
            "city": "Chicago",
            "state": "Illinois",
            "postal_code": "60609",
            "country": "United States",
            "created_at": "2026-09-21T14:02:11Z",
            "updated_at": "2026-09-21T14:02:11Z",
        }
    ],
    "list_memberships": [UNKNOWN_ID],
}


def create(caller: Caller) -> Any:
    """Create Debora as the guide does."""
    body = {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "last_name": "Lang",
        "create_source": "Contact",
        "birthday_month": 11,
        "birthday_day": 24,
        "anniversary": "2006-11-15",
        "phone_numbers": [{"phone_number": "555-555-1212", "kind": "mobile"}],
        "street_addresses": [
            {
                "kind": "home",
                "street": "123 Kashmir Valley Road",
                "city": "Chicago",
                "state": "IL",
                "postal_code": "60609",
                "country": "US",
            }
        ],
        "list_memberships": [caller.list_id],
    }
    status, payload = caller.call("POST", "/contacts", body)
    assert status == 201
    return payload


def test_a_contact_is_created() -> None:
    """The permission is filled in, places are written out, sub-resources are echoed."""
    payload = create(make_caller())
    assert shape(payload) == shape(CREATED)
    assert payload["email_address"]["permission_to_send"] == "explicit"
    assert payload["street_addresses"][0]["state"] == "Illinois"
    assert payload["email_address"]["opt_in_date"].endswith("+00:00")


def test_an_address_is_looked_up() -> None:
    """A single page has no links; it shows the included parts and nothing more."""
    caller = make_caller()
    create(caller)
    page = caller.get(
        "/contacts", email="dlang@example.com", status="all", include="list_memberships"
    )
    plain = {
        key: value
        for key, value in CREATED.items()
        if key not in {"phone_numbers", "street_addresses"}
    }
    assert shape(page) == shape({"contacts": [plain]})


def test_a_contact_is_read_by_id() -> None:
    """An included part without values is an empty array."""
    caller = make_caller()
    known = caller.sandbox.add_contact("dlang@example.com", first_name="Debora", lists=())
    payload = caller.get(
        f"/contacts/{known.contact_id}",
        include="custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes",
    )
    empty = ("custom_fields", "phone_numbers", "street_addresses", "list_memberships")
    assert shape(payload) == shape(
        {
            "contact_id": UNKNOWN_ID,
            "email_address": EMAIL,
            "first_name": "Debora",
            "create_source": "Account",
            "created_at": "",
            "updated_at": "",
            **{name: [] for name in (*empty, "taggings", "notes")},
        }
    )


def test_a_contact_is_updated() -> None:
    """Absent names are erased, absent arrays are not echoed, sent values come back."""
    caller = make_caller(custom_fields=("Vehicle",))
    payload = create(caller)
    tag = caller.sandbox.add_tag("gold").tag_id
    body = {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "last_name": "Lang-Ross",
        "update_source": "Contact",
        "custom_fields": [
            {
                "custom_field_id": caller.sandbox.custom_fields[0].custom_field_id,
                "value": "Tesla S 2017",
            }
        ],
        "phone_numbers": [{"phone_number": "555-555-1213", "kind": "mobile"}],
        "list_memberships": [caller.list_id],
        "taggings": [tag],
    }
    status, changed = caller.call("PUT", f"/contacts/{payload['contact_id']}", body)
    phone = {**CREATED["phone_numbers"][0], "update_source": "Contact"}  # type: ignore[index]
    assert (status, shape(changed)) == (
        200,
        shape(
            {
                "contact_id": "",
                "email_address": EMAIL,
                "first_name": "",
                "last_name": "",
                "update_source": "",
                "create_source": "",
                "created_at": "",
                "updated_at": "",
                "custom_fields": [{"custom_field_id": "", "value": ""}],
                "phone_numbers": [phone],
                "list_memberships": [""],
                "taggings": [""],
            }
        ),
    )
    email = {
        "address": "dlang@example.com",
        "permission_to_send": "unsubscribed",
        "opt_out_reason": "Too many emails",
    }
    body = {"email_address": email, "first_name": "Debora", "update_source": "Contact"}
    status, changed = caller.call("PUT", f"/contacts/{payload['contact_id']}", body)
    out = {"opt_out_source": "", "opt_out_date": "", "opt_out_reason": ""}
    assert (status, shape(changed["email_address"])) == (200, shape(EMAIL | out))


REFUSALS = [
    ("POST", "/contacts", {"first_name": "x"}, 400,
     "create_source is missing, create_source does not have a valid value"),
    ("POST", "/contacts", {"email_address": {"address": "x"}, "create_source": "Contact"}, 400,
     "email_address is invalid"),
    ("POST", "/contacts", {"email_address": {"address": "d@example.com"},
                           "create_source": "Contact"}, 409,
     "Validation failed: Email already exists for contact D"),
    ("GET", "/contacts/not-an-id", None, 404, "contact_id is in an invalid format."),
    ("DELETE", f"/contacts/{UNKNOWN_ID}", None, 404, "The requested resource was not found."),
    ("PUT", "/contacts/D", {"first_name": "x"}, 400,
     "update_source is missing, update_source does not have a valid value"),
    ("GET", "/contacts?limit=501", None, 400, "limit does not have a valid value"),
    ("POST", "/contacts/sign_up_form", {"email_address": "x@example.com"}, 400,
     "list_memberships is missing"),
    ("GET", f"/activities/{UNKNOWN_ID}", None, 404,
     "Resource not found for the activity_id provided"),
    ("POST", "/contact_lists", {"name": "Newsletter"}, 409, "List name already exists."),
    ("GET", "/contact_lists?include_membership_count=x", None, 400,
     "include_membership_count does not have a valid value"),
    ("POST", "/contact_custom_fields", {"label": "Vehicle", "type": "string"}, 409,
     "Custom field already exists."),
]  # fmt: skip


KEYS = {
    400: "contacts.api.validation.error",
    404: "contacts.api.not_found",
    409: "contacts.api.conflict",
}


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), REFUSALS)
def test_a_refusal_has_the_documented_words(
    method: str, path: str, body: dict[str, Any] | None, status: int, message: str
) -> None:
    """It is an array with one problem, with the key of its status."""
    caller = make_caller(custom_fields=("Vehicle",))
    contact = caller.sandbox.add_contact("d@example.com").contact_id or ""
    path, _, query = path.replace("/D", f"/{contact}").partition("?")
    params = dict([query.split("=")]) if query else {}
    payload = caller.call(method, path, body, **params)
    words = message[:-1] + contact if message.endswith(" D") else message
    assert payload == (status, [{"error_key": KEYS[status], "error_message": words}])


STARTED = {
    "activity_id": "",
    "state": "initialized",
    "created_at": "",
    "updated_at": "",
    "percent_done": 1,
    "activity_errors": [],
    "status": {},
    "_links": {"self": {"href": ""}},
}


COUNTERS = {
    "items_total_count": 3,
    "person_count": 2,
    "error_count": 0,
    "correctable_count": 0,
    "cannot_add_to_list_count": 0,
}


def test_a_file_import_carries_its_name() -> None:
    """The example's CSV has a quoted comma and a row of blank cells."""
    caller = make_caller(custom_fields=("Vehicle",))
    text = (
        "email,first_name,last_name,phone,birthday_month,birthday_day,anniversary,street,city,"
        "state,zip,country,cf:vehicle\r\n"
        "dlang@example.com,Debora,Lang,555-555-1212,11,24,2006-11-15,123 Kashmir Valley Road,"
        'Chicago,Illinois,60609,United States,"Tesla S, 2017"\r\n'
        "jdodge@example.com,Jake,Dodge,,,,,,,,,,"
    )
    status, payload = caller.import_csv(text)
    assert (status, shape(payload)) == (201, shape({**STARTED, "source_file_name": ""}))
    done = caller.finished(payload["activity_id"])
    assert done["status"] == COUNTERS
    assert done["source_file_name"] == "contacts.csv"
    contact = caller.sandbox.find_contact("dlang@example.com")
    assert contact is not None
    assert [one.value for one in contact.custom_fields or ()] == ["Tesla S, 2017"]


def test_a_list_is_created_read_and_deleted() -> None:
    """An absent description is not shown; deletion has an internal link and no status."""
    caller = make_caller()
    body = {"name": "Spring fair", "description": "Once a year", "favorite": False}
    status, payload = caller.call("POST", "/contact_lists", body)
    times = {"created_at": "", "updated_at": ""}
    assert (status, shape(payload)) == (201, shape({"list_id": "", **body, **times}))
    page = caller.get("/contact_lists", include_membership_count="all", name="Newsletter")
    plain = {"list_id": "", "name": "", "favorite": False, **times, "membership_count": 3}
    assert shape(page) == shape({"lists": [plain]})
    status, payload = caller.call("DELETE", f"/contact_lists/{payload['list_id']}")
    assert status == 202
    assert shape(payload) == shape({key: STARTED[key] for key in STARTED if key != "status"})
    assert payload["_links"]["self"]["href"].startswith("/contacts-service/v4/accounts/100000001/")


def test_fields_and_tags_are_created() -> None:
    """A field gets its name; tags show the provider's own time zone."""
    caller = make_caller()
    body = {"label": "Vehicle", "type": "string"}
    status, payload = caller.call("POST", "/contact_custom_fields", body)
    field = {"custom_field_id": "", **body, "name": "vehicle", "version": 1, "updated_at": "",
             "created_at": ""}  # fmt: skip
    assert (status, shape(payload), payload["name"]) == (201, shape(field), "vehicle")
    assert shape(caller.get("/contact_custom_fields", limit="100")) == shape(
        {"custom_fields": [field]}
    )
    body = {"name": "gold", "tag_source": "Contact"}
    status, payload = caller.call("POST", "/contact_tags", body)
    tag = {"tag_id": "", **body, "created_at": "", "updated_at": ""}
    assert (status, shape(payload)) == (201, shape(tag))
    page = caller.get("/contact_tags", include_count="true", limit="500")
    assert shape(page) == shape({"tags": [{**tag, "contacts_count": 1}]})
    status, payload = caller.call("DELETE", f"/contact_tags/{payload['tag_id']}")
    assert (status, shape(payload)) == (202, shape(STARTED))
