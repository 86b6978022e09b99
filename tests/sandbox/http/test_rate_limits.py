"""Limits of requests in a second and in a day."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import make_caller


def test_the_fifth_request_of_a_second_is_throttled() -> None:
    """Four pass, the fifth gets the documented body, and a second later four pass again."""
    caller = make_caller(per_second=4)
    assert [caller.call("GET", "/contacts")[0] for _ in range(6)] == [200] * 4 + [429] * 2
    throttled = {"error_key": "throttled", "error_message": "Too Many Requests"}
    assert caller.call("GET", "/contacts") == (429, throttled)
    caller.sandbox.clock.advance(1)
    assert [caller.call("GET", "/contacts")[0] for _ in range(5)] == [200] * 4 + [429]
    assert caller.sandbox.refused_429 == 4


@pytest.mark.parametrize(("window", "passed"), [("fixed", 8), ("sliding", 4)])
def test_seconds_are_fixed_or_sliding(window: str, passed: int) -> None:
    """Around the full second a fixed window lets eight pass, a sliding one four."""
    caller = make_caller(per_second=4, window=window)
    caller.sandbox.clock.advance(0.9)
    statuses = [caller.call("GET", "/contacts")[0] for _ in range(4)]
    caller.sandbox.clock.advance(0.2)
    statuses += [caller.call("GET", "/contacts")[0] for _ in range(4)]
    assert statuses.count(200) == passed


def test_the_daily_quota_lasts_until_midnight_utc() -> None:
    """The next request gets the other documented body, until the UTC day is over."""
    caller = make_caller(per_day=3)
    assert [caller.call("GET", "/contacts")[0] for _ in range(3)] == [200] * 3
    exceeded = {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}
    assert caller.call("GET", "/contacts") == (429, exceeded)
    now = caller.sandbox.clock()
    caller.sandbox.clock.advance(86_400 - now % 86_400 - 1)
    assert caller.call("GET", "/contacts")[0] == 429
    caller.sandbox.clock.advance(1)
    assert caller.call("GET", "/contacts")[0] == 200
    assert caller.sandbox.used_today == 1


def test_refused_requests_may_use_up_budget() -> None:
    """With counts_refused constant requests never get through a sliding second."""
    caller = make_caller(per_second=1, window="sliding", counts_refused=True)
    caller.call("GET", "/contacts")
    for _ in range(10):
        caller.sandbox.clock.advance(0.5)
        assert caller.call("GET", "/contacts")[0] == 429
