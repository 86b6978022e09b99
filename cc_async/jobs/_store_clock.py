"""The time of a store: one time for all machines that share it."""

from __future__ import annotations

import anyio

from cc_async.stores import Store

_FRESH = 5.0
"""Seconds until the store is asked again, as often as a lease is kept. The event loop's own time
moves the clock meanwhile; it may stand still while a machine sleeps. Ours to choose."""


class StoreClock:
    """The time of *store* in seconds since the epoch; it never goes back.

    The machine's own clock has no part in it, however wrong that is. `read` asks the store; a
    call tells the time that has come since then.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ahead: float | None = None
        self._read_at = 0.0

    def __call__(self) -> float:
        """Return the time, as of the last `read`, which must have been."""
        assert self._ahead is not None  # noqa: S101 - the callers read it first
        return anyio.current_time() + self._ahead

    async def read(self) -> float:
        """Return the time; the store is asked if it was not for five seconds.

        Raises:
            StoreError: The store is out of reach.
        """
        if self._ahead is None or anyio.current_time() - self._read_at > _FRESH:
            now = await self._store.update("clock", lambda record, now: (record, now))
            self._read_at = anyio.current_time()
            ahead = now - self._read_at
            self._ahead = ahead if self._ahead is None else max(self._ahead, ahead)
        return self()
