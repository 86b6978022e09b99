"""The one place that opens files for results: rejected rows, missing contacts, reports.

The paths are the user's, and a wrong one must not cost data. `check_outputs` refuses, before anything
is sent, a path that belongs to an input, a store or another output. `OutputFile` replaces a regular
file as a whole, and writes into a pipe or a device as it is, at the end.
"""

from __future__ import annotations

import asyncio
import errno
import io
import os
import secrets
import select
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cc_async.errors import InvalidRequestError, StoreError

_STANDARD_OUTPUTS = {
    "/dev/stdout": 1, "/dev/fd/1": 1, "/proc/self/fd/1": 1,
    "/dev/stderr": 2, "/dev/fd/2": 2, "/proc/self/fd/2": 2,
}  # fmt: skip
"""Paths of open descriptors. Opened anew, a file behind one would be written from its beginning."""

_PIECE = select.PIPE_BUF
"""Bytes for which a pipe has room if it has any, so that writing them never waits."""

_PIECES = 32
"""Pieces of 4 KiB between two turns of the event loop; they take less than a millisecond."""

_PAUSE = 0.01
"""Seconds until a full pipe is looked at again; with 64 KiB in a pipe, 6 MiB a second go through."""


def check_outputs(outputs: Mapping[str, Path | None], *, kept: Iterable[Path] = ()) -> None:
    """Refuse outputs that cannot be written, or that would replace something else.

    Args:
        outputs: The option that names each output, and its path.
        kept: Files that no output may replace: the inputs, and the files of stores.

    Raises:
        InvalidRequestError: An output is the same file as a kept one or another output, by name
            or through links; or no file can be written there.
    """
    kept = tuple(kept)
    earlier: list[Path] = []
    for option, path in outputs.items():
        if path is None:
            continue
        _refuse_unwritable(path, option)
        if not _is_special(path):
            for other in kept:
                if _is_same(path, other):
                    raise _refused(path, "this file is read or kept; it would be replaced", option)
            if any(_is_same(path, other) for other in earlier):
                raise _refused(path, "two outputs would be written to this file", option)
            earlier.append(path)


def input_files(contacts: object) -> tuple[Path, ...]:
    """Return the file behind a source of contacts, if there is one."""
    if isinstance(contacts, str | Path):
        return (Path("/dev/stdin") if str(contacts) == "-" else Path(contacts),)
    name: Any = getattr(contacts, "name", None)
    return (Path(name),) if isinstance(name, str | Path) else ()


class OutputFile:
    """A text file for results, in UTF-8, for its owner alone (0600).

    It appears under its name, in place of an older one, when the block is left: complete, or with
    the text until an error. Until then it has no name, so a killed process leaves nothing behind.
    A pipe, a device, and standard output get the text when the block is left. `with` waits for a
    slow reader; `async with` lets the event loop go on meanwhile.

    Raises:
        InvalidRequestError: No file can be written there.
        StoreError: The disk is full or failed.

    Cancellation:
        A file is complete. A pipe gets no more than its reader takes at once.
    """

    def __init__(self, path: Path, option: str = "") -> None:
        self._path = path
        self._option = option
        self._target: int | None = None
        self._rest = b""

    def __enter__(self) -> Self:
        _refuse_unwritable(self._path, self._option)
        folder = self._path.parent
        try:
            if _is_special(self._path):
                folder, self._target = Path(tempfile.gettempdir()), _open_as_is(self._path)
            number = _open_nameless(folder)
        except OSError as error:
            self._close_target()
            raise _refused(self._path, _reason(error), self._option) from error
        self._file = io.TextIOWrapper(
            os.fdopen(number, "w+b"), "utf-8", errors="backslashreplace", newline=""
        )
        return self

    async def __aenter__(self) -> Self:
        return self.__enter__()

    def write(self, text: str) -> None:
        """Add *text*."""
        try:
            self._file.write(text)
        except OSError as error:
            raise self._failed(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._closing() as target:
            while target is not None and not self._pass_on(target, waits=True):
                pass

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._closing() as target:
            while target is not None and not self._pass_on(target, waits=False):  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE)

    @contextmanager
    def _closing(self) -> Iterator[int | None]:
        """Give the file its name, or yield the pipe or device to pass it on to; then close both."""
        try:
            self._file.flush()
            if self._target is None:
                _give_name(self._file.fileno(), self._path)
            else:
                os.lseek(self._file.fileno(), 0, os.SEEK_SET)
            yield self._target
        except OSError as problem:
            raise self._failed(problem) from problem
        finally:
            with suppress(OSError):
                self._file.close()
            self._close_target()

    def _close_target(self) -> None:
        target, self._target = self._target, None
        if target is not None:
            os.close(target)

    def _pass_on(self, target: int, *, waits: bool) -> bool:
        """Write to the pipe or device *target* for a moment; return whether all is written.

        If it is full and *waits* is false, nothing more is written.
        """
        ready = select.poll()
        ready.register(target, select.POLLOUT)
        for _ in range(_PIECES):
            self._rest = self._rest or os.read(self._file.fileno(), _PIECE)
            if not self._rest:
                return True
            if not ready.poll(None if waits else 0):
                return False
            self._rest = self._rest[os.write(target, self._rest) :]
        return False

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self._path} cannot be written: {_reason(error)}",
            "Make room on the disk, or give a path elsewhere.",
        )


def _refuse_unwritable(path: Path, option: str) -> None:
    if _is_special(path):
        is_writable = os.access(path, os.W_OK)
    elif path.is_symlink():
        raise _refused(path, "this is a link; give the path that it leads to", option)
    else:
        is_free = not path.exists() or (path.is_file() and os.access(path, os.W_OK))
        is_writable = is_free and os.access(path.parent, os.W_OK)
    if not is_writable:
        raise _refused(path, "no file can be written here", option)


def _refused(path: Path, reason: str, option: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{path}: {reason}",
        "Give the path of a new file in a folder that exists and is yours.",
        option,
    )


def _is_special(path: Path) -> bool:
    """Whether *path* is a pipe, a device or standard output, and so is written into."""
    if str(path.absolute()) in _STANDARD_OUTPUTS:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def _open_as_is(path: Path) -> int:
    """Open a pipe or a device. A pipe without a reader is an error; waiting would never end."""
    standard = _STANDARD_OUTPUTS.get(str(path.absolute()))
    if standard is not None:
        return os.dup(standard)
    number = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(number, True)
    return number


def _open_nameless(folder: Path) -> int:
    """Open a new file in *folder* that disappears with its process."""
    if hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # some file systems have no such files
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    number, name = tempfile.mkstemp(prefix=".", dir=folder)
    Path(name).unlink()
    return number


def _give_name(number: int, path: Path) -> None:
    """Put an open file without a name in place of *path*."""
    name = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        if not _link(number, name):
            _copy(number, name)
        name.replace(path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def _link(number: int, name: Path) -> bool:
    """Name an open file; return whether the system can do that."""
    folder = os.open(name.parent, os.O_RDONLY)
    try:  # with a folder's descriptor Python follows the link that /proc holds
        os.link(f"/proc/self/fd/{number}", name, src_dir_fd=folder, follow_symlinks=True)
    except (OSError, NotImplementedError):
        return False
    finally:
        os.close(folder)
    return True


def _copy(number: int, name: Path) -> None:
    os.lseek(number, 0, os.SEEK_SET)
    target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as file, os.fdopen(os.dup(number), "rb") as source:
        shutil.copyfileobj(source, file)


def _reason(error: OSError) -> str:
    if error.errno == errno.ENXIO:
        return "no process reads this pipe"
    return error.strerror or type(error).__name__
