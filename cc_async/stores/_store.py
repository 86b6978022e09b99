"""The Protocol of a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

Record: TypeAlias = Any
"""Plain data for JSON (dict, list, str, int, float, bool); never changed in place."""

Change: TypeAlias = Callable[[Record | None, float], tuple[Record | None, T]]
"""A pure step: takes a record (None: there is none) and the time, returns its successor and an answer.

A change asks the system for nothing: no clock, no random number, no process id. It may run more
than once for one `update`, and in another thread. To leave the record alone it returns the very
object that it got; None deletes the record. An exception from it reaches the caller of `update`,
and nothing is written.
"""


class Store(Protocol):
    """A place of state: records that change atomically, and logs that only grow.

    Records hold shared state such as the budget, tokens and leases; logs hold journals. All
    clients of one store see the same records, the same logs and the same clock.
    """

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """Replace the record *key* by the result of *change*, atomically.

        Args:
            key: The record's name.
            change:
                Receives the record (None: there is none) and the store's own time in seconds
                since the epoch. See `Change`.
            durable:
                Whether the record must be on disk on return. False is quicker: a killed process
                still loses nothing, but a power cut may lose the last moments.

        Returns:
            The answer of *change*.

        Raises:
            StoreLockedError: Others kept the record busy for too long.
            StoreCorruptError: The stored data cannot be read.
            StoreError: The disk, the folder or the database failed.

        Cancellation:
            The change runs to its end all the same, before the cancellation reaches the caller.
        """
        ...

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """Add *entries* to the end of *log*: all of them, or none on an error.

        Returns:
            The log's new length. The entries are on disk by then.

        Raises:
            StoreError: As for `update`.

        Cancellation:
            As for `update`.
        """
        ...

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        """Return the entries of *log* from position *start* on; nothing for an unknown log."""
        ...

    async def drop(self, log: str) -> None:
        """Delete *log*; an unknown one is no error."""
        ...

    async def aclose(self) -> None:
        """Close files and connections. The next use opens a closed store again."""
        ...
