"""When to look at activities again: one list serves every open one.

A look costs a request of the day's 10,000; a late look costs time. The longer a job has run,
the less a little more waiting matters, and the more jobs are open, the more one look tells. So
the wait grows with the root of the age and shrinks with the root of the number open.
"""

from __future__ import annotations

import math
from collections.abc import Collection

__all__ = ["wait_before_look"]

_SHORTEST, _LONGEST = 1.0, 60.0


def wait_before_look(ages: Collection[float]) -> float:
    """Return seconds to wait before the next look at activities of these *ages*, in seconds."""
    if not ages:
        return _SHORTEST
    mean_age = sum(ages) / len(ages)
    return min(_LONGEST, max(_SHORTEST, math.sqrt(4.0 * mean_age / len(ages))))
