"""`/contacts`: find, create and read contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox.contacts._contact_checks import check_contact, check_source
from cc_async.sandbox.contacts._contact_search import count_matches, read_contact_query, select
from cc_async.sandbox.contacts._contact_views import INCLUDES, contact_view
from cc_async.sandbox.contacts._contact_writer import (
    add_contact,
    make_address,
    make_fields,
    make_notes,
    make_phone,
    set_plain_properties,
    without_duplicates,
)
from cc_async.sandbox.contacts._sms_channels import full_number, make_sms
from cc_async.sandbox.http import (
    ValidationErrors,
    bad_request,
    conflict,
    json_reply,
    not_found,
    read_words,
)
from cc_async.sandbox.storage import ContactRecord
from cc_async.wire import Reply

IDENTITIES = ("first_name", "last_name", "email_address", "sms_channel")

MAX_PAGE = 500
"""Contacts on a page: https://developer.constantcontact.com/api_guide/contacts_get_collection.html"""


def find_contacts(call: Call) -> Reply:
    """`GET /contacts`: a page of contacts; no match gives an empty page.

    https://developer.constantcontact.com/api_guide/contacts_get_collection.html
    """
    paging = call.paging(max_limit=MAX_PAGE)
    query = read_contact_query(paging.params)
    if query.lists and call.settings.member_delay:
        query = query.unchanged_since(call.now - call.settings.member_delay)
    if "segment_id" in paging.params:
        return _reply_for_segment(call, paging.params["segment_id"])
    records, next_number = select(call.state.contacts, query, paging.start, paging.limit)
    page: dict[str, Any] = {"contacts": [contact_view(one, query.include) for one in records]}
    if query.wants_count:
        page["contacts_count"] = count_matches(call.state.contacts, query)
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def _reply_for_segment(call: Call, segment_id: str) -> Reply:
    """Reply 202 to the first request for a segment, and an empty page to the second.

    The service computes a segment first; the sandbox has no segments.
    """
    if not segment_id.isdecimal():
        raise bad_request("segment_id does not have a valid value")
    if segment_id not in call.state.computed_segments:
        call.state.computed_segments.add(segment_id)
        return json_reply(202, {"status": "Processing"})
    return json_reply(200, {"contacts": []})


def get_contact(call: Call) -> Reply:
    """`GET /contacts/{contact_id}`: one contact, deleted or not."""
    include = read_words(call.params, "include", INCLUDES)
    return json_reply(200, contact_view(find_known_contact(call), include))


def find_known_contact(call: Call) -> ContactRecord:
    """Return the contact that the path names.

    Raises:
        ErrorReply: 404 for an invalid or unknown id.
    """
    if not is_uuid(call.id):
        raise not_found("contact_id is in an invalid format.")
    record = call.state.contacts.get(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_contact(call: Call) -> Reply:
    """`POST /contacts`: a new contact; a known address is a conflict, even a deleted one.

    https://developer.constantcontact.com/api_guide/contacts_create.html
    """
    body = call.json_object()
    _check(call, body)
    email = body.get("email_address") or {}
    address = email.get("address")
    _refuse_known(call, address, body.get("sms_channel"))
    source = body["create_source"]
    permission = email.get("permission_to_send") or (
        "explicit" if source == "Contact" else "implicit"
    )
    if call.settings.confirmed_opt_in and source == "Contact":
        permission = "pending_confirmation"
    record = add_contact(call.state, address, permission, source, call.now)
    record.confirm_status = "pending" if permission == "pending_confirmation" else "off"
    set_plain_properties(record, body, keeps_absent=False)
    write_sub_resources(call, record, body, source)
    view = contact_view(record, INCLUDES & body.keys())
    if "email_address" in view:  # this reply alone was seen with the date in this form
        view["email_address"]["opt_in_date"] = view["email_address"]["opt_in_date"][:-1] + "+00:00"
    return json_reply(201, view)


def _check(call: Call, body: Mapping[str, Any]) -> None:
    errors = ValidationErrors()
    check_source(body, "create_source", errors)
    if not any(body.get(name) for name in IDENTITIES):
        errors.append("one of first_name, last_name, email_address or sms_channel is required")
    check_contact(call.state, body, errors)
    errors.raise_any()


def _refuse_known(call: Call, address: str | None, channel: Mapping[str, Any] | None) -> None:
    contacts = call.state.contacts
    if address is not None:
        if not call.state.attempts.take(address, call.now):
            raise bad_request("email_address is invalid")
        if known := contacts.find(address):
            raise conflict(
                f"Validation failed: Email already exists for contact {known.contact_id}"
            )
    if channel is not None and (known := contacts.find_sms(full_number(channel))):
        raise conflict(f"Validation failed: SMS already exists for contact {known.contact_id}")


def write_sub_resources(
    call: Call, record: ContactRecord, body: dict[str, Any], source: str
) -> None:
    """Replace the sub-resources in *body*, leave the others, and save."""
    state, now = call.state, call.now
    if "custom_fields" in body:
        record.custom_fields = tuple(make_fields(body["custom_fields"]).items())
    if "phone_numbers" in body:
        record.phones = tuple(
            make_phone(
                state,
                record,
                one.get("kind") or "other",
                one.get("phone_number") or "",
                source,
                now,
            )
            for one in body["phone_numbers"]
        )
    if "street_addresses" in body:
        record.addresses = tuple(
            make_address(state, record, one["kind"], one, now) for one in body["street_addresses"]
        )
    if "notes" in body:
        record.notes = make_notes(state, body["notes"], now)
    if "list_memberships" in body:
        state.contacts.set_lists(record, without_duplicates(body["list_memberships"]))
    if "taggings" in body:
        state.contacts.set_tags(record, without_duplicates(body["taggings"]))
    if "sms_channel" in body:
        state.contacts.set_sms(record, make_sms(state, record, body["sms_channel"], source, now))
    state.contacts.save(record)
