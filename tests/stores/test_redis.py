"""The stores behind a server, on real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cc_async.errors import StoreError
from cc_async.stores import open_store
from cc_async.testing._check_store import CheckStore, MakeStore, get, put
from tests.support.servers import opening, valkey


@pytest.fixture(scope="module")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


class TestRedisStore(CheckStore):
    """Valkey, which speaks as Redis does."""

    @pytest.fixture
    async def make_store(self, valkey_url: str) -> AsyncIterator[MakeStore]:
        async for make in opening(valkey_url):
            yield make


@pytest.mark.parametrize(
    "url",
    ["redis://user:hush@127.0.0.1:1/0", "postgresql://user:hush@127.0.0.1:1/state"],
)
async def test_a_server_that_is_not_there(url: str) -> None:
    """A server that cannot be reached is named, with what to check and without a password."""
    store = open_store(url)
    with pytest.raises(StoreError) as caught:
        await store.update("key", get)
    assert "127.0.0.1" in str(caught.value)
    assert "CC_ASYNC_STORE" in caught.value.hint
    assert "hush" not in str(caught.value) + repr(store)
    await store.aclose()


async def test_valkey_restarted_in_the_middle(tmp_path: Path) -> None:
    """While the server is away there is an error; when it is back, all is as it was."""
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


async def test_a_valkey_that_keeps_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A server without an append-only file is used all the same, after one warning."""
    with valkey(tmp_path, lasting=False) as url:
        store = open_store(url)
        await store.append("log", [b"a"])
        await store.update("key", put({"n": 1}))
        assert await store.read("log") == [b"a"]
        assert await store.update("key", get) == {"n": 1}
        await store.aclose()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "append-only" in caplog.text
