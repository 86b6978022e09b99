"""Models are read from the service's JSON and written to it."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest

from cc_async.errors import InvalidRequestError, UnexpectedResponseError
from cc_async.models import (
    Account,
    Activity,
    Contact,
    ContactCounts,
    ContactList,
    CustomField,
    EmailAddress,
    PhoneNumber,
    SignUp,
    SignUpResult,
    StreetAddress,
    Tag,
)
from cc_async.wire import CONVERTER, encode, read_page, read_reply, read_time, without_read_only
from tests.support.scripted import reply

NOW = dt.datetime(2026, 9, 22, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def test_unknown_properties_and_values_are_tolerated() -> None:
    """An unknown property is ignored, and an unknown value of an enumeration is kept as text."""
    contact = read_reply(
        reply(
            200,
            {
                "contact_id": "c",
                "brand_new": {"x": 1},
                "email_address": {"address": "a@b.example", "permission_to_send": "telepathic"},
                "first_name": None,
                "deleted_at": "2026-09-24",
                "custom_fields": [{"custom_field_id": "f", "choice_ids": [7, "8"]}],
                "taggings": [],
            },
        ),
        Contact,
    )
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "telepathic"
    assert contact.first_name is None
    assert contact.deleted_at == dt.date(2026, 9, 24)
    assert contact.custom_fields is not None
    assert contact.custom_fields[0].choice_ids == ("7", "8")
    assert contact.taggings == ()
    assert contact.list_memberships is None


@pytest.mark.parametrize("identity", [None, "", " ", [], {}, True])
@pytest.mark.parametrize(
    ("model", "name", "others"),
    [
        (Account, "encoded_account_id", {}),
        (Activity, "activity_id", {"state": "completed"}),
        (Contact, "contact_id", {}),
        (ContactCounts, "total", {"explicit": 3}),
        (ContactList, "list_id", {"name": "News"}),
        (CustomField, "custom_field_id", {"label": "Size", "name": "size"}),
        (SignUpResult, "contact_id", {"action": "created"}),
        (Tag, "tag_id", {"name": "gold"}),
    ],
)
def test_a_reply_without_its_id_is_no_empty_value(
    model: type, name: str, others: dict[str, object], identity: object
) -> None:
    """A success that does not say what it is about is unreadable, alone and on a page."""
    for body in ({**others}, {**others, name: identity}):
        with pytest.raises(UnexpectedResponseError, match=name):
            read_reply(reply(200, body), model)
        with pytest.raises(UnexpectedResponseError, match=name):
            read_page(reply(200, {"items": [body]}), "items", model)


def test_an_activity_is_read_in_every_spelling() -> None:
    """Both spellings of timed out, both forms of an error, missing counts and the link are read."""
    activity = read_reply(
        reply(
            200,
            {
                "activity_id": "a",
                "state": "time_out",
                "activity_errors": ["one", {"message": "two"}],
                "status": None,
                "_links": {
                    "self": {"href": "/wrong"},
                    "results": {"href": "/v3/contact_exports/x"},
                },
            },
        ),
        Activity,
    )
    assert (activity.state, activity.is_terminal) == ("timed_out", True)
    assert activity.activity_errors == ("one", "two")
    assert activity.status.person_count is None
    assert activity.results_href == "/v3/contact_exports/x"


@pytest.mark.parametrize(
    ("errors", "texts", "left_out"),
    [
        ("The file could not be read.", ("The file could not be read.",), 0),
        ([None, "", {"message": None}, 7, {"error_message": "one"}], ("7", "one"), 0),
        (["x" * 100_000], ("x" * 500,), 0),
        (["x"] * 100_000, ("x",) * 200, 99_800),
    ],
)
def test_errors_of_an_activity_are_bounded_where_they_enter(
    errors: object, texts: tuple[str, ...], left_out: int
) -> None:
    """A text alone is one error, blank ones are none, and what exceeds the bounds is counted."""
    body = {"activity_id": "a", "state": "failed", "activity_errors": errors}
    activity = read_reply(reply(200, body), Activity)
    assert activity.activity_errors == texts
    assert activity.errors_left_out == left_out
    assert CONVERTER.structure(CONVERTER.unstructure(activity), Activity) == activity


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-29T18:38:06Z",
        "2026-09-29T18:38:06.000Z",
        "2026-09-29T13:38:06-05:00",
        "2026-09-29T18:38:06.000+00:00",
        "2026-09-29 11:38:06 -0700",
    ],
)
def test_every_notation_of_a_time_is_read(text: str) -> None:
    """All notations of one moment are read as that moment."""
    assert read_time(text) == dt.datetime(2026, 9, 29, 18, 38, 6, tzinfo=dt.UTC)


def test_a_sign_up_is_written_without_nulls_and_consent_time() -> None:
    """Absent values are omitted, `consented_at` is never sent, an address always has its kind."""
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
    """Properties that the service sets are removed from a contact."""
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


@pytest.mark.parametrize(
    "value",
    [
        Contact(first_name=object()),  # type: ignore[arg-type]
        Contact(first_name="\ud800"),
        Contact(birthday_month=1 << 70),
        Contact(created_at=dt.date(2026, 1, 1)),  # type: ignore[arg-type]
        Contact(created_at="today"),  # type: ignore[arg-type]
        Contact(created_at=dt.datetime(2026, 1, 1)),  # noqa: DTZ001 - the point
        Contact(email_address="a@b.example"),  # type: ignore[arg-type]
        Contact(phone_numbers=("555",)),  # type: ignore[arg-type]
        {"name": object()},
    ],
)
def test_a_value_that_cannot_be_written_is_refused(value: object) -> None:
    """A value of another type than its field's is an error of the tree, and nothing is sent."""
    with pytest.raises(InvalidRequestError):
        encode(value)


@pytest.mark.parametrize("number", [1e308, -1e30, 2**63, "9" * 30, "9" * 5_000, "many", [1], {}])
def test_a_number_beyond_all_counts_is_an_unreadable_reply(number: object) -> None:
    """A counter that no journal could keep is an error, not a crash when it is written down."""
    body = {"activity_id": "a", "state": "completed", "status": {"person_count": number}}
    with pytest.raises(UnexpectedResponseError):
        read_reply(reply(200, body), Activity)


@pytest.mark.parametrize(
    ("number", "read"), [(7, 7), ("7", 7), (2**63 - 1, 2**63 - 1), (None, None)]
)
def test_a_counter_may_be_text(number: object, read: int | None) -> None:
    """Whole numbers are read as the service and its gateway write them."""
    body = {"activity_id": "a", "state": "completed", "status": {"person_count": number}}
    assert read_reply(reply(200, body), Activity).status.person_count == read


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_stays_one(value: bool) -> None:
    """It is no whole number, though Python counts it as one."""
    assert CONVERTER.structure(value, bool) is value
