"""What holds for the budget whatever happens, and in whatever order."""

from __future__ import annotations

import copy
import random
from collections import deque

from hypothesis import given, settings, strategies as st

from cc_async.errors import DailyQuotaError
from cc_async.limits._budget import Ask, State, answer, ask, withdraw
from cc_async.limits._rules import Lane, Rules, Verdict

NOON = 20_000 * 86_400.0 + 43_200.0

Step = tuple[str, float, str, Lane, Verdict]

steps = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "answer", "answer", "withdraw"]),
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
    """Never more turns without a reply than slots, never more than the day, nothing changed in place."""
    rules = Rules(per_second, per_day)
    state: State | None = None
    now, number = NOON, 0
    open_turns: deque[tuple[str, float]] = deque()
    for verb, seconds, process, lane, verdict in steps:
        now += seconds
        before = copy.deepcopy(state)
        given_state = state
        if verb == "ask":
            number += 1
            try:
                state, wait = ask(
                    state, now, rules, Ask(f"{process}-{number}", process, lane, process, 0.0, [])
                )
            except DailyQuotaError:
                continue
            if not wait:
                open_turns.append((f"{process}-{number}", now))
        elif verb == "answer" and open_turns:
            state = answer(state, now, rules, *open_turns.popleft(), verdict)
        elif verb == "withdraw":
            state = withdraw(state, now, rules, process, "")
        assert given_state == before
        if state is not None:
            assert len(state["flying"]) <= per_second
            assert state["used"] <= per_day
            assert state["resting"] == sorted(state["resting"])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(0.0, 0.2), st.floats(0.0, 0.5), st.sampled_from([1, 4, 10])
)
def test_no_second_of_the_service_sees_more_than_its_limit(
    seed: int, least: float, spread: float, per_second: int
) -> None:
    """No sliding second holds more arrivals than allowed, whatever the latency of each way.

    All that is asked of the network is to be at its quickest now and then.
    """
    random_ = random.Random(seed)
    rules = Rules(per_second, None)
    state: State | None = None
    now = NOON
    replies: list[tuple[float, str, float]] = []
    arrivals: list[float] = []
    for number in range(600):
        while True:
            due = [reply for reply in replies if reply[0] <= now]
            for reply in sorted(due):
                state = answer(state, reply[0], rules, *reply[1:], "answered")
                replies.remove(reply)
            state, wait = ask(state, now, rules, Ask(f"a-{number}", "a", Lane.BULK, "", 0.0, []))
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
