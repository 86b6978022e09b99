"""Where the bodies of a job wait until they are sent.

On one machine they are files, in a folder for the user alone. Where the store is shared by
machines they are in the store, so that any of them can go on with the job.

Behind a body stand the lines of the input that its contacts came from, four bytes each: they are
not sent, and tell afterwards who did not arrive.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cc_async.errors import StoreCorruptError, StoreError
from cc_async.imports._chunk_progress import Chunk
from cc_async.imports._orphans import (
    claim,
    delete_orphans,
    orphans,
    register,
    release,
    take_orphans,
    unregister,
)
from cc_async.sources import yield_to_loop
from cc_async.stores import MemoryStore, SqliteStore, Store

_PIECE = 1 << 18
_PREFIX = "cc-async-"


class Bodies(Protocol):
    """The bodies of one job."""

    folder: Path
    """Where a body is written first."""

    async def keep(self, chunk: Chunk) -> None:
        """Make the body that was written into the folder durable."""
        ...

    async def hand_over(self) -> None:
        """Let whoever goes on with the job have them: it is written down."""
        ...

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body.

        Raises:
            StoreCorruptError: It is gone or damaged.
        """
        ...

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the line of the input for each contact in a body; raises as `read` does."""
        ...

    async def drop(self, number: int) -> None:
        """Delete a body."""
        ...

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete everything."""
        ...


def open_bodies(store: Store, job_id: str, home: Path, *, is_new: bool = False) -> Bodies:
    """Return the place for the bodies of a job whose journal is in *store*.

    Those of a job that *is_new* are of use to its process alone, until they are handed over.
    """
    if isinstance(store, MemoryStore):
        return FileBodies(_own_folder(_folder_of(store) / job_id))
    if isinstance(store, SqliteStore):
        bodies = FileBodies(_own_folder(home / "bodies" / job_id))
        if is_new:
            _claim(bodies.folder, bodies, str(store.path))
        return bodies
    return StoreBodies(store, job_id)


def body_path(folder: Path, number: int) -> Path:
    """Return where body *number* is written."""
    return folder / f"{number:06d}.body"


def encode_lines(lines: Sequence[int]) -> bytes:
    """Return what stands behind a body: the line of the input for each of its contacts."""
    return struct.pack(f"<{len(lines)}I", *lines)


def body_digest(body: bytes) -> str:
    """Return what tells a whole body from a damaged one."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class FileBodies:
    """Bodies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def keep(self, chunk: Chunk) -> None:
        """Do nothing: it is there."""

    async def hand_over(self) -> None:
        """Let others have them; see `Bodies.hand_over`."""
        release(self.folder)

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body; see `Bodies.read`."""
        return _body(self.read_whole(chunk), chunk)

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the lines; see `Bodies.read_lines`."""
        try:
            with body_path(self.folder, chunk.number).open("rb") as file:
                file.seek(chunk.size)
                return _lines(file.read(), chunk)
        except OSError:
            raise _damaged(chunk) from None

    def read_whole(self, chunk: Chunk) -> bytes:
        """Return a body with what stands behind it, or nothing where it is gone."""
        try:
            return body_path(self.folder, chunk.number).read_bytes()
        except OSError:
            return b""

    async def drop(self, number: int) -> None:
        """Delete a body."""
        body_path(self.folder, number).unlink(missing_ok=True)

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete the folder, a body at a time: all at once would hold the loop."""
        try:
            for path in list(self.folder.glob("*.body")):
                path.unlink(missing_ok=True)
                await yield_to_loop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class StoreBodies:
    """Bodies in a store that machines share, each a log of pieces."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._written = FileBodies(_temporary_folder(self))
        self.folder = self._written.folder

    async def keep(self, chunk: Chunk) -> None:
        """Move a body from the folder into the store."""
        if chunk.number == 1:
            await register(self._store, self._job_id, self)
        whole = self._written.read_whole(chunk)
        pieces = [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE)]
        await self._store.append(self._log(chunk.number), pieces)
        await self._written.drop(chunk.number)

    async def hand_over(self) -> None:
        """Let others have them; see `Bodies.hand_over`."""
        await unregister(self._store, self._job_id)

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body; see `Bodies.read`."""
        return _body(await self._read_whole(chunk), chunk)

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the lines; see `Bodies.read_lines`."""
        whole = await self._read_whole(chunk)
        return _lines(whole[chunk.size :], chunk)

    async def drop(self, number: int) -> None:
        """Delete a body."""
        await self._store.drop(self._log(number))

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete every body."""
        await self._written.drop_all(numbers)
        for number in numbers:
            await self.drop(number)

    async def _read_whole(self, chunk: Chunk) -> bytes:
        return b"".join(await self._store.read(self._log(chunk.number)))

    def _log(self, number: int) -> str:
        return _log(self._job_id, number)


def _log(job_id: str, number: int) -> str:
    return f"job:{job_id}:body:{number}"


def _body(whole: bytes, chunk: Chunk) -> bytes:
    body = whole[: chunk.size]
    if body_digest(body) != chunk.digest:
        raise _damaged(chunk)
    return body


def _lines(behind: bytes, chunk: Chunk) -> Sequence[int]:
    try:
        return struct.unpack(f"<{chunk.contacts}I", behind)
    except struct.error:
        raise _damaged(chunk) from None


def _damaged(chunk: Chunk) -> StoreCorruptError:
    return StoreCorruptError(
        f"what was to be sent of lines {chunk.first_line} to {chunk.last_line} is gone or damaged",
        "Cancel the job, and import those lines again.",
    )


def _own_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error) from None
    return folder


_FOLDERS: weakref.WeakKeyDictionary[MemoryStore, Path] = weakref.WeakKeyDictionary()


def _folder_of(store: MemoryStore) -> Path:
    """Return the folder for what is too large for memory; it goes with its store."""
    if store not in _FOLDERS:
        _FOLDERS[store] = _temporary_folder(store)
    return _FOLDERS[store]


def _temporary_folder(owner: object) -> Path:
    """Make a folder that is deleted when nobody holds *owner* any more."""
    try:
        delete_orphans(Path(tempfile.gettempdir()), f"{_PREFIX}*")
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    except OSError as error:
        raise disk_error(error) from None
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    _claim(folder, owner)
    return folder


async def clear_up(store: Store, home: Path) -> None:
    """Delete bodies that a process left behind which died before it wrote their job down."""
    for job_id in await take_orphans(store):
        number, has_begun = 1, bool(await store.read(f"job:{job_id}"))
        while not has_begun and await store.read(_log(job_id, number)):
            await store.drop(_log(job_id, number))
            number += 1
    place = str(store.path) if isinstance(store, SqliteStore) else ""
    for folder in orphans(home / "bodies", place=place):
        if await store.read(f"job:{folder.name}"):
            release(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _claim(folder: Path, holder: object, place: str = "") -> None:
    try:
        claim(folder, holder, place)
    except OSError as error:
        raise disk_error(error) from None


def disk_error(error: OSError) -> StoreError:
    """Return what to tell where a body cannot be written."""
    reason = error.strerror or type(error).__name__
    return StoreError(
        f"the import cannot be written down before it is sent: {reason}",
        "Make room on the disk, or point CC_ASYNC_HOME at a folder that can be written.",
    )
