"""The other bulk activities: memberships, tags, and deletions of every kind."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from cc_async.sandbox._activities import refuse_full_queue, start_activity
from cc_async.sandbox._activity_queue import ActivityRecord, Steps
from cc_async.sandbox._activity_views import activity_view
from cc_async.sandbox._answers import Refusal, invalid, json_reply, not_found
from cc_async.sandbox._bulk_sources import Source, read_id_list, read_source, resolve
from cc_async.sandbox._call import Call
from cc_async.sandbox._contact_book import ContactRecord
from cc_async.sandbox._contact_changes import delete, revive
from cc_async.sandbox._custom_fields import drop_field
from cc_async.sandbox._lists import drop_lists
from cc_async.sandbox._state import State
from cc_async.sandbox._tags import drop_tags
from cc_async.wire import Reply

Change = Callable[[State, ContactRecord, tuple[str, ...]], None]

LIST_SOURCES = (
    "contact_ids", "list_ids", "tag_ids", "all_active_contacts", "engagement_level",
    "new_subscriber",
)  # fmt: skip
TAG_SOURCES = ("contact_ids", "list_ids", "tag_ids", "all_active_contacts", "new_subscriber")


def add_list_memberships(call: Call) -> Reply:
    """`POST /activities/add_list_memberships`: unsubscribed people stay off, deleted revive."""
    body, list_ids = _read(call, "list_ids", 50, call.state.find_list, invalid)
    source = read_source(body, (*LIST_SOURCES, "segment_id"))
    return _start(call, "add_list_memberships", source, list_ids, _join)


def remove_list_memberships(call: Call) -> Reply:
    """`POST /activities/remove_list_memberships`."""
    body, list_ids = _read(call, "list_ids", 50, call.state.find_list, not_found)
    return _start(
        call, "remove_list_memberships", read_source(body, LIST_SOURCES), list_ids, _leave
    )


def add_taggings(call: Call) -> Reply:
    """`POST /activities/contacts_taggings_add`."""
    body, tag_ids = _read(call, "tag_ids", 50, call.state.tags.get, not_found)
    return _start(call, "contacts_taggings_add", read_source(body, TAG_SOURCES), tag_ids, _tag)


def remove_taggings(call: Call) -> Reply:
    """`POST /activities/contacts_taggings_remove`."""
    body, tag_ids = _read(call, "tag_ids", 50, call.state.tags.get, not_found)
    return _start(call, "contacts_taggings_remove", read_source(body, TAG_SOURCES), tag_ids, _untag)


def _read(
    call: Call,
    name: str,
    most: int,
    find: Callable[[str], object],
    refuse: Callable[[str], Refusal],
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the body and the lists or tags in it, all of which exist."""
    refuse_full_queue(call)
    body = call.json_object()
    ids = read_id_list(body, name, most)
    if not all(map(find, ids)):
        raise refuse(f"{name} does not have a valid value")
    return body, ids


def _start(
    call: Call, kind: str, source: Source, targets: tuple[str, ...], change: Change
) -> Reply:
    numbers = resolve(call, source)
    activity = start_activity(call, kind, len(numbers))
    activity.counters = {"items_total_count": len(numbers), "items_completed_count": 0}
    if "list" in kind:
        activity.counters["list_count"] = len(targets)
    activity.running_counters = {"items_total_count": len(numbers)}
    activity.steps = _change_all(call.state, activity, numbers, targets, change)
    return json_reply(201, activity_view(activity, call.now))


def _change_all(
    state: State,
    activity: ActivityRecord,
    numbers: list[int],
    targets: tuple[str, ...],
    change: Change,
) -> Steps:
    """Change contacts, one a step."""
    for number in numbers:
        record = state.contacts.load(number)
        change(state, record, targets)
        record.updated_at, record.update_source = activity.moment, "Account"
        state.contacts.save(record)
        activity.counters["items_completed_count"] += 1
        yield


def _join(state: State, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
    if record.permission != "unsubscribed":
        revive(record)
        state.contacts.join(record, list_ids)


def _leave(state: State, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
    state.contacts.leave(record, list_ids)


def _tag(state: State, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
    new = tuple(one for one in tag_ids if one not in record.tags)
    state.contacts.set_tags(record, (record.tags + new)[:50])


def _untag(state: State, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
    state.contacts.set_tags(record, tuple(one for one in record.tags if one not in tag_ids))


def delete_contacts(call: Call) -> Reply:
    """`POST /activities/contact_delete`: contacts by id, or everybody on some lists."""
    refuse_full_queue(call)
    body = call.json_object()
    named = [kind for kind in ("contact_ids", "list_ids") if kind in body]
    if len(named) != 1:
        raise invalid("exactly one of contact_ids and list_ids is required")
    ids = read_id_list(body, named[0], {"contact_ids": 500, "list_ids": 50}[named[0]])
    numbers = resolve(call, Source(named[0], ids))
    activity = start_activity(call, "contact_delete", len(numbers))
    activity.counters = {
        "list_count": len(ids) if named[0] == "list_ids" else 0,
        "items_total_count": len(numbers),
        "items_completed_count": 0,
    }
    activity.steps = _delete_all(call.state, activity, numbers)
    return json_reply(201, activity_view(activity, call.now))


def _delete_all(state: State, activity: ActivityRecord, numbers: list[int]) -> Steps:
    for number in numbers:
        record = state.contacts.load(number)
        if not record.is_deleted:
            delete(state, record, activity.moment)
        activity.counters["items_completed_count"] += 1
        yield


def delete_lists(call: Call) -> Reply:
    """`POST /activities/list_delete`: lists go, their contacts stay."""
    list_ids = _read_targets(call, "list_ids", 100)
    activity = start_activity(call, "list_delete", len(list_ids))
    activity.steps = drop_lists(call.state, activity, list_ids)
    return json_reply(201, activity_view(activity, call.now))


def delete_tags(call: Call) -> Reply:
    """`POST /activities/contacts_tags_delete`."""
    tag_ids = _read_targets(call, "tag_ids", 500)
    activity = start_activity(call, "contacts_tags_delete", len(tag_ids))
    activity.steps = drop_tags(call.state, activity, tag_ids)
    return json_reply(201, activity_view(activity, call.now))


def delete_custom_fields(call: Call) -> Reply:
    """`POST /activities/custom_fields_delete`: fields go with all their values."""
    field_ids = _read_targets(call, "custom_field_ids", 100, known=call.state.custom_fields)
    activity = start_activity(call, "custom_fields_delete", len(field_ids))
    activity.steps = _drop_fields(call.state, field_ids)
    return json_reply(201, activity_view(activity, call.now))


def _read_targets(
    call: Call, name: str, most: int, known: Container[str] | None = None
) -> tuple[str, ...]:
    refuse_full_queue(call)
    ids = read_id_list(call.json_object(), name, most)
    if known is not None and not all(one in known for one in ids):
        raise not_found()
    return ids


def _drop_fields(state: State, field_ids: tuple[str, ...]) -> Steps:
    for field_id in field_ids:
        drop_field(state, field_id)
        yield
