"""Work that is carried through once begun, even when its caller is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TypeVar

import anyio

T = TypeVar("T")


async def finish(work: asyncio.Future[T]) -> T:
    """Wait for *work*, and let a cancellation through only when it is over."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            while not work.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait((work,))
        raise
