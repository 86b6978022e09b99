"""Activities in a state file: finished ones as they ended, others to be started anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from cc_async.sandbox._activity_queue import ActivityRecord
from cc_async.sandbox._answers import Refusal
from cc_async.sandbox._call import Call, Incoming
from cc_async.sandbox._routes import find_route
from cc_async.sandbox._state import State
from cc_async.wire import API_PREFIX

KEPT = (
    "activity_id", "number", "kind", "created_at", "starts_at", "ends_at", "state",
    "counters", "source_file_name", "results_id", "held_at", "has_status",
)  # fmt: skip
"""What an activity is known by; how far its work has come is found out by doing it again."""

KEPT_HEADERS = ("content-type",)


def save_activities(state: State) -> list[dict[str, Any]]:
    """Return all activities as JSON."""
    return [
        {**{name: getattr(one, name) for name in KEPT}, "errors": list(one.errors)}
        for one in state.activities
    ]


def pack_request(request: Incoming) -> tuple[bytes, bytes]:
    """Return the request that started a job, without its token."""
    headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    head = {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": headers,
        "at": request.at,
    }
    return orjson.dumps(head), request.body


def restore_activities(
    state: State, saved: list[dict[str, Any]], work: Mapping[str, tuple[dict[str, Any], bytes]]
) -> None:
    """Put activities back, starting the work of those anew that had not ended."""
    for values in saved:
        found = work.get(values["activity_id"]) if values["state"] is None else None
        record = _start_again(state, *found) if found else None
        if record is None:
            record = ActivityRecord(**{**_identity(values), "total_steps": 0})
            record.state = values["state"] or "completed"
        else:
            for name, value in _identity(values).items():
                if name not in {"counters", "state"}:
                    setattr(record, name, value)
        state.activities.restore(record)


def _identity(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "errors": tuple(values["errors"])}


def _start_again(state: State, head: dict[str, Any], body: bytes) -> ActivityRecord | None:
    """Ask again for what was asked for; nothing where that makes no sense any more."""
    request = Incoming(**head, body=body)
    path = request.path.removeprefix(API_PREFIX)
    try:
        route, ids = find_route(request.method, path)
        route.answer(Call(state, request, path, ids))
    except Refusal:
        return None
    return state.activities.take_newest()
