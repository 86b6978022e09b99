"""`/activities`: start bulk activities, and look them up.

https://developer.constantcontact.com/api_guide/activity_status.html
"""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox.activities._activity_views import activity_view, state_of
from cc_async.sandbox.http import json_reply, not_found, queue_full, read_choice
from cc_async.sandbox.storage import ActivityRecord
from cc_async.wire import Reply

STATE_FILTERS = ("processing", "completed", "cancelled", "failed", "timed_out")
"""States that a query may name; `initialized` is a state and no filter."""

MAX_PAGE = 500
"""Activities on a page: the page above."""


def refuse_full_queue(call: Call) -> None:
    """Refuse another activity while too many wait or run.

    https://developer.constantcontact.com/api_guide/bulk_activities.html
    """
    limit = call.settings.max_queued
    if call.state.activities.open_count >= limit:
        raise queue_full(limit)


def start_activity(call: Call, kind: str, total_steps: int) -> ActivityRecord:
    """Queue an activity of *total_steps* steps; the caller then sets its *steps*.

    Raises:
        ErrorReply: 429 when the queue is full.
    """
    refuse_full_queue(call)
    record = call.state.activities.add(call.state.ids.new(), kind, call.now, total_steps)
    record.request = call.request
    return record


def find_activities(call: Call) -> Reply:
    """`GET /activities`: the last ten days, newest first."""
    paging = call.paging(max_limit=MAX_PAGE)
    wanted = read_choice(paging.params, "state", STATE_FILTERS)
    visible_from = call.now - call.settings.list_delay
    rest = [
        one
        for one in call.state.activities.newest_first()
        if (paging.start is None or one.number <= paging.start)
        and (wanted is None or state_of(one, call.now) == wanted)
        and one.created_at <= visible_from
    ]
    shown = rest[: paging.limit]
    # As observed, every item of a page has the link of the page's last one.
    link_id = shown[-1].activity_id if shown and call.settings.has_wrong_self_links else ""
    page: dict[str, Any] = {"activities": [activity_view(one, call.now, link_id) for one in shown]}
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def get_activity(call: Call) -> Reply:
    """`GET /activities/{activity_id}`: 404 for an unknown id, or after ten days."""
    record = call.state.activities.get(call.id.lower())
    if record is None:
        raise not_found("Resource not found for the activity_id provided")
    return json_reply(200, activity_view(record, call.now))
