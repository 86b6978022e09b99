"""`POST /contacts/sign_up_form`: create a contact, or update the one with this address.

Only what is sent changes; lists and custom fields are added to what is there. The person
becomes an explicit subscriber again, even if unsubscribed or deleted before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._answers import invalid, json_reply
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints
from cc_async.sandbox._contact_book import ContactRecord
from cc_async.sandbox._contact_changes import (
    add_contact,
    full_number,
    make_address,
    make_fields,
    make_phone,
    make_sms,
    revive,
    set_fields,
    set_permission,
    set_person,
    unique,
)
from cc_async.sandbox._contact_checks import (
    check_email,
    check_fields,
    check_lists,
    check_person,
    check_sms,
    check_street,
)
from cc_async.wire import Reply

SOURCE = "Contact"
"""A sign-up counts as the person's own act."""


def sign_up(call: Call) -> Reply:
    """Answer 201 `created` or 200 `updated`, with the id and nothing else."""
    body = call.json_object()
    _check(call, body)
    address = body.get("email_address")
    if address is not None and not call.state.tries.admits(address, call.now):
        raise invalid("email_address is invalid")
    record = _find(call, body)
    is_new = record is None
    if record is None:
        record = add_contact(call.state, address, "explicit", SOURCE, call.now)
        permission = "pending_confirmation" if call.settings.confirmed_opt_in else "explicit"
    else:
        permission = _permission_of_known(call, record)
        record.update_source, record.updated_at = SOURCE, call.now
        revive(record)
    set_permission(record, permission, SOURCE, call.now)
    _write(call, record, body)
    answer = {"contact_id": record.contact_id, "action": "created" if is_new else "updated"}
    return json_reply(201 if is_new else 200, answer)


def _check(call: Call, body: Mapping[str, Any]) -> None:
    complaints = Complaints()
    lists = body.get("list_memberships")
    if lists is None:
        complaints.missing("list_memberships")
    elif lists == []:
        complaints.wrong("list_memberships")
    if body.get("email_address") is not None:
        check_email(body["email_address"], complaints)
    elif body.get("sms_channel") is None:
        complaints.missing("email_address")
    check_lists(call.state, lists, complaints)
    check_person(body, complaints)
    complaints.check_text(body, "phone_number", 50)
    check_fields(call.state, body.get("custom_fields"), complaints, most=50)
    if body.get("street_address") is not None:
        check_street(body["street_address"], complaints, needs_kind=False)
    check_sms(body.get("sms_channel"), complaints)
    complaints.raise_any()


def _find(call: Call, body: Mapping[str, Any]) -> ContactRecord | None:
    if (address := body.get("email_address")) is not None:
        return call.state.contacts.find(address)
    return call.state.contacts.find_sms(full_number(body["sms_channel"]))


def _permission_of_known(call: Call, record: ContactRecord) -> str:
    if not call.settings.confirmed_opt_in:
        return "explicit"
    wanted = call.settings.existing_opt_in
    return record.permission if wanted == "unchanged" else wanted


def _write(call: Call, record: ContactRecord, body: Mapping[str, Any]) -> None:
    state, now = call.state, call.now
    set_person(record, body, keeps_absent=True)
    if "custom_fields" in body:
        set_fields(record, make_fields(body["custom_fields"]))
    if body.get("phone_number"):
        phone = make_phone(state, record, "other", body["phone_number"], SOURCE, now)
        record.phones = (*(one for one in record.phones if one.kind != "other"), phone)[-3:]
    if street := body.get("street_address"):
        address = make_address(state, record, street.get("kind") or "home", street, now)
        others = (one for one in record.addresses if one.kind != address.kind)
        record.addresses = (*others, address)[-3:]
    if "sms_channel" in body:
        state.contacts.set_sms(record, make_sms(state, record, body["sms_channel"], SOURCE, now))
    state.contacts.join(record, unique(body["list_memberships"]))
    state.contacts.save(record)
