"""A store in one SQLite file, for all processes of a machine."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import orjson

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError

from ._cancellation import defer_cancellation
from ._private_files import make_private_folder
from ._store import Change
from ._versions import LAYOUT, require_layout

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    log TEXT NOT NULL, position INTEGER NOT NULL, entry BLOB NOT NULL,
    UNIQUE (log, position)
);
"""
_CHOICES = (
    "Set CC_ASYNC_HOME to a folder that can be written, or CC_ASYNC_STORE to another store "
    "(memory:, sqlite:///PATH, redis://…, postgresql://…)."
)


_WAL_POLL = 0.01
"""Seconds between two attempts to switch to write-ahead logging; the switch itself takes a few ms."""


class SqliteStore:
    """A store in one file: nothing to install, and every process of the machine shares it.

    A thread of its own does all work, so the event loop stays free. The store makes a missing
    folder (0700), and the file belongs to its user alone (0600). The first use opens the file,
    and a forked child opens it anew.

    Args:
        path: The file. Not on a network drive: SQLite's locks do not work there.
        busy_timeout: Seconds to wait while other processes write before `StoreLockedError`.
        clock: Seconds since the epoch; by default the machine's.

    Example::

        store = SqliteStore(Path("state/cc-async.sqlite3"))
        await store.append("journal", [b"one"])
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
        self._pid = 0
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._left_to_parent: list[sqlite3.Connection] = []

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._path)!r})"

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """See `Store.update`."""

        def work(connection: sqlite3.Connection) -> T:
            row = connection.execute("SELECT value FROM records WHERE key = ?", (key,)).fetchone()
            before = None if row is None else orjson.loads(row[0])
            after, answer = change(before, self._clock())
            if after is None:
                connection.execute("DELETE FROM records WHERE key = ?", (key,))
            elif after is not before:
                connection.execute(
                    "INSERT INTO records VALUES (?, ?) "
                    "ON CONFLICT DO UPDATE SET value = excluded.value",
                    (key, orjson.dumps(after)),
                )
            return answer

        return await self._transact(work, durable=durable)

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """See `Store.append`."""

        def work(connection: sqlite3.Connection) -> int:
            (length,) = connection.execute(
                "SELECT coalesce(max(position) + 1, 0) FROM entries WHERE log = ?", (log,)
            ).fetchone()
            connection.executemany(
                "INSERT INTO entries VALUES (?, ?, ?)",
                [(log, position, entry) for position, entry in enumerate(entries, length)],
            )
            return int(length) + len(entries)

        return await self._transact(work)

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        """See `Store.read`."""
        query = "SELECT entry FROM entries WHERE log = ? AND position >= ? ORDER BY position"
        return await self._run(
            lambda connection: [bytes(row[0]) for row in connection.execute(query, (log, start))]
        )

    async def drop(self, log: str) -> None:
        """See `Store.drop`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM entries WHERE log = ?", (log,))

        await self._transact(work)

    async def aclose(self) -> None:
        """Close the file and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None and self._pid == os.getpid():
            await defer_cancellation(
                asyncio.get_running_loop().run_in_executor(thread, self._close)
            )
            thread.shutdown(wait=False)

    async def _transact(
        self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True
    ) -> T:
        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                answer = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return answer

        return await self._run(transaction)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._thread is None or self._pid != os.getpid():
            self._begin()

        def in_thread() -> T:
            try:
                return work(self._connection or self._open())
            except (sqlite3.Error, orjson.JSONDecodeError) as error:
                explained = _explain(error, self._path)
                if not isinstance(explained, StoreLockedError):
                    self._close()  # the user may move the file away: the next use opens a new one
                raise explained from error

        return await defer_cancellation(
            asyncio.get_running_loop().run_in_executor(self._thread, in_thread)
        )

    def _begin(self) -> None:
        if self._connection is not None:  # the parent's: closing it here would drop its locks
            self._left_to_parent.append(self._connection)
            self._connection = None
        self._pid = os.getpid()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cc_async-store")

    def _open(self) -> sqlite3.Connection:
        _make_private(self._path)
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, self._path, self._busy_timeout)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _make_private(path: Path) -> None:
    try:
        make_private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        message = f"the state file {path} cannot be written ({error.strerror})"
        raise StoreError(message, _CHOICES) from error


def _prepare(connection: sqlite3.Connection, path: Path, busy_timeout: float) -> None:
    _write_ahead(connection, busy_timeout)
    (layout,) = connection.execute("PRAGMA user_version").fetchone()  # 0: a new file
    require_layout(layout or None, place=f"the state file {path}")
    if not layout:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {LAYOUT}; COMMIT;"
        )


def _write_ahead(connection: sqlite3.Connection, busy_timeout: float) -> None:
    # SQLite's busy timeout does not cover this statement while another process opens a new file.
    give_up_at = time.monotonic() + busy_timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > give_up_at:
                raise
            time.sleep(_WAL_POLL)
        else:
            return


def _explain(error: sqlite3.Error | orjson.JSONDecodeError, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLockedError(
            f"another process kept the state file {path} locked",
            "Wait until it has finished, or find the process that holds the file.",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreCorruptError(
            f"the state file {path} is damaged",
            "Move it away together with its -wal and -shm files; a new one is made.",
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"no space left for the state file {path}", "Free some space.")
    return StoreError(f"the state file {path} cannot be used ({error})", _CHOICES)
