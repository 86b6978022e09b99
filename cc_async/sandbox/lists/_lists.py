"""`/contact_lists`: all operations on lists.

https://v3.developer.constantcontact.com/api_guide/lists_overview.html
"""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.activities import drop_lists, internal_view, start_activity
from cc_async.sandbox.contacts import count_active
from cc_async.sandbox.http import (
    ValidationErrors,
    bad_request,
    conflict,
    json_reply,
    not_found,
    read_choice,
    read_flag,
    read_sequence_ids,
)
from cc_async.sandbox.storage import AccountState, ListRecord, column_index
from cc_async.wire import API_PREFIX, Reply

MAX_LISTS_IN_ACCOUNT = 1_000
"""Lists of the account: the page above."""

MAX_PAGE = 1_000
"""Lists on a page: the page above."""

MAX_NAME_LENGTH = 255
"""Characters: the page above."""

MAX_DESCRIPTION_LENGTH = 1_000
"""Characters. Our own choice, since the guide names no limit."""


def add_list(state: AccountState, name: str, now: float) -> ListRecord:
    """Add a list to the account."""
    record = ListRecord(state.ids.new(), len(state.lists), name, now, now)
    state.lists[record.list_id] = record
    return record


def find_lists(call: Call) -> Reply:
    """`GET /contact_lists`: a page of lists, newest first."""
    paging = call.paging(max_limit=MAX_PAGE)
    counted = read_choice(paging.params, "include_membership_count", ("all", "active"))
    has_sms_count = read_flag(paging.params, "include_sms_membership_count")
    status = read_choice(paging.params, "status", ("all", "active", "deleted")) or "active"
    channel = read_choice(paging.params, "channel_type", ("email", "sms")) or "email"
    found = [
        one
        for one in reversed(call.state.lists.values())
        if (status == "all" or (one.deleted_at is not None) == (status == "deleted"))
        and paging.params.get("name") in {None, one.name}
        and (channel == "email" or _sms_members(call.state, one))
    ]
    rest = [one for one in found if paging.start is None or one.number <= paging.start]
    page: dict[str, Any] = {
        "lists": [
            list_view(call.state, one, counted, has_sms_count) for one in rest[: paging.limit]
        ]
    }
    if read_flag(paging.params, "include_count"):
        page["lists_count"] = len(found)
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def list_view(
    state: AccountState, record: ListRecord, counted: str | None = None, has_sms_count: bool = False
) -> dict[str, Any]:
    """Return *record* as JSON, with the counts of its members that were asked for."""
    view: dict[str, Any] = {"list_id": record.list_id, "name": record.name}
    if record.description is not None:
        view["description"] = record.description
    view["favorite"] = record.is_favorite
    view["created_at"] = utc_text(record.created_at)
    view["updated_at"] = utc_text(record.updated_at)
    if record.deleted_at is not None:
        view["deleted_at"] = utc_text(record.deleted_at)
    members = state.contacts.members(record.list_id)
    if counted == "all":
        view["membership_count"] = len(members)
    elif counted == "active":
        view["membership_count"] = count_active(state.contacts, members)
    if has_sms_count:
        view["sms_membership_count"] = _sms_members(state, record)
    return view


def _sms_members(state: AccountState, record: ListRecord) -> int:
    members, place = state.contacts.members(record.list_id), column_index("sms")
    return sum(state.contacts.row(number)[place] is not None for number in members)


def get_list(call: Call) -> Reply:
    """`GET /contact_lists/{list_id}`: 404 for a deleted list."""
    counted = read_choice(call.params, "include_membership_count", ("all", "active"))
    return json_reply(200, list_view(call.state, _find_known(call), counted))


def _find_known(call: Call) -> ListRecord:
    record = call.state.find_list(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_list(call: Call) -> Reply:
    """`POST /contact_lists`: a new list; names are unique."""
    body = _read(call)
    _refuse_taken(call.state, body["name"], None)
    if sum(one.deleted_at is None for one in call.state.lists.values()) >= MAX_LISTS_IN_ACCOUNT:
        raise bad_request(f"the account has {MAX_LISTS_IN_ACCOUNT:,} lists already")
    record = add_list(call.state, body["name"], call.now)
    _write(record, body, call.now)
    return json_reply(201, list_view(call.state, record))


def put_list(call: Call) -> Reply:
    """`PUT /contact_lists/{list_id}`: replaces name, description and favorite as a whole."""
    record = _find_known(call)
    body = _read(call)
    _refuse_taken(call.state, body["name"], record)
    _write(record, body, call.now)
    return json_reply(200, list_view(call.state, record))


def find_list_xrefs(call: Call) -> Reply:
    """`GET /contact_lists/list_id_xrefs`: the account's n-th list had the old id n."""
    known = list(call.state.lists)
    xrefs = [
        {"sequence_id": str(one), "list_id": known[one - 1]}
        for one in read_sequence_ids(call.params)
        if 0 < one <= len(known)
    ]
    return json_reply(200, {"xrefs": xrefs})


def _read(call: Call) -> dict[str, Any]:
    body = call.json_object()
    errors = ValidationErrors()
    if "name" not in body:
        errors.missing("name")
    errors.check_text(body, "name", MAX_NAME_LENGTH, min_length=1)
    errors.check_text(body, "description", MAX_DESCRIPTION_LENGTH)
    if not isinstance(body.get("favorite", False), bool):
        errors.invalid("favorite")
    errors.raise_any()
    return body


def _refuse_taken(state: AccountState, name: str, itself: ListRecord | None) -> None:
    for one in state.lists.values():
        if one is not itself and one.deleted_at is None and one.name.lower() == name.lower():
            raise conflict("List name already exists.")


def _write(record: ListRecord, body: dict[str, Any], now: float) -> None:
    record.name = body["name"]
    record.description = body.get("description")
    record.is_favorite = body.get("favorite", False)
    record.updated_at = now


def delete_list(call: Call) -> Reply:
    """`DELETE /contact_lists/{list_id}`: 202; an activity deletes the list.

    https://developer.constantcontact.com/api_guide/lists_delete.html
    """
    list_id = _find_known(call).list_id
    activity = start_activity(call, "list_delete", 1)
    activity.steps = drop_lists(call.state, activity, (list_id,))
    activity.has_status = False
    href = f"{API_PREFIX}/activities/{activity.activity_id}"
    return json_reply(202, internal_view(activity, call, "v4"), {"location": href})
