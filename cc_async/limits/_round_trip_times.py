"""The round trip times of requests, remembered by the quickest of them.

The budget relies on the least round trip, so that is estimated with care. Nothing is assumed
before several seconds' worth are known, because the first requests also make the connections.
The estimate then lies below the quickest one by about as much as the quickest few differ: the
next quick one may go that far. After some thousands the old ones are forgotten for newer ones.

The constants come from `python -m benchmarks pacing`: with them none of a day's requests is
refused at round trips of 50 to 300 ms, and 87 % of the limit is used.
"""

from __future__ import annotations

from typing import TypedDict

from ._request_limits import WINDOW

_FEWEST = 32
"""Round trips known before the least one is estimated: twice the quickest few."""

_FEWEST_SECONDS = 4
"""The same in seconds of the limit: the first second's requests find no connection made."""

_ESTIMATE_EVERY = 16
"""Round trips between two estimates. Each sorts 32 numbers, which is cheap but not free."""

_FORGET_AFTER = 4_096
"""Round trips before a new half begins; 17 minutes at 4 a second. A route may have changed."""

_QUICKEST = 16
"""Quickest ones kept of each half. Their spread says how far the next quick one may go."""

_CAUTION = 0.7
"""Share of that spread by which the estimate lies below the quickest one."""

_CAUTION_AT_FIRST = 60.0
"""Addition to that share, divided by the number of known round trips: few say little."""


class RoundTripTimes(TypedDict):
    """The round trips known, as JSON carries them. In seconds, quickest first."""

    count: int
    quickest: list[float]
    previous_count: int  # the half before this one
    previous_quickest: list[float]
    least: float  # estimate: no round trip takes less


def new() -> RoundTripTimes:
    """Return the record of no round trip."""
    return RoundTripTimes(count=0, quickest=[], previous_count=0, previous_quickest=[], least=0.0)


def add(times: RoundTripTimes, seconds: float, per_second: int = 1) -> RoundTripTimes:
    """Return *times* with one more; a negative one only means that a clock was put back.

    Args:
        times: The round trips known so far.
        seconds: The new one.
        per_second: Limit of requests in a second.
    """
    if seconds < 0.0:
        return times
    count, quickest = times["count"] + 1, times["quickest"]
    if len(quickest) < _QUICKEST or seconds < quickest[-1]:
        quickest = sorted([*quickest, round(min(seconds, WINDOW), 5)])[:_QUICKEST]
    after = times.copy()
    after["count"], after["quickest"] = count, quickest
    after["least"] = min(seconds, times["least"])
    known = count + times["previous_count"]
    if count % _ESTIMATE_EVERY == 0 and known >= max(_FEWEST, _FEWEST_SECONDS * per_second):
        after["least"] = _estimate([*quickest, *times["previous_quickest"]], known)
    if count == _FORGET_AFTER:
        return RoundTripTimes(
            count=0,
            quickest=[],
            previous_count=count,
            previous_quickest=quickest,
            least=after["least"],
        )
    return after


def _estimate(quickest: list[float], known: int) -> float:
    few = sorted(quickest)[:_QUICKEST]
    return max(0.0, few[0] - (_CAUTION + _CAUTION_AT_FIRST / known) * (few[-1] - few[0]))
