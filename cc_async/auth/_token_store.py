"""Stores of grants: the Protocol, the openers, and the access to one grant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from cc_async.auth._grant import Grant
from cc_async.errors import StoreError
from cc_async.stores import Change, Record, open_store, require_extra

T = TypeVar("T")

Step: TypeAlias = Callable[[Grant | None, float], tuple[Grant | None, T]]
"""A pure step: takes a grant (None: there is none) and the time, returns its successor and an answer."""


class TokenStore(Protocol):
    """The part of a `Store` that grants need. A plain file and the keyring have it, too."""

    async def update(self, key: str, change: Change[T]) -> T:
        """See `Store.update`: atomic, durable on return, and complete despite a cancellation."""
        ...

    async def aclose(self) -> None:
        """Close files and connections."""
        ...


def open_token_store(url: str) -> TokenStore:
    """Return the plain file, the keyring or the store that *url* names.

    Args:
        url: `file:///PATH`, `keyring:`, or a URL for `open_store`.

    Raises:
        StoreError: The scheme names no store, or the extra of the store is not installed.
    """
    scheme, _, rest = url.partition(":")
    opener = _OPENERS.get(scheme)
    return open_store(url) if opener is None else opener(rest.removeprefix("//"))


def _open_file(path: str) -> TokenStore:
    from cc_async.auth._token_file import TokenFile

    if not path:
        raise StoreError("the URL of the token file has no path", "Use file:///PATH.")
    return TokenFile(Path(path))


def _open_keyring(_: str) -> TokenStore:
    with require_extra("keyring", what="the keyring"):
        from cc_async.auth._keyring import Keyring
    return Keyring()


_OPENERS: dict[str, Callable[[str], TokenStore]] = {"file": _open_file, "keyring": _open_keyring}
"""URL scheme to opener, for the places that keep nothing but grants."""


def grant_key(profile: str) -> str:
    """Return the key of the record with the grant of *profile*."""
    return f"grant:{profile}"


async def change_grant(tokens: TokenStore, key: str, step: Step[T]) -> T:
    """Apply *step* to the grant *key*, atomically; an equal grant is not written.

    Raises:
        StoredFormatError: The stored grant has an unknown format version.
        StoreError: The store failed.
    """

    def change(record: Record | None, now: float) -> tuple[Record | None, T]:
        before = Grant.of(record)
        after, answer = step(before, now)
        if after == before:
            return record, answer
        return None if after is None else after.to_record(), answer

    return await _update(tokens, key, change)


async def replace_grant(tokens: TokenStore, key: str, make: Callable[[float], Grant]) -> Grant:
    """Store the grant that *make* returns for the store's time; the old one is not even read."""

    def change(record: Record | None, now: float) -> tuple[Record, Grant]:
        grant = make(now)
        return grant.to_record(), grant

    return await _update(tokens, key, change)


async def delete_grant(tokens: TokenStore, key: str) -> bool:
    """Delete the grant *key*, readable or not, and return whether there was one."""
    return await _update(tokens, key, lambda record, now: (None, record is not None))


async def _update(tokens: TokenStore, key: str, change: Change[T]) -> T:
    """Update a record; errors of the store lose their frames, because those hold the tokens."""
    try:
        return await tokens.update(key, change)
    except StoreError as error:
        frameless = error
    raise frameless.with_traceback(None) from None
