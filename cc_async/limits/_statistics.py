"""The state of a budget, as plain values."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import attrs

from . import _budget_record
from ._permits import Lane
from ._request_limits import RequestLimits
from ._tickets import QueueLengths


@attrs.frozen
class Waiting:
    """Number of requests of one account that wait in one lane."""

    lane: Lane
    account: str
    count: int


@attrs.frozen
class BudgetStatistics:
    """The rest of a budget, and the queue for it.

    `used` is this budget's own count of the UTC day; the service sends none. `closed` says that
    the service called the day used up. That counts more than `used`, so nothing is `left` then.
    `waiting` counts the tasks of all processes: of each process its twenty longest queues, as of
    its latest request for a permit. `paused_for` is the number of seconds without requests after
    a refusal for speed. `round_trip` is the estimated least time, in seconds, until a reply.
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


def make_statistics(
    record: _budget_record.BudgetRecord | None,
    now: float,
    limits: RequestLimits,
    queue_lengths: QueueLengths,
    process: str,
) -> BudgetStatistics:
    """Return the statistics of *record*; *queue_lengths* are those of this *process*."""
    current = _budget_record.pruned(record, now)
    waiting: Counter[tuple[Lane, str]] = Counter()
    for lane, account, count in queue_lengths:
        waiting[Lane(lane), account] += count
    for name, ticket in current["tickets"].items():
        own = (ticket["lane"], ticket["account"], 1)
        for lane, account, count in (ticket["queue_lengths"] or [own]) if name != process else ():
            waiting[Lane(lane), account] += count
    closed = now < current["closed_until"]
    per_day = limits.per_day or 0
    return BudgetStatistics(
        used=current["used"],
        left=0 if closed else max(0, per_day - current["used"]),
        per_second=limits.per_second,
        per_day=per_day,
        resets_at=_budget_record.resets_at(current, now),
        closed=closed,
        in_flight=len(current["in_flight"]),
        waiting=tuple(Waiting(*place, count) for place, count in sorted(waiting.items())),
        paused_for=max(0.0, current["paused_until"] - now),
        round_trip=current["round_trips"]["least"],
    )
