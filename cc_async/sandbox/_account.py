"""`/account`: the account's owner, and the privileges of the signed-in user.

https://developer.constantcontact.com/api_guide/account_services_overview.html
"""

from __future__ import annotations

import zlib
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox.http import ValidationErrors, json_reply, read_words
from cc_async.wire import Reply

EXTRA_FIELDS: dict[str, Any] = {
    "physical_address": {
        "address_line1": "1601 Trapelo Road",
        "city": "Waltham",
        "state_code": "MA",
        "state_name": "Massachusetts",
        "postal_code": "02451",
        "country_code": "us",
    },
    "company_logo": {"url": "https://example.com/logo.png", "internal_id": "1"},
}

WRITABLE_LENGTHS = {
    "contact_email": 80, "contact_phone": 25, "country_code": 2, "first_name": 80, "last_name": 80,
    "organization_name": 250, "organization_phone": 25, "state_code": 2, "time_zone_id": 80,
    "website": 250,
}  # fmt: skip
"""Characters of each property that may be written: the provider's contract."""


def get_summary(call: Call) -> Reply:
    """`GET /account/summary`: the owner's data, with two more fields on request.

    https://developer.constantcontact.com/api_guide/account_details_get.html
    """
    extra = read_words(call.params, "extra_fields", EXTRA_FIELDS)
    return json_reply(
        200, call.state.account | {name: EXTRA_FIELDS[name] for name in sorted(extra)}
    )


def put_summary(call: Call) -> Reply:
    """`PUT /account/summary`: changes the properties in the body."""
    body = call.json_object()
    errors = ValidationErrors()
    for name, max_length in WRITABLE_LENGTHS.items():
        errors.check_text(body, name, max_length)
    errors.raise_any()
    call.state.account.update({name: body[name] for name in WRITABLE_LENGTHS if name in body})
    shown = (*WRITABLE_LENGTHS, "encoded_account_id")
    return json_reply(
        200, {name: call.state.account[name] for name in shown if name in call.state.account}
    )


def find_privileges(call: Call) -> Reply:
    """`GET /account/user/privileges`: a bare array in no order; needs no scope.

    https://developer.constantcontact.com/api_guide/user_privileges.html
    """
    names = sorted(call.state.rights.privileges, key=lambda name: zlib.crc32(name.encode()))
    return json_reply(
        200,
        [
            {"privilege_id": zlib.crc32(name.encode()) % 1_000, "privilege_name": name}
            for name in names
        ],
    )
