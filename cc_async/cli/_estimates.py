"""What a command would cost: requests, and the time they take at the pace that is allowed."""

from __future__ import annotations

import math
from typing import Any

import attrs

from cc_async.bulk import wait_before_look
from cc_async.cli._texts import count_of, how_long

__all__ = ["Estimate", "looks_in"]

_A_WHILE = 60.0
"""Seconds that the service is taken to need for an import; it says nothing about that."""


def looks_in(bodies: int, seconds: float = _A_WHILE) -> int:
    """Return how often an import of so many *bodies* is looked at in that time."""
    looks, age = 0, 0.0
    while bodies and age < seconds:
        age += wait_before_look([(age, None)] * bodies)
        looks += 1
    return looks


@attrs.frozen
class Estimate:
    """How many *requests* would be sent, *per_second*, with *left* of them still free today."""

    requests: int
    per_second: int
    per_day: int
    left: int

    @property
    def seconds(self) -> int:
        """How long sending takes, if the day's quota suffices."""
        return math.ceil(self.requests / self.per_second)

    @property
    def days(self) -> int:
        """In how many UTC days it can be done."""
        return 1 + math.ceil(max(0, self.requests - self.left) / self.per_day)

    def to_json(self) -> dict[str, Any]:
        return {"requests": self.requests, "seconds": self.seconds, "days": self.days}

    def __str__(self) -> str:
        text = (
            f"It would take about {count_of(self.requests, 'request')}: "
            f"{how_long(self.seconds)} at {self.per_second} a second."
        )
        if self.days > 1:
            text += (
                f" Only {self.left:,} requests are left today (until 00:00 UTC), so it would be "
                f"spread over {self.days} days."
            )
        return text
