"""`/contact_tags`: all operations on tags.

https://developer.constantcontact.com/api_guide/tags_get.html
"""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import eastern_text
from cc_async.sandbox.activities import drop_tags, internal_view, start_activity
from cc_async.sandbox.contacts import is_present
from cc_async.sandbox.http import (
    ValidationErrors,
    bad_request,
    conflict,
    json_reply,
    not_found,
    read_flag,
)
from cc_async.sandbox.storage import AccountState, TagRecord
from cc_async.wire import Reply

MAX_TAGS_IN_ACCOUNT = 500
"""Tags of the account: the provider's contract."""

MAX_PAGE = 500
"""Tags on a page: the page above."""


def add_tag(state: AccountState, name: str, now: float, source: str = "Contact") -> TagRecord:
    """Add a tag to the account."""
    number = max((one.number for one in state.tags.values()), default=-1) + 1
    record = TagRecord(state.ids.new(), number, name, source, now, now)
    state.tags[record.tag_id] = record
    return record


def find_tags(call: Call) -> Reply:
    """`GET /contact_tags`: a page of tags, newest first."""
    paging = call.paging(max_limit=MAX_PAGE)
    is_counted = read_flag(paging.params, "include_count")
    rest = [
        one
        for one in reversed(call.state.tags.values())
        if paging.start is None or one.number <= paging.start
    ]
    page = {"tags": [tag_view(call.state, one, is_counted) for one in rest[: paging.limit]]}
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def tag_view(state: AccountState, record: TagRecord, is_counted: bool = False) -> dict[str, Any]:
    """Return *record* as JSON, with the number of its contacts if *is_counted*."""
    view: dict[str, Any] = {
        "tag_id": record.tag_id,
        "name": record.name,
        "tag_source": record.source,
    }
    if is_counted:
        numbers = state.contacts.tagged(record.tag_id)
        view["contacts_count"] = sum(is_present(state.contacts.row(number)) for number in numbers)
    view["created_at"] = eastern_text(record.created_at)
    view["updated_at"] = eastern_text(record.updated_at)
    return view


def get_tag(call: Call) -> Reply:
    """`GET /contact_tags/{tag_id}`."""
    is_counted = read_flag(call.params, "include_count")
    return json_reply(200, tag_view(call.state, _find_known(call), is_counted))


def _find_known(call: Call) -> TagRecord:
    record = call.state.tags.get(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_tag(call: Call) -> Reply:
    """`POST /contact_tags`: a new tag; names are unique."""
    body = _read(call)
    _refuse_taken(call.state, body["name"], None)
    if len(call.state.tags) >= MAX_TAGS_IN_ACCOUNT:
        raise bad_request(f"the account has {MAX_TAGS_IN_ACCOUNT} tags already")
    source = body.get("tag_source", "Contact")
    record = add_tag(call.state, body["name"], call.now, source)
    return json_reply(201, tag_view(call.state, record))


def put_tag(call: Call) -> Reply:
    """`PUT /contact_tags/{tag_id}`: another name."""
    record = _find_known(call)
    body = _read(call)
    _refuse_taken(call.state, body["name"], record)
    record.name, record.updated_at = body["name"], call.now
    return json_reply(200, tag_view(call.state, record))


def _read(call: Call) -> dict[str, Any]:
    body = call.json_object()
    errors = ValidationErrors()
    if "name" not in body:
        errors.missing("name")
    errors.check_text(body, "name", 255, min_length=1)
    if isinstance(body.get("name"), str) and not {"<", ">"}.isdisjoint(body["name"]):
        errors.invalid("name")
    if not isinstance(body.get("tag_source", ""), str):
        errors.invalid("tag_source")
    errors.raise_any()
    return body


def _refuse_taken(state: AccountState, name: str, itself: TagRecord | None) -> None:
    for one in state.tags.values():
        if one is not itself and one.name.lower() == name.lower():
            raise conflict("Tag name already exists.")


def delete_tag(call: Call) -> Reply:
    """`DELETE /contact_tags/{tag_id}`: 202; an activity deletes the tag."""
    tag_id = _find_known(call).tag_id
    activity = start_activity(call, "contacts_tags_delete", 1)
    activity.steps = drop_tags(call.state, activity, (tag_id,))
    return json_reply(202, internal_view(activity, call, "v3"))
