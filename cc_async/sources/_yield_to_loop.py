"""Turns for other tasks during long work."""

from __future__ import annotations

import math
import time

import anyio.lowlevel

_ROWS_BETWEEN_YIELDS = 250
"""Rows of work between two turns of the loop. 250 rows of 12 columns take 2 to 8 milliseconds, and
a turn takes as long as one row: both measured, with lists of 500 rows and of one row."""


async def yield_to_loop() -> None:
    """Let every task and timer that is due run.

    After a single turn of the loop this task would go on before timers that became due during
    its work. They would then be late by two pieces of its work instead of one.
    """
    await anyio.lowlevel.checkpoint()
    await anyio.lowlevel.checkpoint()


class PeriodicYield:
    """Yields to the loop after every *rows* of work, or after *seconds* if a few rows take long."""

    def __init__(self, rows: int = _ROWS_BETWEEN_YIELDS, *, seconds: float = math.inf) -> None:
        self._max_rows, self._max_seconds = rows, seconds
        self._rows, self._since = 0, time.perf_counter()

    async def after(self, rows: int) -> None:
        """Count *rows* of work since the last call, and yield if it is time to. Without rows it only looks at the clock."""
        self._rows += rows + 1
        elapsed = time.perf_counter() - self._since
        if self._rows >= self._max_rows or elapsed >= self._max_seconds:
            await yield_to_loop()
            self._rows, self._since = 0, time.perf_counter()
