"""How often other tasks get their turn."""

from __future__ import annotations

import anyio
import anyio.lowlevel

__all__ = ["Pace", "give_way"]

_ROWS = 250


async def give_way() -> None:
    """Let every task and timer that is due have its turn.

    After a single turn of the loop this task would go on before timers that became due while it
    worked, and they would be late by two pieces of its work in place of one.
    """
    await anyio.lowlevel.checkpoint()
    await anyio.lowlevel.checkpoint()


class Pace:
    """Gives control back to the loop after every list of rows, or after some hundred short ones.

    That costs as much as forty rows, which would be most of the time of lists of one.
    """

    def __init__(self) -> None:
        self._rows = 0

    async def after(self, rows: int) -> None:
        """Note that *rows* were worked out since the last call."""
        self._rows += rows + 1
        if self._rows >= _ROWS:
            self._rows = 0
            await give_way()
