"""The file that keeps a sandbox's account across restarts: one JSON object with its format."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout

from cc_async.errors import StoreCorruptError, StoredFormatError, StoreError, StoreLockedError

SNAPSHOT_FORMAT = 1
"""Version of the file's format. Raise it with every change that older code would misread."""

_OLD_HEAD = b"SQLite format 3\0"
"""Head of files from before the format had a version."""

_REMEDY = "Name another file, or delete this one to start with an empty account."


class SnapshotFile:
    """One account in one file, for one sandbox at a time and one user alone (0600).

    A new version is written beside the old one, brought to the disk, and put in its place: a
    crash leaves the old one or the new one, never half of either.

    Raises:
        StoreLockedError: Another sandbox has the file.
        StoreError: The folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self._written = b""
        self._lock = FileLock(f"{path}.lock", timeout=0, mode=0o600, thread_local=False)
        with self._errors():
            self._lock.acquire()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Timeout as error:
            raise StoreLockedError(f"{self.path} is in use by another sandbox") from error
        except OSError as error:
            raise StoreError(f"{self.path} cannot be used: {error.strerror}") from error

    def read(self) -> dict[str, Any] | None:
        """Return the snapshot, or `None` where there is none yet.

        Raises:
            StoredFormatError: It has another format than this version of the sandbox reads.
            StoreCorruptError: This is no file of a sandbox, or a damaged one.
            StoreError: The file cannot be read.
        """
        with self._errors():
            data = self.path.read_bytes() if self.path.exists() else b""
        if not data:
            return None
        if data.startswith(_OLD_HEAD):
            raise self._wrong_format("no version")
        try:
            snapshot = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise self.damaged() from None
        if not isinstance(snapshot, dict):
            raise self.damaged()
        found = snapshot.get("format")
        if found != SNAPSHOT_FORMAT:
            raise self._wrong_format("no version" if found is None else f"version {found}")
        return snapshot

    def _wrong_format(self, found: str) -> StoredFormatError:
        return StoredFormatError(
            f"the sandbox's file {self.path} has {found}, and this cc_async reads version {SNAPSHOT_FORMAT}",
            _REMEDY,
        )

    def damaged(self) -> StoreCorruptError:
        """Return the error for a file that holds no account."""
        return StoreCorruptError(f"{self.path} holds no sandbox account", _REMEDY)

    def write(self, snapshot: dict[str, Any]) -> None:
        """Replace the file, unless it holds this snapshot already.

        Raises:
            StoreError: The file cannot be written.
        """
        data = orjson.dumps({"format": SNAPSHOT_FORMAT, **snapshot})
        digest = hashlib.sha256(data).digest()
        if digest != self._written:
            with self._errors():
                _replace(self.path.resolve(), data)
            self._written = digest

    def close(self) -> None:
        """Let another sandbox have the file."""
        self._lock.release()


def _replace(path: Path, data: bytes) -> None:
    number, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
