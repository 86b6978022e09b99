"""`/contact_tags`: all operations on tags."""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._activities import start_activity
from cc_async.sandbox._activity_queue import ActivityRecord, Steps
from cc_async.sandbox._activity_views import internal_view
from cc_async.sandbox._answers import conflict, invalid, json_reply, not_found
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints, read_flag
from cc_async.sandbox._clock import eastern_text_of
from cc_async.sandbox._contact_search import is_present
from cc_async.sandbox._state import State, TagRecord
from cc_async.wire import Reply

MOST_TAGS = 500
SOURCES = frozenset({"Contact", "Account"})


def add_tag(state: State, name: str, now: float, source: str = "Contact") -> TagRecord:
    """Add a tag to the account."""
    number = max((one.number for one in state.tags.values()), default=-1) + 1
    record = TagRecord(state.ids.new(), number, name, source, now, now)
    state.tags[record.tag_id] = record
    return record


def find_tags(call: Call) -> Reply:
    """`GET /contact_tags`: a page of tags, newest first."""
    paging = call.paging(most=500)
    is_counted = read_flag(paging.params, "include_count")
    rest = [
        one
        for one in reversed(call.state.tags.values())
        if paging.start is None or one.number <= paging.start
    ]
    page = {"tags": [tag_view(call.state, one, is_counted) for one in rest[: paging.limit]]}
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def tag_view(state: State, record: TagRecord, is_counted: bool = False) -> dict[str, Any]:
    view: dict[str, Any] = {
        "tag_id": record.tag_id,
        "name": record.name,
        "tag_source": record.source,
    }
    if is_counted:
        numbers = state.contacts.tagged(record.tag_id)
        view["contacts_count"] = sum(is_present(state.contacts.row(number)) for number in numbers)
    view["created_at"] = eastern_text_of(record.created_at)
    view["updated_at"] = eastern_text_of(record.updated_at)
    return view


def get_tag(call: Call) -> Reply:
    """`GET /contact_tags/{tag_id}`."""
    is_counted = read_flag(call.params, "include_count")
    return json_reply(200, tag_view(call.state, _known(call), is_counted))


def _known(call: Call) -> TagRecord:
    record = call.state.tags.get(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_tag(call: Call) -> Reply:
    """`POST /contact_tags`: a new tag; names are unique."""
    body = _read(call)
    _refuse_taken(call.state, body["name"], None)
    if len(call.state.tags) >= MOST_TAGS:
        raise invalid(f"the account has {MOST_TAGS} tags already")
    source = body.get("tag_source", "Contact")
    return json_reply(
        201, tag_view(call.state, add_tag(call.state, body["name"], call.now, source))
    )


def put_tag(call: Call) -> Reply:
    """`PUT /contact_tags/{tag_id}`: another name."""
    record = _known(call)
    body = _read(call)
    _refuse_taken(call.state, body["name"], record)
    record.name, record.updated_at = body["name"], call.now
    return json_reply(200, tag_view(call.state, record))


def _read(call: Call) -> dict[str, Any]:
    body = call.json_object()
    complaints = Complaints()
    if "name" not in body:
        complaints.missing("name")
    complaints.check_text(body, "name", 255, least=1)
    if isinstance(body.get("name"), str) and not {"<", ">"}.isdisjoint(body["name"]):
        complaints.wrong("name")
    if not isinstance(body.get("tag_source", ""), str):
        complaints.wrong("tag_source")
    complaints.raise_any()
    return body


def _refuse_taken(state: State, name: str, itself: TagRecord | None) -> None:
    for one in state.tags.values():
        if one is not itself and one.name.lower() == name.lower():
            raise conflict("Tag name already exists.")


def delete_tag(call: Call) -> Reply:
    """`DELETE /contact_tags/{tag_id}`: 202; the tag goes when its activity runs."""
    tag_id = _known(call).tag_id
    activity = start_activity(call, "contacts_tags_delete", 1)
    activity.steps = drop_tags(call.state, activity, (tag_id,))
    return json_reply(202, internal_view(activity, call, "v3"))


def drop_tags(state: State, activity: ActivityRecord, tag_ids: tuple[str, ...]) -> Steps:
    """Delete tags, one a step, and take them off their contacts."""
    activity.counters = {"items_total_count": len(tag_ids), "items_completed_count": 0}
    for tag_id in tag_ids:
        for number in tuple(state.contacts.tagged(tag_id)):
            contact = state.contacts.load(number)
            state.contacts.set_tags(contact, tuple(one for one in contact.tags if one != tag_id))
            state.contacts.save(contact)
        state.tags.pop(tag_id, None)
        activity.counters["items_completed_count"] += 1
        yield
