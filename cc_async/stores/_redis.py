"""A store in Redis or Valkey, for many machines."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError

from ._cancellation import defer_cancellation
from ._store import Change
from ._urls import is_cut_short, unreadable_url
from ._versions import FORMAT, LAYOUT, require_layout

T = TypeVar("T")

_log = logging.getLogger(__name__)

_REPLACE = """
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
"""
"""Replaces a value if nothing has changed it since it was read; Python computed its successor."""

_MAX_ATTEMPTS = 200
"""Attempts at one update while others change the same record: some four seconds with the waits."""

_MAX_BACKOFF = 0.05
"""Longest wait between two attempts, in seconds. Each attempt adds up to a millisecond."""

_DISK_SHARE = 0.8
"""Share of *timeout* that the server may take for its disk; its answer then comes in time."""


class RedisStore:
    """A store in Redis or Valkey, for many machines.

    Data lasts as long as the server keeps it: journals and tokens need `appendonly yes`, and
    `appendfsync always` to be quick. With such a file a durable write returns when it is on the
    server's disk; without one the store logs one warning. A connection that the server has cut is
    opened again by the next use.

    Args:
        url: `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS.
        timeout: Seconds to wait for a connection and for each answer.
        prefix: First part of every key.
    """

    def __init__(self, url: str, *, timeout: float = 5.0, prefix: str = "cc_async:") -> None:
        self._url = url
        self._timeout = timeout
        self._prefix = prefix
        self._place = _place(url)
        self._client: redis.asyncio.Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._updating = asyncio.Lock()
        self._keeps_file = True
        self._is_checked = False

    def __repr__(self) -> str:
        return f"RedisStore({self._place!r})"

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """See `Store.update`. The clock is the server's."""
        return await self._finish(self._update(f"{self._prefix}record:{key}", change, durable))

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """See `Store.append`."""
        return await self._finish(self._append(f"{self._prefix}log:{log}", entries))

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        """See `Store.read`."""
        name = f"{self._prefix}log:{log}"
        async with self._connected() as client:
            found: list[Any] = await _repeated(lambda: client.lrange(name, start, -1))
            return found

    async def drop(self, log: str) -> None:
        """See `Store.drop`."""
        name = f"{self._prefix}log:{log}"
        async with self._connected() as client:
            await _repeated(lambda: client.delete(name))

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        return await defer_cancellation(asyncio.get_running_loop().create_task(work))

    async def _update(self, name: str, change: Change[T], durable: bool) -> T:
        async with self._connected() as client, self._updating:
            for attempt in range(_MAX_ATTEMPTS):
                stored, (seconds, micros) = await _repeated(partial(_read, client, name))
                before = None if stored is None else _decoded(stored, self._place)
                after, answer = change(before, seconds + micros / 1e6)
                if after is before:
                    return answer
                replacement = b"" if after is None else orjson.dumps(after)
                writing: Any = client.pipeline(transaction=False)
                writing.eval(_REPLACE, 1, name, stored or b"", replacement)
                if await self._write(writing, durable):
                    return answer
                await asyncio.sleep(random.random() * min(0.001 * attempt, _MAX_BACKOFF))  # noqa: S311
        raise StoreLockedError(
            f"{self._place} is written to by too many others at once", "Try again later."
        )

    async def _append(self, name: str, entries: Sequence[bytes]) -> int:
        async with self._connected() as client:
            length = await _repeated(lambda: client.llen(name))  # so the connection is not cut
            if not entries:
                return int(length)
            writing: Any = client.pipeline(transaction=False)
            writing.rpush(name, *entries)
            return await self._write(writing, durable=True)

    async def _write(self, writing: Any, durable: bool) -> int:
        """Send the one command in *writing* and wait for the server's disk, if it writes to one."""
        wait = durable and self._keeps_file
        if wait:
            writing.waitaof(1, 0, int(self._timeout * _DISK_SHARE * 1000))
        answer, *synced = await writing.execute(raise_on_error=False)
        if isinstance(answer, RedisError):
            raise answer
        if wait and isinstance(synced[0], ResponseError):  # an older server, or no such file
            self._keeps_file = False
            _log.warning("%s keeps no append-only file: a restart may lose data", self._place)
        elif wait and not synced[0][0]:
            raise StoreError(f"{self._place} could not write its file in time")
        return int(answer)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[redis.asyncio.Redis]:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = self._open(), loop
            self._updating = asyncio.Lock()
            self._is_checked = False
        client = self._client
        try:
            if not self._is_checked:
                await self._check_layout(client)
                self._is_checked = True
            yield client
        except (RedisError, OSError) as error:
            raise StoreError(
                f"{self._place} cannot be used ({type(error).__name__}: {error})",
                "Check that the server runs and that CC_ASYNC_STORE names it rightly.",
            ) from error

    async def _check_layout(self, client: redis.asyncio.Redis) -> None:
        name = f"{self._prefix}layout"
        pipeline: Any = client.pipeline(transaction=False)
        pipeline.set(name, orjson.dumps({FORMAT: LAYOUT}), nx=True).get(name)
        _, stored = await pipeline.execute()
        require_layout(_decoded(stored, self._place).get(FORMAT), place=self._place)

    def _open(self) -> redis.asyncio.Redis:
        return redis.asyncio.Redis.from_url(
            self._url,
            socket_timeout=self._timeout,
            socket_connect_timeout=self._timeout,
            retry=Retry(NoBackoff(), 0),  # a repeated append would be there twice
        )


async def _repeated(work: Callable[[], Awaitable[Any]]) -> Any:
    """Return the result of *work*, once more on a new connection if the server has cut this one.

    The work does no harm twice. A write that does follows it at once, on the same connection.
    """
    try:
        return await work()
    except redis.exceptions.ConnectionError:
        return await work()


def _read(client: redis.asyncio.Redis, name: str) -> Awaitable[Any]:
    pipeline: Any = client.pipeline(transaction=False)
    reading: Awaitable[Any] = pipeline.get(name).time().execute()
    return reading


def _place(url: str) -> str:
    """Return a name of the store for texts, after trying the address without connecting."""
    with suppress(ValueError, TypeError, RedisError):  # their texts hold parts of the address
        parts = urlsplit(url)
        place = f"the store redis://{parts.hostname}:{parts.port or 6379}"
        pool: Any = redis.asyncio.ConnectionPool.from_url(url)
        pool.make_connection()
        if not is_cut_short(url):
            return place
    raise unreadable_url("Redis", "redis://user:password@host:port/database")


def _decoded(stored: bytes, place: str) -> Any:
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError as error:
        raise StoreCorruptError(f"a record in {place} is damaged", "Delete it.") from error
