"""How often other tasks get their turn."""

from __future__ import annotations

import anyio
import anyio.lowlevel

__all__ = ["Pace"]

_ROWS = 250


class Pace:
    """Gives control back to the loop after every list of rows, or after some hundred short ones.

    A turn costs as much as twenty rows, which would be most of the time of lists of one.
    """

    def __init__(self) -> None:
        self._rows = 0

    async def after(self, rows: int) -> None:
        """Note that *rows* were worked out since the last call."""
        self._rows += rows + 1
        if self._rows >= _ROWS:
            self._rows = 0
            await anyio.lowlevel.checkpoint()
