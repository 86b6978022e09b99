"""Between two pieces of long work, tasks and timers that are due run."""

from __future__ import annotations

import asyncio

from cc_async.sources import yield_to_loop


async def test_a_timer_that_became_due_during_a_piece_goes_before_the_next_piece() -> None:
    """A timer is late by what is left of one piece, never by another piece."""
    loop, order = asyncio.get_running_loop(), list[str]()
    loop.call_later(0.001, order.append, "timer")
    due = loop.time() + 0.002
    while loop.time() < due:
        pass
    await yield_to_loop()
    order.append("next piece")
    assert order == ["timer", "next piece"]
