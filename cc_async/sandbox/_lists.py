"""`/contact_lists`: all operations on lists."""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._activities import start_activity
from cc_async.sandbox._activity_queue import ActivityRecord, Steps
from cc_async.sandbox._activity_views import internal_view
from cc_async.sandbox._answers import conflict, invalid, json_reply, not_found
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints, read_choice, read_flag, read_sequence_ids
from cc_async.sandbox._clock import text_of
from cc_async.sandbox._contact_book import at
from cc_async.sandbox._contact_search import count_mailable
from cc_async.sandbox._state import ListRecord, State
from cc_async.wire import API_PREFIX, Reply

MOST_LISTS = 1_000
MOST_LETTERS = 255


def add_list(state: State, name: str, now: float) -> ListRecord:
    """Add a list to the account."""
    record = ListRecord(state.ids.new(), len(state.lists), name, now, now)
    state.lists[record.list_id] = record
    return record


def find_lists(call: Call) -> Reply:
    """`GET /contact_lists`: a page of lists, newest first."""
    paging = call.paging(most=1_000)
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
    state: State, record: ListRecord, counted: str | None = None, has_sms_count: bool = False
) -> dict[str, Any]:
    """Return *record* as JSON, with the number of its members when it was asked for."""
    view: dict[str, Any] = {"list_id": record.list_id, "name": record.name}
    if record.description is not None:
        view["description"] = record.description
    view["favorite"] = record.is_favorite
    view["created_at"] = text_of(record.created_at)
    view["updated_at"] = text_of(record.updated_at)
    if record.deleted_at is not None:
        view["deleted_at"] = text_of(record.deleted_at)
    members = state.contacts.members(record.list_id)
    if counted == "all":
        view["membership_count"] = len(members)
    elif counted == "active":
        view["membership_count"] = count_mailable(state.contacts, members)
    if has_sms_count:
        view["sms_membership_count"] = _sms_members(state, record)
    return view


def _sms_members(state: State, record: ListRecord) -> int:
    members = state.contacts.members(record.list_id)
    return sum(state.contacts.row(number)[at("sms")] is not None for number in members)


def get_list(call: Call) -> Reply:
    """`GET /contact_lists/{list_id}`; a deleted list is gone."""
    counted = read_choice(call.params, "include_membership_count", ("all", "active"))
    return json_reply(200, list_view(call.state, _known(call), counted))


def _known(call: Call) -> ListRecord:
    record = call.state.find_list(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_list(call: Call) -> Reply:
    """`POST /contact_lists`: a new list; names are unique."""
    body = _read(call)
    _refuse_taken(call.state, body["name"], None)
    if sum(one.deleted_at is None for one in call.state.lists.values()) >= MOST_LISTS:
        raise invalid(f"the account has {MOST_LISTS:,} lists already")
    record = add_list(call.state, body["name"], call.now)
    _write(record, body, call.now)
    return json_reply(201, list_view(call.state, record))


def put_list(call: Call) -> Reply:
    """`PUT /contact_lists/{list_id}`: replaces name, description and favorite as a whole."""
    record = _known(call)
    body = _read(call)
    _refuse_taken(call.state, body["name"], record)
    _write(record, body, call.now)
    return json_reply(200, list_view(call.state, record))


def find_list_xrefs(call: Call) -> Reply:
    """`GET /contact_lists/list_id_xrefs`: the n-th list of the account had the id n."""
    known = list(call.state.lists)
    xrefs = [
        {"sequence_id": str(one), "list_id": known[one - 1]}
        for one in read_sequence_ids(call.params)
        if 0 < one <= len(known)
    ]
    return json_reply(200, {"xrefs": xrefs})


def _read(call: Call) -> dict[str, Any]:
    body = call.json_object()
    complaints = Complaints()
    if "name" not in body:
        complaints.missing("name")
    complaints.check_text(body, "name", MOST_LETTERS, least=1)
    complaints.check_text(body, "description", 1_000)
    if not isinstance(body.get("favorite", False), bool):
        complaints.wrong("favorite")
    complaints.raise_any()
    return body


def _refuse_taken(state: State, name: str, itself: ListRecord | None) -> None:
    for one in state.lists.values():
        if one is not itself and one.deleted_at is None and one.name.lower() == name.lower():
            raise conflict("List name already exists.")


def _write(record: ListRecord, body: dict[str, Any], now: float) -> None:
    record.name = body["name"]
    record.description = body.get("description")
    record.is_favorite = body.get("favorite", False)
    record.updated_at = now


def delete_list(call: Call) -> Reply:
    """`DELETE /contact_lists/{list_id}`: 202; the list goes when its activity runs."""
    list_id = _known(call).list_id
    activity = start_activity(call, "list_delete", 1)
    activity.steps = drop_lists(call.state, activity, (list_id,))
    activity.has_status = False
    href = f"{API_PREFIX}/activities/{activity.activity_id}"
    return json_reply(202, internal_view(activity, call, "v4"), {"location": href})


def drop_lists(state: State, activity: ActivityRecord, list_ids: tuple[str, ...]) -> Steps:
    """Delete lists, one a step; their contacts stay."""
    for list_id in list_ids:
        record = state.find_list(list_id)
        if record is not None:
            for number in tuple(state.contacts.members(list_id)):
                contact = state.contacts.load(number)
                state.contacts.leave(contact, (list_id,))
                state.contacts.save(contact)
            record.deleted_at = record.updated_at = activity.moment
        activity.counters["list_count"] = activity.counters.get("list_count", 0) + 1
        yield
