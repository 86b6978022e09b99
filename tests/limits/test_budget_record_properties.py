"""Properties of a budget's record under any steps, in any order, over any network."""

from __future__ import annotations

import copy
import random
from collections import deque

from hypothesis import given, settings, strategies as st

from cc_async.errors import DailyQuotaError
from cc_async.limits import Lane, PermitResult
from cc_async.limits._budget_record import (
    BudgetRecord,
    PermitRequest,
    release_permit,
    request_permit,
    withdraw,
)
from cc_async.limits._request_limits import RequestLimits

NOON = 20_000 * 86_400.0 + 43_200.0

Step = tuple[str, float, str, Lane, PermitResult]

steps = st.lists(
    st.tuples(
        st.sampled_from(["request", "request", "release", "release", "withdraw"]),
        st.floats(-2.0, 4.0),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(list(Lane)),
        st.sampled_from(["answered", "answered", "throttled", "quota_exceeded", "lost"]),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps, st.integers(1, 6), st.integers(1, 40))
def test_no_order_of_steps_breaks_the_record(
    steps: list[Step], per_second: int, per_day: int
) -> None:
    """Permits in flight never exceed the slots, nor the day's count its limit; no record is changed."""
    limits = RequestLimits(per_second, per_day)
    record: BudgetRecord | None = None
    now, number = NOON, 0
    open_permits: deque[tuple[str, float]] = deque()
    for verb, seconds, process, lane, result in steps:
        now += seconds
        before = copy.deepcopy(record)
        given_record = record
        if verb == "request":
            number += 1
            try:
                record, wait = request_permit(
                    record, now, limits,
                    PermitRequest(f"{process}-{number}", process, lane, process, 0.0, []),
                )  # fmt: skip
            except DailyQuotaError:
                continue
            if not wait:
                open_permits.append((f"{process}-{number}", now))
        elif verb == "release" and open_permits:
            record = release_permit(record, now, limits, *open_permits.popleft(), result)
        elif verb == "withdraw":
            record = withdraw(record, now, process, "")
        assert given_record == before
        if record is not None:
            assert len(record["in_flight"]) <= per_second
            assert record["used"] <= per_day
            assert record["cooling"] == sorted(record["cooling"])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(0.0, 0.2), st.floats(0.0, 0.5), st.sampled_from([1, 4, 10])
)
def test_no_second_of_the_service_sees_more_than_its_limit(
    seed: int, least: float, spread: float, per_second: int
) -> None:
    """No sliding second holds more arrivals than allowed, for any latency of each way.

    The one condition is that the network is at its quickest now and then.
    """
    random_ = random.Random(seed)
    limits = RequestLimits(per_second, None)
    record: BudgetRecord | None = None
    now = NOON
    replies: list[tuple[float, str, float]] = []
    arrivals: list[float] = []
    for number in range(600):
        while True:
            due = [reply for reply in replies if reply[0] <= now]
            for reply in sorted(due):
                record = release_permit(record, reply[0], limits, *reply[1:], "answered")
                replies.remove(reply)
            request = PermitRequest(f"a-{number}", "a", Lane.BULK, "", 0.0, [])
            record, wait = request_permit(record, now, limits, request)
            if not wait:
                break
            now = min([now + wait, *(reply[0] for reply in replies)])
        out, back = (least / 2 + max(0.0, random_.uniform(-0.4, 1.0)) * spread for _ in range(2))
        arrivals.append(now + out)
        replies.append((now + out + back, f"a-{number}", now))
    arrivals.sort()
    closest = min(
        later - earlier for earlier, later in zip(arrivals, arrivals[per_second:], strict=False)
    )
    assert closest >= 0.9995
