"""How a budget is doing, as plain values."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import attrs

from . import _budget, _trips
from ._queue import Crowd
from ._rules import Lane, Rules


@attrs.frozen
class Waiting:
    """How many requests of one account wait in one lane."""

    lane: Lane
    account: str
    count: int


@attrs.frozen
class BudgetStatistics:
    """What a budget has left, and who is waiting for it.

    `used` is this budget's own count of the UTC day; the service sends none. `closed` says that
    the service called the day used up, which counts more: then nothing is `left`. `waiting`
    counts the tasks of every process (of each, its twenty longest queues, as of its last ask). `paused_for` is
    how many seconds nobody may send because the service refused a request for speed.
    `round_trip` is the least time, in seconds, that a reply is known to take.
    """

    used: int
    left: int
    per_second: int
    per_day: int
    resets_at: dt.datetime
    closed: bool
    in_flight: int
    waiting: tuple[Waiting, ...]
    paused_for: float
    round_trip: float


def summed_up(
    record: _budget.State | None,
    now: float,
    rules: Rules,
    own: Crowd,
    process: str,
) -> BudgetStatistics:
    """Return the statistics of *record*; *own* are the waiters of this *process*."""
    state = _budget.settled(record, now, rules)
    waiting: Counter[tuple[Lane, str]] = Counter()
    others = [ticket for name, ticket in state["waiting"].items() if name != process]
    for crowd in (own, *(ticket[4] or [(*ticket[:2], 1)] for ticket in others)):
        for lane, account, count in crowd:
            waiting[Lane(lane), account] += count
    closed = now < state["closed_until"]
    per_day = rules.per_day or 0
    return BudgetStatistics(
        used=state["used"],
        left=0 if closed else max(0, per_day - state["used"]),
        per_second=rules.per_second,
        per_day=per_day,
        resets_at=_budget.resets_at(state, now),
        closed=closed,
        in_flight=len(state["flying"]),
        waiting=tuple(Waiting(*place, count) for place, count in sorted(waiting.items())),
        paused_for=max(0.0, state["paused_until"] - now),
        round_trip=_trips.least(state["trips"]),
    )
