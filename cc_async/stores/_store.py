"""What every store can do, whatever keeps its data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

Record: TypeAlias = Any
"""Plain data that JSON can carry (dict, list, str, int, float, bool); never changed in place."""

Change: TypeAlias = Callable[[Record | None, float], tuple[Record | None, T]]
"""A pure step: from what is stored (None: nothing) and the time to what replaces it, and an answer.

It may run more than once for one `update`, and may run in another thread. To leave the record
alone it returns the very object it was given; None deletes it. What it raises reaches the
caller of `update`, and nothing is written.
"""


class Store(Protocol):
    """Where state lives: records that change atomically, and logs that only grow.

    Records hold what must be agreed on at once (the budget, tokens, leases); logs hold what
    must never be forgotten (journals). All clients of one store see the same records, the same
    logs and the same clock.
    """

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """Replace the record *key* by what *change* makes of it, atomically.

        Args:
            key: The record's name.
            change:
                Called with the record (None if there is none) and the store's own time in
                seconds since the epoch. See `Change`.
            durable:
                Whether the record must be on disk on return. Without it a killed process still
                loses nothing, but a power cut may lose the last moments; and it is quicker.

        Returns:
            The second thing *change* returned.

        Raises:
            StoreLockedError: Others kept it busy for too long.
            StoreCorruptError: What is stored cannot be read.
            StoreError: The disk, the folder or the database is in trouble.

        Cancellation:
            The change is carried through all the same, and is over when the cancellation
            reaches the caller.
        """
        ...

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """Add *entries* to the end of *log*: all of them, or none if this raises.

        Returns:
            The log's new length. The entries are durable by then.

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
        """Forget *log*; an unknown one is no error."""
        ...

    async def aclose(self) -> None:
        """Let go of files and connections. A closed store is opened again by its next use."""
        ...
