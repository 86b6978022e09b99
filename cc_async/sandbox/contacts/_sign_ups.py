"""`POST /contacts/sign_up_form`: create a contact, or update the one with this address.

The body's properties change and all others stay; lists and custom fields are added to the known
ones. An unsubscribed or deleted contact becomes an explicit subscriber again.
https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox.contacts._contact_checks import (
    MAX_PARTS,
    check_email,
    check_fields,
    check_lists,
    check_plain_properties,
    check_sms,
    check_street,
)
from cc_async.sandbox.contacts._contact_writer import (
    add_contact,
    make_address,
    make_fields,
    make_phone,
    set_fields,
    set_permission,
    set_plain_properties,
    undelete,
    without_duplicates,
)
from cc_async.sandbox.contacts._sms_channels import full_number, make_sms
from cc_async.sandbox.http import ValidationErrors, bad_request, json_reply
from cc_async.sandbox.storage import ContactRecord
from cc_async.wire import Reply

SIGN_UP_SOURCE = "Contact"
"""A sign-up counts as the contact's own act."""

MAX_SIGN_UP_FIELDS = 50
"""Custom fields of a sign-up: the page above."""


def sign_up(call: Call) -> Reply:
    """Reply 201 `created` or 200 `updated`, with the contact's id and nothing else."""
    body = call.json_object()
    _check(call, body)
    address = body.get("email_address")
    if address is not None and not call.state.attempts.take(address, call.now):
        raise bad_request("email_address is invalid")
    record = _find(call, body)
    is_new = record is None
    if record is None:
        record = add_contact(call.state, address, "explicit", SIGN_UP_SOURCE, call.now)
        permission = "pending_confirmation" if call.settings.confirmed_opt_in else "explicit"
    else:
        permission = _permission_of_known(call, record)
        record.update_source, record.updated_at = SIGN_UP_SOURCE, call.now
        undelete(record)
    set_permission(record, permission, SIGN_UP_SOURCE, call.now)
    _write(call, record, body)
    result = {"contact_id": record.contact_id, "action": "created" if is_new else "updated"}
    return json_reply(201 if is_new else 200, result)


def _check(call: Call, body: Mapping[str, Any]) -> None:
    errors = ValidationErrors()
    lists = body.get("list_memberships")
    if lists is None:
        errors.missing("list_memberships")
    elif lists == []:
        errors.invalid("list_memberships")
    if body.get("email_address") is not None:
        check_email(body["email_address"], errors)
    elif body.get("sms_channel") is None:
        errors.missing("email_address")
    check_lists(call.state, lists, errors)
    check_plain_properties(body, errors)
    errors.check_text(body, "phone_number", 50)
    check_fields(call.state, body.get("custom_fields"), errors, max_fields=MAX_SIGN_UP_FIELDS)
    if body.get("street_address") is not None:
        check_street(body["street_address"], errors, needs_kind=False)
    check_sms(body.get("sms_channel"), errors)
    errors.raise_any()


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
    set_plain_properties(record, body, keeps_absent=True)
    if "custom_fields" in body:
        set_fields(record, make_fields(body["custom_fields"]))
    if body.get("phone_number"):
        phone = make_phone(state, record, "other", body["phone_number"], SIGN_UP_SOURCE, now)
        other_phones = (one for one in record.phones if one.kind != "other")
        record.phones = (*other_phones, phone)[-MAX_PARTS:]
    if street := body.get("street_address"):
        address = make_address(state, record, street.get("kind") or "home", street, now)
        other_addresses = (one for one in record.addresses if one.kind != address.kind)
        record.addresses = (*other_addresses, address)[-MAX_PARTS:]
    if "sms_channel" in body:
        sms = make_sms(state, record, body["sms_channel"], SIGN_UP_SOURCE, now)
        state.contacts.set_sms(record, sms)
    state.contacts.add_to_lists(record, without_duplicates(body["list_memberships"]))
    state.contacts.save(record)
