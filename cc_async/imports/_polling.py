"""When to look at activities again: one list serves every open one.

A look costs a request of the day's 10,000; a late look costs time. Where the service shows how
far an activity has come in fine steps, its end can be foreseen: look when those that should have
ended by then will, together, have waited a second to be noticed. Where it
does not, the longer a job has run, the less a little more waiting matters, and the more jobs are
open, the more one look tells: so the wait grows with the root of the age and shrinks with the
root of the number open.

A percentage is a hint. It may stand still, or run ahead and then wait at 99, so it moves the next
look within bounds that the age sets; only in their first minute are activities left alone for
longer if that is what they promise.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import accumulate

_SHORTEST, _LONGEST = 1.0, 60.0
_UNNOTICED = 1.0
_SOONEST, _LATEST = 0.25, 2.0
_TRUSTING = 45.0


def wait_before_look(seen: Collection[tuple[float, int | None]]) -> float:
    """Return seconds from the last look to the next one.

    Args:
        seen: For each open activity for how many seconds it has been at work, and its
            `percent_done`, both as of the last look.
    """
    left, blind = [], []
    for age, percent in seen:
        if percent is not None and _is_fine(percent):
            left.append(age * (100 - percent) / percent)
        else:
            blind.append(age)
    waits = [_by_age(blind)] if blind else []
    if left:
        waits.append(_bounded(_by_ends(left), [age for age, _ in seen]))
    return min(_LONGEST, max(_SHORTEST, min(waits, default=0.0)))


def _by_age(ages: Sequence[float]) -> float:
    return math.sqrt(4.0 * sum(ages)) / len(ages)


def _by_ends(left: Sequence[float]) -> float:
    """Return when the first *k* to end will have gone unnoticed for so long together."""
    return min((_UNNOTICED + sum_) / k for k, sum_ in enumerate(accumulate(sorted(left)), 1))


def _bounded(hint: float, ages: Sequence[float]) -> float:
    usual = _by_age(ages)
    first_minute = (_TRUSTING - sum(ages) / len(ages)) / len(ages)
    return max(_SOONEST * usual, min(hint, max(_LATEST * usual, first_minute)))


def _is_fine(percent: int) -> bool:
    """Whether a percentage tells when the end will be.

    The first one is always 1. Tens and quarters may come from a service that counts in no
    finer steps, and believing those costs more time than it saves.
    """
    return 1 < percent < 100 and percent % 10 != 0 and percent % 25 != 0
