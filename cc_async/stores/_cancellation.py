"""Work that runs to its end even when the caller is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TypeVar

import anyio

T = TypeVar("T")


async def defer_cancellation(work: asyncio.Future[T]) -> T:
    """Wait for *work*. A cancellation reaches the caller only after the work has ended."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            while not work.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait((work,))
        raise
