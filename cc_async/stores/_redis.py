"""A store in Redis or Valkey, shared by all machines that reach it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError

from ._finish import finish
from ._store import Change

T = TypeVar("T")

_log = logging.getLogger(__name__)

_REPLACE = """
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
"""
"""Replaces a value that is still what was read; what replaces it was decided in Python."""

_TRIES = 200


class RedisStore:
    """A store in Redis or Valkey, for many machines.

    Data lasts as long as the server keeps it: journals and tokens want `appendonly yes`, and
    `appendfsync always` to be quick. Where the server keeps such a file, durable writes return
    when they are on its disk; where it does not, that is logged once as a warning.

    Args:
        url: `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS.
        timeout: Seconds to wait for a connection and for each answer.
        prefix: Put before the name of every key.
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
        async with self._connected() as client:
            found: list[Any] = await client.lrange(f"{self._prefix}log:{log}", start, -1)
            return found

    async def drop(self, log: str) -> None:
        """See `Store.drop`."""
        async with self._connected() as client:
            await client.delete(f"{self._prefix}log:{log}")

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        return await finish(asyncio.get_running_loop().create_task(work))

    async def _update(self, name: str, change: Change[T], durable: bool) -> T:
        async with self._connected() as client, self._updating:
            for tries in range(_TRIES):
                reading: Any = client.pipeline(transaction=False)
                stored, (seconds, micros) = await reading.get(name).time().execute()
                before = None if stored is None else _decoded(stored, self._place)
                after, answer = change(before, seconds + micros / 1e6)
                if after is before:
                    return answer
                replacement = b"" if after is None else orjson.dumps(after)
                writing: Any = client.pipeline(transaction=False)
                writing.eval(_REPLACE, 1, name, stored or b"", replacement)
                if await self._write(writing, durable):
                    return answer
                await asyncio.sleep(random.random() * 0.001 * min(tries, 50))  # noqa: S311
        raise StoreLockedError(
            f"{self._place} is written to by too many others at once", "Try again later."
        )

    async def _append(self, name: str, entries: Sequence[bytes]) -> int:
        async with self._connected() as client:
            if not entries:
                return int(await client.llen(name))
            writing: Any = client.pipeline(transaction=False)
            writing.rpush(name, *entries)
            return await self._write(writing, durable=True)

    async def _write(self, writing: Any, durable: bool) -> int:
        """Send the one command in *writing*; wait until the server has it on disk, if it can."""
        wait = durable and self._keeps_file
        if wait:
            writing.waitaof(1, 0, int(self._timeout * 800))
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
        try:
            yield self._client
        except (RedisError, OSError) as error:
            raise StoreError(
                f"{self._place} cannot be used ({type(error).__name__}: {error})",
                "Check that the server runs and that CC_ASYNC_STORE names it rightly.",
            ) from error

    def _open(self) -> redis.asyncio.Redis:
        return redis.asyncio.Redis.from_url(
            self._url,
            socket_timeout=self._timeout,
            socket_connect_timeout=self._timeout,
            retry=Retry(NoBackoff(), 0),  # a repeated append would be there twice
        )


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"the store redis://{parts.hostname}:{parts.port or 6379}"


def _decoded(stored: bytes, place: str) -> Any:
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError as error:
        raise StoreCorruptError(f"a record in {place} is damaged", "Delete it.") from error
