"""The store in PostgreSQL, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from cc_async.errors import StoredFormatError, StoreError
from cc_async.stores import open_store
from cc_async.testing._check_store import CheckStore, MakeStore, get, put
from tests.support.servers import check_out_of_reach, opening, postgres


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


class TestPostgresStore(CheckStore):
    """A PostgreSQL."""

    @pytest.fixture
    async def make_store(self, postgres_url: str) -> AsyncIterator[MakeStore]:
        async for make in opening(postgres_url):
            yield make


async def test_a_server_out_of_reach_is_named() -> None:
    """The error names the server and the setting to check, and shows no password."""
    await check_out_of_reach(open_store("postgresql://user:hush@127.0.0.1:1/state"))


async def test_the_tables_carry_the_version_of_their_layout(postgres_url: str) -> None:
    """New tables hold the version; tables without it have today's layout."""
    store = open_store(postgres_url)
    await store.update("kept", put({"n": 1}))
    await store.aclose()
    assert await layout_in(postgres_url) == b'{"format":1}'
    await set_layout(postgres_url, None)
    assert await store.update("kept", get) == {"n": 1}
    await store.aclose()


async def test_an_unknown_layout_is_refused(postgres_url: str) -> None:
    """Tables of another layout are an error on every use, and stay as they are."""
    store = open_store(postgres_url)
    await store.append("kept", [b"a"])
    await store.aclose()
    await set_layout(postgres_url, b'{"format":2}')
    for _ in range(2):
        with pytest.raises(StoredFormatError, match="has version 2"):
            await store.append("kept", [b"b"])
    await set_layout(postgres_url, b'{"format":1}')
    assert await store.read("kept") == [b"a"]
    await store.aclose()


async def layout_in(url: str) -> bytes | None:
    """Return the layout in the database."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = await connection.execute(
            "SELECT value FROM cc_async_records WHERE key = 'cc_async:layout'"
        )
        row = await cursor.fetchone()
    return None if row is None else bytes(row[0])


async def set_layout(url: str, value: bytes | None) -> None:
    """Write *value* as the layout of the database, or delete it."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("DELETE FROM cc_async_records WHERE key = 'cc_async:layout'")
        if value is not None:
            await connection.execute(
                "INSERT INTO cc_async_records VALUES ('cc_async:layout', %s)", (value,)
            )


@pytest.mark.slow
async def test_postgres_restarted_in_the_middle(tmp_path: Path) -> None:
    """Without its server the store fails; after the restart all records are there."""
    with postgres(tmp_path) as url:
        store = open_store(url)
        await store.update("key", put({"n": 1}))
    with pytest.raises(StoreError):
        await store.update("key", get)
    with postgres(tmp_path) as again:
        assert again == url
        assert await store.update("key", get) == {"n": 1}
        await store.aclose()


@pytest.mark.parametrize(
    "url", ["postgresql://me:pa%ss@host/db", "postgresql://me:secret@host/db?x"]
)
def test_an_unreadable_address_shows_no_password(url: str) -> None:
    """Neither the error nor the errors behind it hold the address."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    error: BaseException | None = caught.value
    while error is not None:
        assert "pa%ss" not in str(error)
        assert "secret" not in str(error)
        error = error.__cause__ or error.__context__
