"""Activities as replies show them, with the misleading self links that were observed."""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.storage import ActivityRecord
from cc_async.wire import API_PREFIX


def state_of(record: ActivityRecord, now: float) -> str:
    """Return an activity's state as replies show it."""
    if record.state is not None:
        return record.state
    is_new = now <= record.created_at or not record.is_started(now)
    return "initialized" if is_new else "processing"


def activity_view(record: ActivityRecord, now: float, link_id: str = "") -> dict[str, Any]:
    """Return *record* as JSON; its self link names *link_id*, or the activity itself."""
    state = state_of(record, now)
    percent = max(1, min(99, int(100 * record.progress(now))))
    view: dict[str, Any] = {"activity_id": record.activity_id, "state": state}
    if state != "initialized":
        view["started_at"] = utc_text(min(record.starts_at, record.ends_at))
    if state in {"completed", "cancelled"}:
        view["completed_at"] = utc_text(record.ends_at)
    view["created_at"] = utc_text(record.created_at)
    view["updated_at"] = utc_text(_updated_at(record, state, now))
    if record.source_file_name is not None:
        view["source_file_name"] = record.source_file_name
    view["percent_done"] = 100 if state == "completed" else 1 if record.state else percent
    view["activity_errors"] = list(record.errors)
    if record.has_status or state != "initialized":
        view["status"] = _status(record, state)
    view["_links"] = _links(record, link_id, state)
    return view


def _updated_at(record: ActivityRecord, state: str, now: float) -> float:
    if record.state is not None:
        return record.ends_at
    return record.seen_at(now) if state == "processing" else record.created_at


def _status(record: ActivityRecord, state: str) -> dict[str, int]:
    if state == "completed":
        return dict(record.counters)
    return dict(record.running_counters) if state == "processing" else {}


def _links(record: ActivityRecord, link_id: str, state: str) -> dict[str, Any]:
    links = {"self": {"href": f"{API_PREFIX}/activities/{link_id or record.activity_id}"}}
    if record.results_id is not None and state == "completed":
        links["results"] = {"href": f"{API_PREFIX}/contact_exports/{record.results_id}"}
    return links


def internal_view(record: ActivityRecord, call: Call, version: str) -> dict[str, Any]:
    """Return the view after deleting a list or a tag: its self link is internal, as observed."""
    view = activity_view(record, call.now)
    if call.settings.has_wrong_self_links:
        href = f"/contacts-service/{version}/accounts/100000001/activities/{record.activity_id}"
        view["_links"] = {"self": {"href": href}}
    return view
