"""Identifiers of the API's examples, and helpers for the tests of its resources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from cc_async import ConstantContact, Contact, CustomField, EmailAddress, SignUp
from cc_async.errors import InvalidRequestError, TransportError
from cc_async.models import Activity, CustomFieldChoice
from cc_async.resources import Include
from cc_async.sandbox import Sandbox
from tests.support.scripted import ScriptedTransport, make_session, reply

EVERYTHING: tuple[Include, ...] = (
    "custom_fields", "list_memberships", "taggings", "notes", "phone_numbers", "street_addresses",
)  # fmt: skip
"""All sub-resources of a contact."""

UNKNOWN = "00000000-7a11-11ef-b7a4-fa163ecf3a1d"
CONTACT = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"
JAKE = "a40c51d8-7a11-11ef-b7a4-fa163ecf3a1d"
ANA = "ad7716be-7a11-11ef-b7a4-fa163ecf3a1d"
NEWSLETTER = "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"
SPRING_FAIR = "6a3b7d42-7a10-11ef-8c55-fa163e7b09ec"
FIELD = "b4d1c7f2-7a12-11ef-a1de-fa163ea0b3c2"
GOLD = "c8e95a34-7a12-11ef-93f0-fa163e2d7e55"
IDS = [f"id-{number}" for number in range(501)]

NOON = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)
STORED = reply(200, {"contact_id": CONTACT})
GONE = reply(404, [{"error_key": "contacts.api.not_found", "error_message": "no"}])
DEBORA = Contact(
    EmailAddress("dlang@example.com", "explicit", created_at=NOON, opt_in_date=NOON),
    first_name="Debora",
    last_name="Lang",
    create_source="Account",
    contact_id=CONTACT,
    created_at=NOON,
    updated_at=NOON,
)
"""A contact as the service returns it without sub-resources."""

CHOICES = (
    CustomFieldChoice("3", "Red", 1, FIELD, NOON),
    CustomFieldChoice("9A63BC", "Blue", 2),
    CustomFieldChoice("4", "Gone", 3, deleted_at=dt.date(2026, 9, 1)),
    CustomFieldChoice(choice_label="Green"),
)
COLOUR = CustomField(FIELD, "Colour", "colour", "single_select", choices=CHOICES)

Call = Callable[[Any], Awaitable[object]]
"""One call of a resource."""


def sent(transport: ScriptedTransport) -> tuple[str, str, Any]:
    """Return method, path with query, and body of the only request."""
    (request,) = transport.sent
    path = request.path + ("?" + request.query if request.query else "")
    return request.method, path, orjson.loads(request.body) if request.body else None


async def request_of(resource: type[Any], call: Call) -> tuple[str, str, Any]:
    """Return method, path with query, and body of the request that *call* sends."""
    answer = {
        "activity_id": "a", "state": "initialized", "tag_id": GOLD, "name": "gold",
        "custom_field_id": FIELD, "label": "Vehicle", "total": 72, "list_id": NEWSLETTER,
        "encoded_account_id": "a00example000", "contact_id": CONTACT,
    }  # fmt: skip
    transport = ScriptedTransport(reply(200, answer))
    await call(resource(make_session(transport)))
    return sent(transport)


async def assert_refused(resource: type[Any], call: Call) -> None:
    """Check that *call* is refused and sends nothing."""
    transport = ScriptedTransport(reply(201, {"activity_id": "a", "state": "initialized"}))
    with pytest.raises(InvalidRequestError):
        await call(resource(make_session(transport)))
    assert not transport.sent


async def assert_sent_once(resource: type[Any], call: Call) -> None:
    """Check that *call* is not repeated after a lost answer."""
    transport = ScriptedTransport(TransportError("cut"), reply(201))
    with pytest.raises(TransportError):
        await call(resource(make_session(transport)))
    assert len(transport.sent) == 1


async def join(cc: ConstantContact, sandbox: Sandbox, address: str) -> str:
    """Sign *address* up for the first list and return the contact's id."""
    lists = [sandbox.contact_lists[0].list_id]
    return (
        await cc.contacts.sign_up(
            SignUp(address, lists, first_name="Ana", last_name="Lang"), consent="explicit"
        )
    ).contact_id


async def wait_until_completed(cc: ConstantContact, started: Activity) -> Activity:
    """Wait for an activity and check that it has completed."""
    ended = await cc.activities.wait(started.activity_id)
    assert ended.state == "completed"
    return ended


async def members(cc: ConstantContact, list_id: str) -> set[str | None]:
    """Return the ids of the contacts on a list."""
    return {contact.contact_id async for contact in cc.contacts.iter(lists=[list_id])}
