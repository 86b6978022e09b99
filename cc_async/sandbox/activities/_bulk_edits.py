"""Bulk activities that change contacts: list memberships and tags.

https://developer.constantcontact.com/api_guide/bulk_activities.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox.activities._activities import refuse_full_queue, start_activity
from cc_async.sandbox.activities._activity_views import activity_view
from cc_async.sandbox.activities._contact_selection import (
    MAX_IDS,
    ContactSelection,
    read_id_list,
    read_selection,
    selected_numbers,
)
from cc_async.sandbox.contacts import undelete
from cc_async.sandbox.http import ErrorReply, bad_request, json_reply, not_found
from cc_async.sandbox.storage import (
    MAX_TAGS_PER_CONTACT,
    AccountState,
    ActivityRecord,
    ContactRecord,
    Steps,
)
from cc_async.wire import Reply

ContactChange = Callable[[AccountState, ContactRecord, tuple[str, ...]], None]

LIST_SOURCES = (
    "contact_ids", "list_ids", "tag_ids", "all_active_contacts", "engagement_level",
    "new_subscriber",
)  # fmt: skip
TAG_SOURCES = ("contact_ids", "list_ids", "tag_ids", "all_active_contacts", "new_subscriber")


def add_list_memberships(call: Call) -> Reply:
    """`POST /activities/add_list_memberships`: undeletes contacts; skips unsubscribed ones.

    https://developer.constantcontact.com/api_guide/add_list_membership.html
    """
    body, list_ids = _read(call, "list_ids", call.state.find_list, bad_request)
    selection = read_selection(body, (*LIST_SOURCES, "segment_id"))
    return _start(call, "add_list_memberships", selection, list_ids, _join)


def remove_list_memberships(call: Call) -> Reply:
    """`POST /activities/remove_list_memberships`."""
    body, list_ids = _read(call, "list_ids", call.state.find_list, not_found)
    selection = read_selection(body, LIST_SOURCES)
    return _start(call, "remove_list_memberships", selection, list_ids, _leave)


def add_taggings(call: Call) -> Reply:
    """`POST /activities/contacts_taggings_add`."""
    body, tag_ids = _read(call, "tag_ids", call.state.tags.get, not_found)
    selection = read_selection(body, TAG_SOURCES)
    return _start(call, "contacts_taggings_add", selection, tag_ids, _tag)


def remove_taggings(call: Call) -> Reply:
    """`POST /activities/contacts_taggings_remove`."""
    body, tag_ids = _read(call, "tag_ids", call.state.tags.get, not_found)
    selection = read_selection(body, TAG_SOURCES)
    return _start(call, "contacts_taggings_remove", selection, tag_ids, _untag)


def _read(
    call: Call,
    name: str,
    find: Callable[[str], object],
    refuse: Callable[[str], ErrorReply],
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the body, and the ids of its lists or tags, which all exist."""
    refuse_full_queue(call)
    body = call.json_object()
    ids = read_id_list(body, name, MAX_IDS[name])
    if not all(map(find, ids)):
        raise refuse(f"{name} does not have a valid value")
    return body, ids


def _start(
    call: Call,
    kind: str,
    selection: ContactSelection,
    targets: tuple[str, ...],
    change: ContactChange,
) -> Reply:
    numbers = selected_numbers(call, selection)
    activity = start_activity(call, kind, len(numbers))
    activity.counters = {"items_total_count": len(numbers), "items_completed_count": 0}
    if "list" in kind:
        activity.counters["list_count"] = len(targets)
    activity.running_counters = {"items_total_count": len(numbers)}
    activity.steps = _change_all(call.state, activity, numbers, targets, change)
    return json_reply(201, activity_view(activity, call.now))


def _change_all(
    state: AccountState,
    activity: ActivityRecord,
    numbers: list[int],
    targets: tuple[str, ...],
    change: ContactChange,
) -> Steps:
    """Change contacts, one a step."""
    for number in numbers:
        record = state.contacts.load(number)
        change(state, record, targets)
        record.updated_at, record.update_source = activity.step_time, "Account"
        state.contacts.save(record)
        activity.counters["items_completed_count"] += 1
        yield


def _join(state: AccountState, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
    if record.permission != "unsubscribed":
        undelete(record)
        state.contacts.add_to_lists(record, list_ids)


def _leave(state: AccountState, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
    state.contacts.remove_from_lists(record, list_ids)


def _tag(state: AccountState, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
    new = tuple(one for one in tag_ids if one not in record.tags)
    state.contacts.set_tags(record, (record.tags + new)[:MAX_TAGS_PER_CONTACT])


def _untag(state: AccountState, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
    state.contacts.set_tags(record, tuple(one for one in record.tags if one not in tag_ids))
