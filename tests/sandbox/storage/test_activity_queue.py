"""Activities move with the clock, and are forgotten after their life."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller, start_import, state_of


def test_states_follow_the_clock_alone() -> None:
    """An activity is initialized, processing and completed without any other call."""
    caller = make_caller(activity_seconds=8)
    activity = start_import(caller)
    seen = []
    for _ in range(5):
        seen.append(state_of(caller, activity))
        caller.sandbox.clock.advance(2)
    assert seen == ["initialized", "processing", "processing", "processing", "completed"]
    payload = caller.get(f"/activities/{activity}")
    assert payload["started_at"] == "2026-09-21T14:13:22Z"
    assert payload["completed_at"] == payload["updated_at"] == "2026-09-21T14:13:28Z"


def test_an_activity_is_forgotten_after_ten_days() -> None:
    """The reply is 404 from then on."""
    caller = make_caller()
    activity = start_import(caller)
    caller.sandbox.clock.advance(10 * 86_400 - 1)
    assert caller.call("GET", f"/activities/{activity}")[0] == 200
    caller.sandbox.clock.advance(1)
    assert caller.call("GET", f"/activities/{activity}")[0] == 404
