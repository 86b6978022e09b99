"""What a budget is told: limits, lanes, verdicts; and what it hands out."""

from __future__ import annotations

import enum
import math
from typing import Literal, NamedTuple, TypeAlias

import attrs

Verdict: TypeAlias = Literal["answered", "throttled", "quota_exceeded", "lost"]
"""What became of a turn: a reply, one of the two refusals for speed, or no reply at all."""

WINDOW = 1.0


class Lane(enum.IntEnum):
    """Who goes first: a lower lane waits until no higher one wants a turn."""

    INTERACTIVE = 0
    """Somebody is waiting for the answer."""
    POLLING = 1
    """Looking after work that the service has accepted."""
    BULK = 2
    """Everything that comes in thousands."""
    TOKEN = 3
    """Calls to the authorization server: a limit of their own, one a second."""


class Turn(NamedTuple):
    """Leave to send one request. It goes back with `Budget.release`."""

    id: str
    lane: Lane
    account: str
    granted: float
    """When, on the store's clock in seconds since the epoch."""


@attrs.frozen
class Rules:
    """The limits of one budget, and the margins they are kept with.

    Args:
        per_second: Requests the service takes in any second.
        per_day: Requests it takes in a UTC day; None where only the second is limited.
        reserve: The share of the day that bulk work leaves alone, from 0 to 1.
        guard: Seconds added to every slot's rest.
        hold: Seconds of silence after which a process counts as gone, and its turns with it.
        longest: Seconds after which a turn that was never released counts as gone.
        patience: Seconds a process may be late for its turn before others go ahead.
    """

    per_second: int = 4
    per_day: int | None = 10_000
    reserve: float = 0.0
    guard: float = 0.005
    hold: float = 3.0
    longest: float = 120.0
    patience: float = 0.25

    gap: float = attrs.field(init=False)
    """Seconds between two turns of bulk work, so that a slot is never far from free."""
    shares: tuple[float, ...] = attrs.field(init=False)
    """How many requests of a day each lane may use."""

    def share(self, share: float) -> Rules:
        """Return rules for the *share* (0 to 1) of these limits."""
        per_second = self.per_second * share
        guard = self.guard + max(0.0, WINDOW / max(per_second, 1e-3) - WINDOW)
        return Rules(
            max(1, int(per_second)),
            None if self.per_day is None else int(self.per_day * share),
            reserve=self.reserve,
            guard=guard,
        )

    @gap.default
    def _(self) -> float:
        return 0.125 / self.per_second

    @shares.default
    def _(self) -> tuple[float, ...]:
        whole = math.inf if self.per_day is None else float(self.per_day)
        bulk = whole if self.per_day is None else whole - int(whole * self.reserve)
        return tuple(bulk if lane is Lane.BULK else whole for lane in Lane)
