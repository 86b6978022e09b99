"""The limits of one budget, and the numbers that follow from them.

https://developer.constantcontact.com/api_guide/rate_limits.html
"""

from __future__ import annotations

import math

import attrs

from ._permits import Lane

WINDOW = 1.0
"""Seconds in which the service counts requests: its limit is named "per second".

https://developer.constantcontact.com/api_guide/rate_limits.html
"""

GUARD = 0.005
"""Seconds added to the rest of every slot.

Ten times the 0.5 ms by which a timer may ring early. The simulation of `python -m benchmarks
pacing` needs none; there it costs half a percent of the limit.
"""

_GAP = 0.125
"""Share of a slot's average distance that bulk work leaves between two permits.

Bulk work then never takes all slots at one moment, so an interactive call finds one free soon.
In `python -m benchmarks pacing` a call beside bulk work waits up to 30 ms less for it, and bulk
work loses less than half a percent.
"""


@attrs.frozen
class RequestLimits:
    """The limits of one budget.

    Args:
        per_second: Requests that the service takes in any second.
        per_day: Requests that it takes in a UTC day; None if only the second is limited.
        reserve: Share of the day, from 0 to 1, that bulk work leaves to other requests.
        guard: Seconds added to the rest of every slot.
    """

    per_second: int = 4
    per_day: int | None = 10_000
    reserve: float = 0.0
    guard: float = GUARD

    gap: float = attrs.field(init=False)
    """Seconds between two permits for bulk work."""
    daily_shares: tuple[float, ...] = attrs.field(init=False)
    """Requests of a day that each lane may use."""

    def share(self, share: float) -> RequestLimits:
        """Return limits of *share* (0 to 1) times these.

        Below one request a second the guard grows, so that slots rest longer than a second.
        """
        per_second = self.per_second * share
        guard = self.guard + max(0.0, WINDOW / max(per_second, 1e-3) - WINDOW)
        return RequestLimits(
            max(1, int(per_second)),
            None if self.per_day is None else int(self.per_day * share),
            reserve=self.reserve,
            guard=guard,
        )

    @gap.default
    def _(self) -> float:
        return _GAP / self.per_second

    @daily_shares.default
    def _(self) -> tuple[float, ...]:
        if self.per_day is None:
            return (math.inf,) * len(Lane)
        bulk = float(self.per_day - int(self.per_day * self.reserve))
        return tuple(bulk if lane is Lane.BULK else float(self.per_day) for lane in Lane)
