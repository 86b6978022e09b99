"""Bodies that break a rule are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import make_caller, problem


def test_problems_are_joined_into_one_message() -> None:
    """As observed, an absent create_source is missing and invalid at once."""
    status, payload = make_caller().call("POST", "/contacts", {"first_name": "Debora"})
    message = "create_source is missing, create_source does not have a valid value"
    assert (status, problem(payload)) == (400, ("contacts.api.validation.error", message))


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
def test_an_invalid_value_is_refused(part: dict[str, Any]) -> None:
    """The reply is 400 with one key for all kinds of invalid values, and nothing is stored."""
    caller = make_caller()
    body = {"first_name": "Debora", "create_source": "Contact", **part}
    status, payload = caller.call("POST", "/contacts", body)
    assert status == 400
    assert problem(payload)[0] == "contacts.api.validation.error"
    assert caller.sandbox.contacts == ()
