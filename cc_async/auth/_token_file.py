"""Grants in a plain JSON file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError
from cc_async.stores import Change, defer_cancellation, make_private_folder

T = TypeVar("T")


class TokenFile:
    """Keeps grants in one file that belongs to its user alone (0600).

    Each change writes a new file to the disk and puts it in place of the old one: a crash leaves
    one of them whole. A lock file keeps processes apart; it does not work across machines or on
    a network drive.

    Args:
        path: The file. A missing folder is made (0700).
        busy_timeout: Seconds to wait for other processes.
        clock: Seconds since the epoch; by default the machine's.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        busy_timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path).expanduser()
        self._busy_timeout = busy_timeout
        self._clock = clock

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __repr__(self) -> str:
        return f"TokenFile({str(self._path)!r})"

    async def update(self, key: str, change: Change[T]) -> T:
        """See `Store.update`."""
        work = asyncio.get_running_loop().run_in_executor(None, self._update, key, change)
        return await defer_cancellation(work)

    async def aclose(self) -> None:
        """Do nothing: the file is open only during a change."""

    def _update(self, key: str, change: Change[T]) -> T:
        lock = self._path.with_name(self._path.name + ".lock")
        with explained(self._path), locked(lock, self._busy_timeout):
            records = _read(self._path)
            before = records.get(key)
            after, answer = change(before, self._clock())
            if after is not before:
                records[key] = after
                _write(self._path, {name: kept for name, kept in records.items() if kept})
        return answer


@contextlib.contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock file *path*; a missing folder is made."""
    from filelock import FileLock, Timeout  # slow to load, and few users have such a file

    make_private_folder(path.parent)
    try:
        with FileLock(path, timeout=timeout, mode=0o600):
            yield
    except Timeout:
        raise StoreLockedError(f"another process kept {path} locked") from None


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an error of the disk into a `StoreError` with a remedy."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the token file {path} cannot be used ({error.strerror})",
            "Set CC_ASYNC_TOKEN_STORE to a place that can be written.",
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        records = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except orjson.JSONDecodeError:
        records = None
    if not isinstance(records, dict):
        raise StoreCorruptError(f"the token file {path} is damaged", "Move it away; sign in again.")
    return records


def _write(path: Path, records: dict[str, Any]) -> None:
    path = path.resolve()
    number, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(orjson.dumps(records))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
