"""Round trips: how long replies take, remembered in five numbers.

The least of them is what the budget may rely on, so it is taken with care: nothing before a
handful was seen, less where few were seen or where they differ widely, and forgotten after some
thousands in favour of newer ones.
"""

from __future__ import annotations

from math import sqrt

from ._rules import WINDOW

__all__ = ["NONE", "add", "least"]

NONE: list[float] = [0, WINDOW, 0.0, 0, WINDOW, 0.0]
"""How many and the least of these; their mean; how many and the least of those before; `least`."""

_FEW = 16
_MANY = 4096
_MEAN_OF = 256
_CAUTION = 4.0


def add(trips: list[float], seconds: float) -> list[float]:
    """Return *trips* with one more; a negative one says only that a clock was put back."""
    if seconds < 0.0:
        return trips
    count, lowest, mean, count_before, lowest_before, sure = trips
    count += 1
    mean += (min(seconds, WINDOW) - mean) / min(count + count_before, _MEAN_OF)
    if seconds < lowest:
        lowest = seconds
    if count % _FEW == 0:
        sure = _sure(min(lowest, lowest_before), mean, count + count_before)
    if count == _MANY:
        return [0, WINDOW, mean, count, lowest, sure]
    return [count, lowest, mean, count_before, lowest_before, sure]


def least(trips: list[float]) -> float:
    """Return the seconds that any round trip takes for certain."""
    return min(trips[1], trips[5])


def _sure(lowest: float, mean: float, count: float) -> float:
    return max(0.0, lowest - _CAUTION * max(0.0, mean - lowest) / sqrt(count))
