"""Round trips: how long replies take, remembered in five numbers.

The least of them is what the budget may rely on, so it is taken with care: nothing before several
seconds' worth were seen, for the first ones make the connections that later ones find made; less
where few were seen or where they differ widely; and forgotten after some thousands in favour of
newer ones.
"""

from __future__ import annotations

from math import sqrt

from ._rules import WINDOW

__all__ = ["NONE", "add", "count", "least"]

NONE: list[float] = [0, WINDOW, 0.0, 0, WINDOW, 0.0]
"""How many and the least of these; their mean; how many and the least of those before; `least`."""

_FEW = 32
_SECONDS = 4
_EVERY = 16
_MANY = 4096
_MEAN_OF = 256
_CAUTION = 5.0


def add(trips: list[float], seconds: float, per_second: int = 1) -> list[float]:
    """Return *trips* with one more; a negative one says only that a clock was put back.

    *per_second* is how many there may be in a second.
    """
    if seconds < 0.0:
        return trips
    seen, lowest, mean, before, lowest_before, sure = trips
    seen += 1
    mean += (min(seconds, WINDOW) - mean) / min(seen + before, _MEAN_OF)
    if seconds < lowest:
        lowest = seconds
    if seen % _EVERY == 0 and seen + before >= max(_FEW, _SECONDS * per_second):
        sure = _sure(min(lowest, lowest_before), mean, seen + before)
    if seen == _MANY:
        return [0, WINDOW, mean, seen, lowest, sure]
    return [seen, lowest, mean, before, lowest_before, sure]


def count(trips: list[float]) -> int:
    """Return how many round trips this is drawn from."""
    return int(trips[0] + trips[3])


def least(trips: list[float]) -> float:
    """Return the seconds that any round trip takes for certain."""
    return min(trips[1], trips[5])


def _sure(lowest: float, mean: float, seen: float) -> float:
    return max(0.0, lowest - _CAUTION * max(0.0, mean - lowest) / sqrt(seen))
