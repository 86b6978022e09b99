"""When to look at activities again: one list serves every open one.

A look costs a request of the day's 10,000; a late look costs time. Where the service shows how
far an activity has come in fine steps, its end can be foreseen: look then. Where it does not,
the longer a job has run, the less a little more waiting matters, and the more jobs are open,
the more one look tells: so the wait grows with the root of the age and shrinks with the root of
the number open.
"""

from __future__ import annotations

import math
from collections.abc import Collection

__all__ = ["wait_before_look"]

_SHORTEST, _LONGEST = 1.0, 60.0
_AFTER_THE_END = 0.5


def wait_before_look(seen: Collection[tuple[float, int | None]]) -> float:
    """Return seconds from the last look to the next one.

    Args:
        seen: For each open activity its age in seconds and its `percent_done`, both as of the
            last look.
    """
    waits = []
    blind = []
    for age, percent in seen:
        if percent is not None and _is_fine(percent):
            waits.append(age * (100 - percent) / percent + _AFTER_THE_END)
        else:
            blind.append(age)
    if blind:
        waits.append(math.sqrt(4.0 * sum(blind)) / len(blind))
    return min(_LONGEST, max(_SHORTEST, min(waits, default=0.0)))


def _is_fine(percent: int) -> bool:
    """Whether a percentage tells when the end will be.

    The first one is always 1. Tens and quarters may come from a service that counts in no
    finer steps, and believing those costs more time than it saves.
    """
    return 1 < percent < 100 and percent % 10 != 0 and percent % 25 != 0
