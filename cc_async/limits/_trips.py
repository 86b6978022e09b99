"""Round trips: how long replies take, remembered by the quickest of them.

The least round trip is what the budget may rely on, so it is drawn with care: nothing before
several seconds' worth were seen, for the first ones make the connections that later ones find
made; and below the quickest seen by about as much as the quickest few differ, for that is how
far the next quick one may yet go. What was seen is forgotten after some thousands in favour of
newer ones.
"""

from __future__ import annotations

from typing import TypedDict

from ._rules import WINDOW

_FEW = 32
_SECONDS = 4
_EVERY = 16
_MANY = 4096
_QUICKEST = 16
_CAUTION = 0.7
_CAUTION_AT_FIRST = 60.0


class Trips(TypedDict):
    """What is known of round trips, as JSON carries it. In seconds."""

    seen: int
    quickest: list[float]  # of these, in order
    before: int  # how many were seen before those
    quickest_before: list[float]
    least: float  # what any round trip takes for certain


def fresh() -> Trips:
    """Return what is known at first: nothing."""
    return Trips(seen=0, quickest=[], before=0, quickest_before=[], least=0.0)


def add(trips: Trips, seconds: float, per_second: int = 1) -> Trips:
    """Return *trips* with one more; a negative one says only that a clock was put back.

    *per_second* is how many there may be in a second.
    """
    if seconds < 0.0:
        return trips
    seen, quickest, least = trips["seen"] + 1, trips["quickest"], trips["least"]
    if len(quickest) < _QUICKEST or seconds < quickest[-1]:
        quickest = sorted([*quickest, round(min(seconds, WINDOW), 5)])[:_QUICKEST]
    after = trips.copy()
    after["seen"], after["quickest"], after["least"] = seen, quickest, min(seconds, least)
    known = count(after)
    if seen % _EVERY == 0 and known >= max(_FEW, _SECONDS * per_second):
        after["least"] = _surely([*quickest, *trips["quickest_before"]], known)
    if seen == _MANY:
        return Trips(
            seen=0, quickest=[], before=seen, quickest_before=quickest, least=after["least"]
        )
    return after


def count(trips: Trips) -> int:
    """Return how many round trips this is drawn from."""
    return trips["seen"] + trips["before"]


def least(trips: Trips) -> float:
    """Return the seconds that any round trip takes for certain."""
    return trips["least"]


def _surely(quickest: list[float], known: int) -> float:
    few = sorted(quickest)[:_QUICKEST]
    return max(0.0, few[0] - (_CAUTION + _CAUTION_AT_FIRST / known) * (few[-1] - few[0]))
