"""Bulk activities that delete: contacts, lists, tags and custom fields.

https://developer.constantcontact.com/api_guide/bulk_activities.html
"""

from __future__ import annotations

from collections.abc import Container

from cc_async.sandbox._call import Call
from cc_async.sandbox.activities._activities import refuse_full_queue, start_activity
from cc_async.sandbox.activities._activity_views import activity_view
from cc_async.sandbox.activities._contact_selection import (
    MAX_IDS,
    ContactSelection,
    read_id_list,
    selected_numbers,
)
from cc_async.sandbox.contacts import mark_deleted
from cc_async.sandbox.http import bad_request, json_reply, not_found
from cc_async.sandbox.storage import AccountState, ActivityRecord, Steps, column_index
from cc_async.wire import Reply

MAX_DELETED_LISTS = 100
"""Lists in one request: https://developer.constantcontact.com/api_guide/lists_delete.html"""

MAX_DELETED_TAGS = 500
"""Tags in one request: the provider's contract."""

MAX_DELETED_FIELDS = 100
"""Custom fields in one request: the provider's contract."""


def delete_contacts(call: Call) -> Reply:
    """`POST /activities/contact_delete`: contacts by id, or all members of some lists."""
    refuse_full_queue(call)
    body = call.json_object()
    named = [kind for kind in ("contact_ids", "list_ids") if kind in body]
    if len(named) != 1:
        raise bad_request("exactly one of contact_ids and list_ids is required")
    ids = read_id_list(body, named[0], MAX_IDS[named[0]])
    numbers = selected_numbers(call, ContactSelection(named[0], ids))
    activity = start_activity(call, "contact_delete", len(numbers))
    activity.counters = {
        "list_count": len(ids) if named[0] == "list_ids" else 0,
        "items_total_count": len(numbers),
        "items_completed_count": 0,
    }
    activity.steps = _drop_contacts(call.state, activity, numbers)
    return json_reply(201, activity_view(activity, call.now))


def _drop_contacts(state: AccountState, activity: ActivityRecord, numbers: list[int]) -> Steps:
    for number in numbers:
        record = state.contacts.load(number)
        if not record.is_deleted:
            mark_deleted(state, record, activity.step_time)
        activity.counters["items_completed_count"] += 1
        yield


def delete_lists(call: Call) -> Reply:
    """`POST /activities/list_delete`: deletes lists; their contacts stay."""
    list_ids = _read_ids(call, "list_ids", MAX_DELETED_LISTS)
    activity = start_activity(call, "list_delete", len(list_ids))
    activity.steps = drop_lists(call.state, activity, list_ids)
    return json_reply(201, activity_view(activity, call.now))


def drop_lists(state: AccountState, activity: ActivityRecord, list_ids: tuple[str, ...]) -> Steps:
    """Delete lists, one a step; their contacts stay."""
    for list_id in list_ids:
        record = state.find_list(list_id)
        if record is not None:
            for number in tuple(state.contacts.members(list_id)):
                contact = state.contacts.load(number)
                state.contacts.remove_from_lists(contact, (list_id,))
                state.contacts.save(contact)
            record.deleted_at = record.updated_at = activity.step_time
        activity.counters["list_count"] = activity.counters.get("list_count", 0) + 1
        yield


def delete_tags(call: Call) -> Reply:
    """`POST /activities/contacts_tags_delete`."""
    tag_ids = _read_ids(call, "tag_ids", MAX_DELETED_TAGS)
    activity = start_activity(call, "contacts_tags_delete", len(tag_ids))
    activity.steps = drop_tags(call.state, activity, tag_ids)
    return json_reply(201, activity_view(activity, call.now))


def drop_tags(state: AccountState, activity: ActivityRecord, tag_ids: tuple[str, ...]) -> Steps:
    """Delete tags, one a step, and remove them from their contacts."""
    activity.counters = {"items_total_count": len(tag_ids), "items_completed_count": 0}
    for tag_id in tag_ids:
        for number in tuple(state.contacts.tagged(tag_id)):
            contact = state.contacts.load(number)
            state.contacts.set_tags(contact, tuple(one for one in contact.tags if one != tag_id))
            state.contacts.save(contact)
        state.tags.pop(tag_id, None)
        activity.counters["items_completed_count"] += 1
        yield


def delete_custom_fields(call: Call) -> Reply:
    """`POST /activities/custom_fields_delete`: deletes fields and all their values."""
    known = call.state.custom_fields
    field_ids = _read_ids(call, "custom_field_ids", MAX_DELETED_FIELDS, known=known)
    activity = start_activity(call, "custom_fields_delete", len(field_ids))
    activity.steps = _drop_fields(call.state, field_ids)
    return json_reply(201, activity_view(activity, call.now))


def _drop_fields(state: AccountState, field_ids: tuple[str, ...]) -> Steps:
    for field_id in field_ids:
        drop_field(state, field_id)
        yield


def drop_field(state: AccountState, field_id: str) -> None:
    """Delete a custom field, and its values of all contacts."""
    state.custom_fields.pop(field_id, None)
    place = column_index("custom_fields")
    for row in tuple(state.contacts.newest_first()):
        if any(key == field_id for key, _ in row[place]):
            record = state.contacts.load(row[column_index("number")])
            kept = (pair for pair in record.custom_fields if pair[0] != field_id)
            record.custom_fields = tuple(kept)
            state.contacts.save(record)


def _read_ids(
    call: Call, name: str, max_ids: int, known: Container[str] | None = None
) -> tuple[str, ...]:
    refuse_full_queue(call)
    ids = read_id_list(call.json_object(), name, max_ids)
    if known is not None and not all(one in known for one in ids):
        raise not_found()
    return ids
