"""Where grants live: anything with the first verb of a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

from cc_async.auth._grant import Grant
from cc_async.errors import StoreError
from cc_async.stores import Change, Record

T = TypeVar("T")

Step: TypeAlias = Callable[[Grant | None, float], tuple[Grant | None, T]]
"""A pure step: from a grant (None: there is none) and the time to its replacement and an answer."""


class TokenStore(Protocol):
    """The half of a `Store` that grants need; so a plain file or a keyring can keep them, too."""

    async def update(self, key: str, change: Change[T]) -> T:
        """See `Store.update`: atomic, durable on return, carried through when cancelled."""
        ...

    async def aclose(self) -> None:
        """Let go of files and connections."""
        ...


def grant_key(profile: str) -> str:
    """Return the name of the record that keeps the grant of *profile*."""
    return f"grant:{profile}"


async def change_grant(records: TokenStore, key: str, step: Step[T]) -> T:
    """Replace the grant *key* by what *step* makes of it, atomically; an equal one is not written.

    An error of the store comes without the frames it went through: they hold the tokens.
    """

    def change(record: Record | None, now: float) -> tuple[Record | None, T]:
        before = Grant.of(record)
        after, answer = step(before, now)
        if after == before:
            return record, answer
        return None if after is None else after.to_record(), answer

    try:
        return await records.update(key, change)
    except StoreError as error:
        trouble = error
    raise trouble.with_traceback(None) from None
