"""Blocks of bytes (or text) out of files, standard input, file objects and memory.

Regular files and memory are read in place: a block takes microseconds. Pipes and terminals are
waited for without holding the loop.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import anyio
import anyio.to_thread

from cc_async.errors import InputError, InvalidRequestError
from cc_async.sources.readers._file_format import Block

_BLOCK_BYTES = 65_536
"""Bytes of a block, as many as a pipe holds on Linux. Read and checked, they take some
milliseconds."""

STANDARD_INPUT = "-"
"""The path that means standard input."""


class Readable(Protocol):
    """A file object, binary or text."""

    def read(self, size: int, /) -> Any: ...


def is_regular_file(data: Path) -> bool:
    """Whether *data* is a file that can be read more than once."""
    try:
        return data.is_file()
    except OSError:  # a name that is too long
        return False


def refuse_unreadable(path: Path, *, source: str) -> None:
    """Raise `InputError` if *path* is missing, a folder, or may not be read."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        if path.is_file():
            path.open("rb").close()
    except ValueError as error:  # NUL in a path
        raise _unreadable(FileNotFoundError(), source) from error
    except OSError as error:
        raise _unreadable(error, source) from error
    if is_folder:
        raise InputError(
            "this is a folder, not a file", "Give the path of a file inside it.", source
        )


def _unreadable(error: OSError, source: str) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(
            "there is no such file", "Check the path, and the folder it starts from.", source
        )
    if isinstance(error, PermissionError):
        return InputError(
            "you may not read this file", "Ask its owner, or copy it to a place of yours.", source
        )
    return InputError(
        f"the file cannot be read: {error.strerror or error}",
        "Check the path and the disk.",
        source,
    )


async def read_blocks(data: Path | bytes | Readable, *, source: str) -> AsyncGenerator[Block, None]:
    """Yield the content of *data*, some 64 KiB at a time.

    A file object is read from its current position, and stays open.

    Raises:
        InputError: The file cannot be opened or read.
        InvalidRequestError: The object gives neither bytes nor text.
    """
    if isinstance(data, bytes):
        for start in range(0, len(data), _BLOCK_BYTES):
            yield data[start : start + _BLOCK_BYTES]
        return
    try:
        if isinstance(data, Path):
            with _open(data) as file:
                async for block in _blocks_of(file):
                    yield block
        else:
            async for block in _blocks_of(data):
                yield block
    except OSError as error:
        raise _unreadable(error, source) from error


def _open(path: Path) -> io.FileIO:
    """Open *path* without a buffer, or standard input for `-`; standard input stays open."""
    if str(path) == STANDARD_INPUT:
        return io.FileIO(sys.stdin.fileno(), closefd=False)
    return io.FileIO(path)


async def _blocks_of(file: Readable) -> AsyncIterator[Block]:
    descriptor = _descriptor(file)
    may_wait = descriptor is not None and not stat.S_ISREG(os.fstat(descriptor).st_mode)
    while True:
        if not may_wait:
            block = file.read(_BLOCK_BYTES)
        elif isinstance(file, io.FileIO) and sys.platform != "win32":
            with contextlib.suppress(
                PermissionError
            ):  # a device that never waits, such as /dev/null
                await anyio.wait_readable(file)
            block = file.read(_BLOCK_BYTES)
            if block is None:  # another reader was faster
                continue
        else:
            read = getattr(file, "read1", file.read)
            block = await anyio.to_thread.run_sync(read, _BLOCK_BYTES, abandon_on_cancel=True)
        if type(block) not in (bytes, str):
            block = _checked(block)
        if not block:
            return
        yield block


def _checked(block: object) -> Block:
    """Return what a file object gave as bytes or text.

    Raises:
        InvalidRequestError: It is neither, so the object is no file of a plain program.
    """
    if isinstance(block, bytes | bytearray | memoryview):
        return bytes(block)
    if isinstance(block, str):
        return str(block)
    if inspect.isawaitable(block):
        if inspect.iscoroutine(block):
            block.close()
        raise InvalidRequestError(
            "this is an asynchronous file, and files are read by plain calls",
            "Give the path of the file, or bytes: await file.read().",
        )
    given = "nothing, as a file that does not wait does" if block is None else type(block).__name__
    raise InvalidRequestError(
        f"the file's read() gives {given}, where bytes or text are expected",
        "Give the path of the file, or an object with a plain read(size).",
    )


def _descriptor(file: Readable) -> int | None:
    """Return the descriptor of *file*, or `None` for a file in memory."""
    try:
        return file.fileno()  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, OSError):
        return None
