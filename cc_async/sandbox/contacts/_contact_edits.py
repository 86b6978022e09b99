"""`/contacts`: change, delete, resubscribe and count contacts, and look up old ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.contacts._contact_checks import check_contact, check_lists, check_source
from cc_async.sandbox.contacts._contact_search import PERMISSION, is_new_subscriber, is_present
from cc_async.sandbox.contacts._contact_views import INCLUDES, contact_view
from cc_async.sandbox.contacts._contact_writer import (
    mark_deleted,
    set_permission,
    set_plain_properties,
    undelete,
    without_duplicates,
)
from cc_async.sandbox.contacts._contacts import find_known_contact, write_sub_resources
from cc_async.sandbox.contacts._sms_channels import full_number
from cc_async.sandbox.http import (
    ValidationErrors,
    bad_request,
    conflict,
    json_reply,
    not_found,
    read_sequence_ids,
)
from cc_async.sandbox.storage import ContactRecord, address_key
from cc_async.wire import Reply

PERMISSION_COUNTS = {
    "explicit": "explicit",
    "implicit": "implicit",
    "pending_confirmation": "pending",
    "unsubscribed": "unsubscribed",
}


def put_contact(call: Call) -> Reply:
    """`PUT /contacts/{contact_id}`: erases absent names, keeps absent arrays.

    An array in the body replaces the old one, and an empty one erases it. A deleted contact is
    undeleted, but only by the account.
    https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html
    """
    record = find_known_contact(call)
    body = call.json_object()
    errors = ValidationErrors()
    check_source(body, "update_source", errors)
    if call.settings.put_needs_email and "email_address" not in body:
        errors.missing("email_address")
    check_contact(call.state, body, errors)
    _check_change(call, record, body, errors)
    errors.raise_any()
    email = body.get("email_address") or {}
    _refuse_taken(call, record, email.get("address"), body.get("sms_channel"))
    _change(call, record, body, email)
    return json_reply(200, contact_view(record, INCLUDES & body.keys()))


def _check_change(
    call: Call, record: ContactRecord, body: Mapping[str, Any], errors: ValidationErrors
) -> None:
    """Check a valid change against the contact's present state."""
    if record.is_deleted and body.get("update_source") == "Contact":
        errors.append("update_source must be Account to restore a deleted contact")
    email = body.get("email_address")
    wanted = email.get("permission_to_send") if isinstance(email, dict) else None
    is_lowered = (record.permission, wanted) == ("explicit", "implicit")
    if is_lowered and not call.settings.may_lower_permission:
        errors.append("permission_to_send cannot be changed from explicit to implicit")
    stays_out = record.permission == "unsubscribed" and wanted in (None, "unsubscribed")
    if stays_out and body.get("list_memberships"):
        errors.append("list_memberships cannot be set for an unsubscribed contact")


def _refuse_taken(
    call: Call, record: ContactRecord, address: str | None, channel: Mapping[str, Any] | None
) -> None:
    contacts = call.state.contacts
    holder = contacts.find(address) if address else None
    if holder and holder.contact_id != record.contact_id:
        raise conflict(f"Validation failed: Email already exists for contact {holder.contact_id}")
    holder = contacts.find_sms(full_number(channel)) if channel else None
    if holder and holder.contact_id != record.contact_id:
        raise conflict(f"Validation failed: SMS already exists for contact {holder.contact_id}")


def _change(
    call: Call, record: ContactRecord, body: dict[str, Any], email: Mapping[str, Any]
) -> None:
    source = body["update_source"]
    record.update_source, record.updated_at = source, call.now
    undelete(record)
    if email.get("address") and address_key(email["address"]) != address_key(record.address or ""):
        call.state.contacts.set_address(record, email["address"].strip())
        record.address_updated_at = call.now
    permission, reason = email.get("permission_to_send"), email.get("opt_out_reason")
    if permission and (permission != record.permission or reason):
        set_permission(record, permission, source, call.now, reason)
    set_plain_properties(record, body, keeps_absent=False)
    write_sub_resources(call, record, body, source)


def delete_contact(call: Call) -> Reply:
    """`DELETE /contacts/{contact_id}`: 204, or 404 for a contact that is already deleted.

    https://developer.constantcontact.com/api_guide/contacts/contacts-delete
    """
    record = find_known_contact(call)
    if record.is_deleted:
        raise not_found()
    mark_deleted(call.state, record, call.now)
    return Reply(204, {})


def resubscribe(call: Call) -> Reply:
    """`PUT /contacts/resubscribe/{contact_id}`: asks an unsubscribed contact to return, once.

    The contact stays unsubscribed until it answers the mail.
    https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html
    """
    record = find_known_contact(call)
    body = call.json_object()
    errors = ValidationErrors()
    if not body.get("list_ids"):
        errors.missing("list_ids")
    check_lists(call.state, body.get("list_ids"), errors)
    errors.raise_any()
    if record.permission != "unsubscribed":
        raise conflict("The contact is not unsubscribed.")
    if record.is_resubscribe_sent:
        raise conflict("A resubscribe email was already sent to this contact.")
    record.is_resubscribe_sent, record.confirm_status = True, "pending"
    call.state.contacts.add_to_lists(record, without_duplicates(body["list_ids"]))
    record.updated_at = call.now
    call.state.contacts.save(record)
    return json_reply(200, contact_view(record, ("list_memberships",)))


def count_contacts(call: Call) -> Reply:
    """`GET /contacts/counts`: the number of contacts with each permission."""
    include = call.params.get("include")
    if include not in {None, "new_subscriber", "new_subscribers"}:
        raise bad_request("include does not have a valid value")
    counts = dict.fromkeys(("total", *PERMISSION_COUNTS.values()), 0)
    new = 0
    for row in filter(is_present, call.state.contacts.newest_first()):
        counts["total"] += 1
        if name := PERMISSION_COUNTS.get(row[PERMISSION]):
            counts[name] += 1
        new += is_new_subscriber(row, call.now)
    return json_reply(200, counts | ({"new_subscriber": new} if include else {}))


def find_contact_xrefs(call: Call) -> Reply:
    """`GET /contacts/contact_id_xrefs`: the account's n-th contact had the old id n."""
    contacts = call.state.contacts
    known = [one for one in read_sequence_ids(call.params) if 0 < one <= len(contacts)]
    xrefs = [
        {"sequence_id": str(one), "contact_id": contacts.load(one - 1).contact_id} for one in known
    ]
    return json_reply(200, {"xrefs": xrefs})


def get_sms_history(call: Call) -> Reply:
    """`GET /contacts/sms_engagement_history/{contact_id}`: newest first."""
    record = find_known_contact(call)
    sms = record.sms
    if sms is None:
        return json_reply(200, [])
    return json_reply(
        200,
        [
            {
                "contact_id": record.contact_id,
                "sms_channel_id": sms.sms_id,
                "sms_channel_history_id": entry["history_id"],
                "insert_time": utc_text(entry["at"]),
                "history_details": dict(entry["details"]),
            }
            for entry in reversed(sms.history)
        ],
    )
