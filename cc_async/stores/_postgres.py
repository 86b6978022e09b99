"""A store in PostgreSQL, for many machines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError

from ._cancellation import defer_cancellation
from ._store import Change
from ._urls import is_cut_short, unreadable_url
from ._versions import FORMAT, LAYOUT, require_layout

T = TypeVar("T")

_Connection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]
_Work: TypeAlias = Callable[[_Connection], Awaitable[T]]

_LAYOUT_KEY = "cc_async:layout"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cc_async_records (key text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE IF NOT EXISTS cc_async_entries (
    log text NOT NULL, position bigint NOT NULL, entry bytea NOT NULL,
    PRIMARY KEY (log, position)
);
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7007))"
"""Locks one name until the transaction ends; 7007 keeps the locks of this package apart.

It stands in a statement of its own, under READ COMMITTED: the next statement then sees the writes
of the last holder, and reads the clock after the wait.
"""
_MIN_CONNECT_TIMEOUT = 2
"""Seconds; libpq takes whole seconds and treats 1 as 2.

https://www.postgresql.org/docs/current/libpq-connect.html
"""
_PORT_DIGITS = 5
"""Digits of the greatest port, 65535; libpq shows longer ones, and other text, in its error."""


class PostgresStore:
    """A store in PostgreSQL, for many machines, in the tables `cc_async_records` and `…_entries`.

    Each store object has one connection. The first use opens it, and the next use after a loss
    opens it again. The store makes missing tables.

    Args:
        url: `postgresql://[user[:password]@]host[:port]/database`, or any libpq string.
        timeout: Seconds to wait for a connection and for a lock.
    """

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self._url = url
        self._timeout = timeout
        self._place = _place(url)
        self._connection: _Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy = asyncio.Lock()
        self._committing = False

    def __repr__(self) -> str:
        return f"PostgresStore({self._place!r})"

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """See `Store.update`. The clock is the server's."""

        async def work(connection: _Connection) -> T:
            async with connection.pipeline():
                if not durable:
                    await connection.execute("SET LOCAL synchronous_commit = off")
                await connection.execute(_LOCK, (key,))
                cursor = await connection.execute(
                    "SELECT extract(epoch FROM clock_timestamp())::float8,"
                    " (SELECT value FROM cc_async_records WHERE key = %s)",
                    (key,),
                    binary=True,
                )
                row = await cursor.fetchone()
            now, stored = row or (0.0, None)
            before = None if stored is None else orjson.loads(stored)
            after, answer = change(before, now)
            if after is None:
                await connection.execute("DELETE FROM cc_async_records WHERE key = %s", (key,))
            elif after is not before:
                await connection.execute(
                    "INSERT INTO cc_async_records VALUES (%s, %s)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (key, orjson.dumps(after)),
                )
            return answer

        return await self._transact(work)

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """See `Store.append`."""

        async def work(connection: _Connection) -> int:
            await connection.execute(_LOCK, (log,))
            cursor = await connection.execute(
                "SELECT coalesce(max(position) + 1, 0) FROM cc_async_entries WHERE log = %s",
                (log,),
            )
            (length,) = await cursor.fetchone() or (0,)
            if entries:
                await connection.cursor().executemany(
                    "INSERT INTO cc_async_entries VALUES (%s, %s, %s)",
                    [(log, position, entry) for position, entry in enumerate(entries, length)],
                )
            return int(length) + len(entries)

        return await self._transact(work)

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        """See `Store.read`."""

        async def work(connection: _Connection) -> list[bytes]:
            cursor = await connection.execute(
                "SELECT entry FROM cc_async_entries WHERE log = %s AND position >= %s"
                " ORDER BY position",
                (log, start),
                binary=True,
            )
            return [bytes(row[0]) for row in await cursor.fetchall()]

        return await self._transact(work)

    async def drop(self, log: str) -> None:
        """See `Store.drop`."""

        async def work(connection: _Connection) -> None:
            await connection.execute("DELETE FROM cc_async_entries WHERE log = %s", (log,))

        await self._transact(work)

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _transact(self, work: _Work[T]) -> T:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._busy, self._connection = loop, asyncio.Lock(), None
        return await defer_cancellation(loop.create_task(self._locked(work)))

    async def _locked(self, work: _Work[T]) -> T:
        async with self._busy:
            reused = self._connection is not None
            try:
                try:
                    return await self._attempt(work)
                except psycopg.OperationalError:
                    if not reused or self._committing or self._connection is not None:
                        raise
                return await self._attempt(work)  # the connection was lost before this work began
            except (psycopg.Error, orjson.JSONDecodeError) as error:
                raise _explain(error, self._place) from error

    async def _attempt(self, work: _Work[T]) -> T:
        self._committing = False
        if self._connection is None:
            self._connection = await self._open()
        try:
            answer = await work(self._connection)
            self._committing = True
            await self._connection.commit()
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                await self._connection.rollback()
            if self._connection.closed:
                self._connection = None
            raise
        return answer

    async def _open(self) -> _Connection:
        connection = await psycopg.AsyncConnection.connect(
            self._url, connect_timeout=max(_MIN_CONNECT_TIMEOUT, int(self._timeout))
        )
        try:
            await connection.set_isolation_level(psycopg.IsolationLevel.READ_COMMITTED)
            await connection.execute(f"SET lock_timeout = {int(self._timeout * 1000)}")
            await connection.commit()
            await self._prepare(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _prepare(self, connection: _Connection) -> None:
        cursor = await connection.execute(
            "SELECT to_regclass('cc_async_records'), to_regclass('cc_async_entries')"
        )
        if None in (await cursor.fetchone() or (None,)):
            await connection.execute(_LOCK, ("schema",))
            await connection.execute(_SCHEMA)
            await connection.execute(
                "INSERT INTO cc_async_records VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (_LAYOUT_KEY, orjson.dumps({FORMAT: LAYOUT})),
            )
        cursor = await connection.execute(
            "SELECT value FROM cc_async_records WHERE key = %s", (_LAYOUT_KEY,), binary=True
        )
        row = await cursor.fetchone()
        await connection.commit()
        require_layout(orjson.loads(row[0]).get(FORMAT) if row else None, place=self._place)


def _place(url: str) -> str:
    """Return a name of the store for texts."""
    with contextlib.suppress(psycopg.Error):  # its text holds parts of the address
        parts = conninfo_to_dict(url)
        ports = str(parts.get("port", "")).split(",")
        if not is_cut_short(url) and all(map(_is_port, ports)):
            return (
                f"the store postgresql://{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"
            )
    raise unreadable_url("PostgreSQL", "postgresql://user:password@host:port/database")


def _is_port(text: str) -> bool:
    return not text or (text.isdecimal() and len(text) <= _PORT_DIGITS)


def _explain(error: psycopg.Error | orjson.JSONDecodeError, place: str) -> StoreError:
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return StoreLockedError(f"another process kept a record in {place} locked")
    damaged = (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)
    if isinstance(error, (orjson.JSONDecodeError, *damaged)):
        return StoreCorruptError(f"a record in {place} is damaged", "Delete it.")
    return StoreError(
        f"{place} cannot be used ({str(error).strip() or type(error).__name__})",
        "Check that the server runs and that CC_ASYNC_STORE names it rightly.",
    )
