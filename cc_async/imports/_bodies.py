"""The bodies of chunks: bytes that wait until they are sent.

On one machine they are files, in a folder for the user alone. Where machines share the store they
are in the store, so that any machine can go on with the job.

A header with the format comes before each body. After it stand the lines of the source for its
contacts, four bytes each: they are not sent, and name the contacts that did not arrive.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import struct
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from cc_async.errors import StoreCorruptError, StoreError
from cc_async.imports._chunk import Chunk
from cc_async.imports._orphans import (
    claim,
    delete_orphans,
    orphans,
    register,
    release,
    take_orphans,
    unregister,
)
from cc_async.jobs import OTHER_VERSION, journal_log
from cc_async.sources import yield_to_loop
from cc_async.stores import (
    FORMAT,
    MemoryStore,
    SqliteStore,
    Store,
    make_private_folder,
    require_format,
)

BODY_FORMAT = 1
"""Version of a stored body: header, body, lines."""

BODY_HEADER = b"cc-async body %d\n" % BODY_FORMAT
"""The first bytes of a stored body."""

_ENTRY = 1 << 18
"""Bytes of a body in one entry of a shared store's log. A quarter of a megabyte is small for every
server's limit on one value, and 16 entries carry the largest body."""

_PREFIX = "cc-async-"


class Bodies(Protocol):
    """The bodies of one job."""

    folder: Path
    """The folder into which bodies are written first."""

    async def keep(self, chunk: Chunk) -> None:
        """Make durable the body that was written into the folder."""
        ...

    async def hand_over(self) -> None:
        """Let other processes use the bodies: a journal refers to them now."""
        ...

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body.

        Raises:
            StoredFormatError: Another version of the package wrote it.
            StoreCorruptError: It is gone or damaged.
        """
        ...

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the line of the source for each contact of a body; raises as `read` does."""
        ...

    async def drop(self, number: int) -> None:
        """Delete a body."""
        ...

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete all bodies: those of *numbers*, and those that this object kept."""
        ...


def open_bodies(store: Store, job_id: str, home: Path, *, is_new: bool = False) -> Bodies:
    """Return the bodies of a job with its journal in *store*.

    The bodies of a job that *is_new* belong to this process until they are handed over.
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
    """Return the file of body *number*."""
    return folder / f"{number:06d}.body"


def encode_lines(lines: Sequence[int]) -> bytes:
    """Return the lines of the source as they stand after a body."""
    return struct.pack(f"<{len(lines)}I", *lines)


def body_digest(body: bytes) -> str:
    """Return the digest that tells a whole body from a damaged one."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class FileBodies:
    """Bodies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def keep(self, chunk: Chunk) -> None:
        """Do nothing: the file is there."""

    async def hand_over(self) -> None:
        """See `Bodies.hand_over`."""
        with disk_errors():
            release(self.folder)

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body; see `Bodies.read`."""
        with self._open(chunk) as file:
            return _checked_body(file.read(), chunk)

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the lines; see `Bodies.read_lines`."""
        with self._open(chunk) as file:
            _require_header(file.read(len(BODY_HEADER)), chunk)
            file.seek(chunk.size, 1)
            return _unpack_lines(file.read(), chunk)

    @contextmanager
    def _open(self, chunk: Chunk) -> Iterator[BinaryIO]:
        with disk_errors():
            try:
                file = body_path(self.folder, chunk.number).open("rb")
            except FileNotFoundError:
                raise _damaged(chunk) from None
            with file:
                yield file

    async def drop(self, number: int) -> None:
        """Delete a body."""
        with disk_errors():
            body_path(self.folder, number).unlink(missing_ok=True)

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete the folder, a body at a time: all at once would hold the loop."""
        try:
            for path in list(self.folder.glob("*.body")):
                with disk_errors():
                    path.unlink(missing_ok=True)
                await yield_to_loop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class StoreBodies:
    """Bodies in a store that machines share, each in a log of several entries."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._files = FileBodies(_temporary_folder(self))
        self._kept: list[int] = []
        self.folder = self._files.folder

    async def keep(self, chunk: Chunk) -> None:
        """Move a body from the folder into the store."""
        if chunk.number == 1:
            await register(self._store, self._job_id, self)
        with disk_errors():
            stored = body_path(self.folder, chunk.number).read_bytes()
        self._kept.append(chunk.number)
        entries = [stored[start : start + _ENTRY] for start in range(0, len(stored), _ENTRY)]
        await self._store.append(self._log(chunk.number), entries)
        await self._files.drop(chunk.number)

    async def hand_over(self) -> None:
        """See `Bodies.hand_over`."""
        await unregister(self._store, self._job_id)

    async def read(self, chunk: Chunk) -> bytes:
        """Return a body; see `Bodies.read`."""
        return _checked_body(await self._read_stored(chunk), chunk)

    async def read_lines(self, chunk: Chunk) -> Sequence[int]:
        """Return the lines; see `Bodies.read_lines`."""
        stored = await self._read_stored(chunk)
        _require_header(stored, chunk)
        return _unpack_lines(stored[len(BODY_HEADER) + chunk.size :], chunk)

    async def drop(self, number: int) -> None:
        """Delete a body."""
        await self._store.drop(self._log(number))

    async def drop_all(self, numbers: list[int]) -> None:
        """Delete all bodies."""
        await self._files.drop_all(numbers)
        for number in {*numbers, *self._kept}:
            await self.drop(number)

    async def _read_stored(self, chunk: Chunk) -> bytes:
        return b"".join(await self._store.read(self._log(chunk.number)))

    def _log(self, number: int) -> str:
        return _log(self._job_id, number)


