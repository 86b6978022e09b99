"""`/contacts`: change, delete, ask back, count, and what a migration or a text message needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._answers import conflict, invalid, json_reply, not_found
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints, read_sequence_ids
from cc_async.sandbox._clock import text_of
from cc_async.sandbox._contact_book import ContactRecord, at, matched
from cc_async.sandbox._contact_changes import (
    delete,
    full_number,
    revive,
    set_permission,
    set_person,
    unique,
)
from cc_async.sandbox._contact_checks import check_contact, check_lists, check_source
from cc_async.sandbox._contact_search import is_new_subscriber, is_present
from cc_async.sandbox._contact_views import INCLUDES, contact_view
from cc_async.sandbox._contacts import known_contact, write_parts
from cc_async.wire import Reply

PERMISSION_COUNTS = {
    "explicit": "explicit",
    "implicit": "implicit",
    "pending_confirmation": "pending",
    "unsubscribed": "unsubscribed",
}


def put_contact(call: Call) -> Reply:
    """`PUT /contacts/{contact_id}`: names that are left out are gone, arrays left out stay.

    Arrays that are sent replace what was there, and an empty one empties. A deleted contact is
    revived, by the account only.
    """
    record = known_contact(call)
    body = call.json_object()
    complaints = Complaints()
    check_source(body, "update_source", complaints)
    if call.settings.put_needs_email and "email_address" not in body:
        complaints.missing("email_address")
    check_contact(call.state, body, complaints)
    _check_change(call, record, body, complaints)
    complaints.raise_any()
    email = body.get("email_address") or {}
    _refuse_taken(call, record, email.get("address"), body.get("sms_channel"))
    _change(call, record, body, email)
    return json_reply(200, contact_view(record, INCLUDES & body.keys()))


def _check_change(
    call: Call, record: ContactRecord, body: Mapping[str, Any], complaints: Complaints
) -> None:
    """Complain about changes that are right in themselves but not for this contact."""
    if record.is_deleted and body.get("update_source") == "Contact":
        complaints.append("update_source must be Account to restore a deleted contact")
    email = body.get("email_address")
    wanted = email.get("permission_to_send") if isinstance(email, dict) else None
    is_lowered = (record.permission, wanted) == ("explicit", "implicit")
    if is_lowered and not call.settings.may_lower_permission:
        complaints.append("permission_to_send cannot be changed from explicit to implicit")
    stays_out = record.permission == "unsubscribed" and wanted in (None, "unsubscribed")
    if stays_out and body.get("list_memberships"):
        complaints.append("list_memberships cannot be set for an unsubscribed contact")


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
    revive(record)
    if email.get("address") and matched(email["address"]) != matched(record.address or ""):
        call.state.contacts.set_address(record, email["address"].strip())
        record.address_updated_at = call.now
    permission, reason = email.get("permission_to_send"), email.get("opt_out_reason")
    if permission and (permission != record.permission or reason):
        set_permission(record, permission, source, call.now, reason)
    set_person(record, body, keeps_absent=False)
    write_parts(call, record, body, source)


def delete_contact(call: Call) -> Reply:
    """`DELETE /contacts/{contact_id}`: 204; a contact that is deleted already is not found."""
    record = known_contact(call)
    if record.is_deleted:
        raise not_found()
    delete(call.state, record, call.now)
    return Reply(204, {})


def resubscribe(call: Call) -> Reply:
    """`PUT /contacts/resubscribe/{contact_id}`: asks an unsubscribed person back, once.

    The person stays unsubscribed until they answer.
    """
    record = known_contact(call)
    body = call.json_object()
    complaints = Complaints()
    if not body.get("list_ids"):
        complaints.missing("list_ids")
    check_lists(call.state, body.get("list_ids"), complaints)
    complaints.raise_any()
    if record.permission != "unsubscribed":
        raise conflict("The contact is not unsubscribed.")
    if record.is_resubscribe_sent:
        raise conflict("A resubscribe email was already sent to this contact.")
    record.is_resubscribe_sent, record.confirm_status = True, "pending"
    call.state.contacts.join(record, unique(body["list_ids"]))
    record.updated_at = call.now
    call.state.contacts.save(record)
    return json_reply(200, contact_view(record, ("list_memberships",)))


def count_contacts(call: Call) -> Reply:
    """`GET /contacts/counts`: how many there are of each permission."""
    include = call.params.get("include")
    if include not in {None, "new_subscriber", "new_subscribers"}:
        raise invalid("include does not have a valid value")
    counts = dict.fromkeys(("total", *PERMISSION_COUNTS.values()), 0)
    new = 0
    place = at("permission")
    for row in filter(is_present, call.state.contacts.newest_first()):
        counts["total"] += 1
        if name := PERMISSION_COUNTS.get(row[place]):
            counts[name] += 1
        new += is_new_subscriber(row, call.now)
    return json_reply(200, counts | ({"new_subscriber": new} if include else {}))


def find_contact_xrefs(call: Call) -> Reply:
    """`GET /contacts/contact_id_xrefs`: the n-th contact of the account had the id n."""
    contacts = call.state.contacts
    known = [one for one in read_sequence_ids(call.params) if 0 < one <= len(contacts)]
    xrefs = [
        {"sequence_id": str(one), "contact_id": contacts.load(one - 1).contact_id} for one in known
    ]
    return json_reply(200, {"xrefs": xrefs})


def get_sms_history(call: Call) -> Reply:
    """`GET /contacts/sms_engagement_history/{contact_id}`: newest first."""
    record = known_contact(call)
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
                "insert_time": text_of(entry["at"]),
                "history_details": dict(entry["details"]),
            }
            for entry in reversed(sms.history)
        ],
    )
