"""`/account`: who owns the account, and what the signed-in user may do."""

from __future__ import annotations

import zlib
from typing import Any

from cc_async.sandbox._answers import json_reply
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints, read_words
from cc_async.wire import Reply

EXTRA: dict[str, Any] = {
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

WRITABLE = {
    "contact_email": 80, "contact_phone": 25, "country_code": 2, "first_name": 80, "last_name": 80,
    "organization_name": 250, "organization_phone": 25, "state_code": 2, "time_zone_id": 80,
    "website": 250,
}  # fmt: skip


def get_summary(call: Call) -> Reply:
    """`GET /account/summary`: the owner's data, with two extras when they are named."""
    extra = read_words(call.params, "extra_fields", EXTRA)
    return json_reply(200, call.state.account | {name: EXTRA[name] for name in sorted(extra)})


def put_summary(call: Call) -> Reply:
    """`PUT /account/summary`: only what is sent changes."""
    body = call.json_object()
    complaints = Complaints()
    for name, most in WRITABLE.items():
        complaints.check_text(body, name, most)
    complaints.raise_any()
    call.state.account.update({name: body[name] for name in WRITABLE if name in body})
    shown = (*WRITABLE, "encoded_account_id")
    return json_reply(
        200, {name: call.state.account[name] for name in shown if name in call.state.account}
    )


def find_privileges(call: Call) -> Reply:
    """`GET /account/user/privileges`: a bare array in no particular order; needs no scope."""
    names = sorted(call.state.rights.privileges, key=lambda name: zlib.crc32(name.encode()))
    return json_reply(
        200,
        [
            {"privilege_id": zlib.crc32(name.encode()) % 1_000, "privilege_name": name}
            for name in names
        ],
    )