def _log(job_id: str, number: int) -> str:
    return f"{journal_log(job_id)}:body:{number}"


def _require_header(stored: bytes, chunk: Chunk) -> None:
    if stored.startswith(BODY_HEADER):
        return
    if not stored:
        raise _damaged(chunk)
    found = re.match(rb"cc-async body (\d+)\n", stored)
    what = f"the stored chunk of lines {chunk.first_line} to {chunk.last_line}"
    record = {FORMAT: int(found[1])} if found else {}
    require_format(record, BODY_FORMAT, what=what, remedy=OTHER_VERSION)


def _checked_body(stored: bytes, chunk: Chunk) -> bytes:
    _require_header(stored, chunk)
    body = stored[len(BODY_HEADER) :][: chunk.size]
    if body_digest(body) != chunk.digest:
        raise _damaged(chunk)
    return body


def _unpack_lines(packed: bytes, chunk: Chunk) -> Sequence[int]:
    try:
        return struct.unpack(f"<{chunk.contacts}I", packed)
    except struct.error:
        raise _damaged(chunk) from None


def _damaged(chunk: Chunk) -> StoreCorruptError:
    return StoreCorruptError(
        f"the chunk of lines {chunk.first_line} to {chunk.last_line} is gone or damaged here",
        "Cancel the job, and import those lines again.",
    )


def _own_folder(folder: Path) -> Path:
    with disk_errors():
        make_private_folder(folder)
    return folder


_FOLDERS: weakref.WeakKeyDictionary[MemoryStore, Path] = weakref.WeakKeyDictionary()


def _folder_of(store: MemoryStore) -> Path:
    """Return the folder for bodies that are too large for memory; it goes with its store."""
    if store not in _FOLDERS:
        _FOLDERS[store] = _temporary_folder(store)
    return _FOLDERS[store]


def _temporary_folder(holder: object) -> Path:
    """Make a folder that is deleted together with *holder*."""
    with disk_errors():
        delete_orphans(Path(tempfile.gettempdir()), f"{_PREFIX}*")
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    weakref.finalize(holder, shutil.rmtree, folder, ignore_errors=True)
    _claim(folder, holder)
    return folder


async def clean_up(store: Store, home: Path) -> None:
    """Delete the bodies of dead processes that wrote no journal for them."""
    for job_id in await take_orphans(store):
        number, has_journal = 1, bool(await store.read(journal_log(job_id)))
        while not has_journal and await store.read(_log(job_id, number)):
            await store.drop(_log(job_id, number))
            number += 1
    place = str(store.path) if isinstance(store, SqliteStore) else ""
    for folder in orphans(home / "bodies", place=place):
        if await store.read(journal_log(folder.name)):
            release(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _claim(folder: Path, holder: object, place: str = "") -> None:
    with disk_errors():
        claim(folder, holder, place)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise a `StoreError` where a file of bodies cannot be opened, written, read or deleted."""
    try:
        yield
    except OSError as error:
        remedy = "Make room on the disk, or point CC_ASYNC_HOME at a folder that can be written."
        if error.errno in (errno.EMFILE, errno.ENFILE):
            remedy = "Close files of this program, or raise the limit of open files: `ulimit -n`."
        reason = error.strerror or type(error).__name__
        raise StoreError(
            f"the import cannot be kept on disk until it is sent: {reason}", remedy
        ) from None
