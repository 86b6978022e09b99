"""The store in Redis or Valkey, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from cc_async.errors import StoredFormatError, StoreError
from cc_async.stores import open_store
from cc_async.testing._check_store import CheckStore, MakeStore, get, put
from tests.support.servers import check_out_of_reach, opening, valkey


@pytest.fixture(scope="module")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


class TestRedisStore(CheckStore):
    """A Valkey, with the protocol of Redis."""

    @pytest.fixture
    async def make_store(self, valkey_url: str) -> AsyncIterator[MakeStore]:
        async for make in opening(valkey_url):
            yield make


async def test_a_server_out_of_reach_is_named() -> None:
    """The error names the server and the setting to check, and shows no password."""
    await check_out_of_reach(open_store("redis://user:hush@127.0.0.1:1/0"))


async def test_keys_from_before_versions_are_read(tmp_path: Path) -> None:
    """Keys without a layout version have today's layout, and get the version."""
    with valkey(tmp_path) as url:
        client = redis.asyncio.Redis.from_url(url)
        await client.set("cc_async:record:key", b'{"n":1}')
        await client.rpush("cc_async:log:log", b"a")
        store = open_store(url)
        assert await store.update("key", get) == {"n": 1}
        assert await store.read("log") == [b"a"]
        assert await client.get("cc_async:layout") == b'{"format":1}'
        await store.aclose()
        await client.aclose()


async def test_an_unknown_layout_is_refused(tmp_path: Path) -> None:
    """Keys of another layout are an error on every use, and stay as they are."""
    with valkey(tmp_path) as url:
        client = redis.asyncio.Redis.from_url(url)
        await client.set("cc_async:layout", b'{"format":2}')
        store = open_store(url)
        for _ in range(2):
            with pytest.raises(StoredFormatError, match="has version 2"):
                await store.append("log", [b"a"])
        assert await client.keys("*") == [b"cc_async:layout"]
        await store.aclose()
        await client.aclose()


async def test_valkey_restarted_in_the_middle(tmp_path: Path) -> None:
    """Without its server the store fails; after the restart all records are there."""
    with valkey(tmp_path) as url:
        store = open_store(url)
        await store.update("key", put({"n": 1}))
        await store.append("log", [b"a"])
    with pytest.raises(StoreError):
        await store.update("key", get)
    with valkey(tmp_path, port=int(url.rpartition(":")[2].partition("/")[0])):
        assert await store.update("key", get) == {"n": 1}
        assert await store.read("log") == [b"a"]
        await store.aclose()


async def test_a_cut_connection_is_opened_again(tmp_path: Path) -> None:
    """If the server closes connections, the next use opens one, and nothing is lost or twice there."""
    with valkey(tmp_path) as url:
        store, admin = open_store(url), redis.asyncio.Redis.from_url(url)
        length = 0
        for number in range(5):
            await asyncio.gather(*(store.read("log") for _ in range(4)))  # several connections
            await admin.client_kill_filter(_type="normal", skipme=True)
            if number == 0:
                await store.update("key", put({"n": 1}))
            elif number == 1:
                length = await store.append("log", [b"a"])
            elif number == 2:
                assert await store.read("log") == [b"a"]
            elif number == 3:
                assert await store.update("key", get) == {"n": 1}
            else:
                await store.drop("log")
        assert length == 1
        assert await store.read("log") == []
        await store.aclose()
        await admin.aclose()


async def test_a_valkey_without_a_file_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A server without an append-only file works, after one warning."""
    with valkey(tmp_path, lasting=False) as url:
        store = open_store(url)
        await store.append("log", [b"a"])
        await store.update("key", put({"n": 1}))
        assert await store.read("log") == [b"a"]
        assert await store.update("key", get) == {"n": 1}
        await store.aclose()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "append-only" in caplog.text
