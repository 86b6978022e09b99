"""Grants in the keyring of a desktop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import keyring
import orjson
from keyring.errors import KeyringError

from cc_async.auth._token_file import locked
from cc_async.errors import StoreCorruptError, StoreError
from cc_async.stores import Change, default_home, defer_cancellation

T = TypeVar("T")


class Keyring:
    """Keeps grants in the keyring: macOS Keychain, Secret Service, Windows Credential Locker.

    A lock file keeps processes of one user apart. Entries on Windows are short, perhaps too short
    for two tokens: use a file there.

    Args:
        service: The service name of the entries.
        lock: The lock file; by default in the state folder.
        busy_timeout: Seconds to wait for other processes.
        clock: Seconds since the epoch; by default the machine's.
    """

    def __init__(
        self,
        service: str = "cc-async",
        *,
        lock: Path | None = None,
        busy_timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._service = service
        self._lock = lock or default_home() / "keyring.lock"
        self._busy_timeout = busy_timeout
        self._clock = clock

    def __repr__(self) -> str:
        return f"Keyring({self._service!r})"

    async def update(self, key: str, change: Change[T]) -> T:
        """See `Store.update`."""
        work = asyncio.get_running_loop().run_in_executor(None, self._update, key, change)
        return await defer_cancellation(work)

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""

    def _update(self, key: str, change: Change[T]) -> T:
        try:
            with locked(self._lock, self._busy_timeout):
                stored = keyring.get_password(self._service, key)
                before = None if stored is None else orjson.loads(stored)
                after, answer = change(before, self._clock())
                if after is None and before is not None:
                    keyring.delete_password(self._service, key)
                elif after is not before:
                    keyring.set_password(self._service, key, orjson.dumps(after).decode())
                return answer
        except orjson.JSONDecodeError:
            raise StoreCorruptError(
                f"the keyring's entry {key!r} is damaged", "Delete it and sign in again."
            ) from None
        except (KeyringError, OSError) as error:
            raise StoreError(
                f"the keyring cannot be used ({type(error).__name__})",
                "Unlock it, or set CC_ASYNC_TOKEN_STORE to a file: file:///PATH.",
            ) from error
