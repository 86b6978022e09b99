"""How often other tasks get their turn."""

from __future__ import annotations

import math
import time

import anyio.lowlevel

_ROWS = 250


async def yield_to_loop() -> None:
    """Let every task and timer that is due have its turn.

    After a single turn of the loop this task would go on before timers that became due while it
    worked, and they would be late by two pieces of its work in place of one.
    """
    await anyio.lowlevel.checkpoint()
    await anyio.lowlevel.checkpoint()


class PeriodicYield:
    """Gives control back to the loop after *most* rows, or after *seconds* where few take long.

    That costs as much as forty rows, which would be most of the time of lists of one.
    """

    def __init__(self, most: int = _ROWS, *, seconds: float = math.inf) -> None:
        self._most, self._seconds = most, seconds
        self._rows, self._since = 0, time.perf_counter()

    async def after(self, rows: int) -> None:
        """Note that *rows* were worked out since the last call, be it none."""
        self._rows += rows + 1
        if self._rows >= self._most or time.perf_counter() - self._since >= self._seconds:
            await yield_to_loop()
            self._rows, self._since = 0, time.perf_counter()
