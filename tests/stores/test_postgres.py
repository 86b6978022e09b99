"""The store in PostgreSQL, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cc_async.errors import StoreError
from cc_async.stores import open_store
from cc_async.testing._check_store import CheckStore, MakeStore, get, put
from tests.support.servers import opening, postgres


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


class TestPostgresStore(CheckStore):
    """PostgreSQL."""

    @pytest.fixture
    async def make_store(self, postgres_url: str) -> AsyncIterator[MakeStore]:
        async for make in opening(postgres_url):
            yield make


@pytest.mark.slow
async def test_postgres_restarted_in_the_middle(tmp_path: Path) -> None:
    """While the server is away there is an error; when it is back, all is as it was."""
    with postgres(tmp_path) as url:
        store = open_store(url)
        await store.update("key", put({"n": 1}))
    with pytest.raises(StoreError):
        await store.update("key", get)
    with postgres(tmp_path) as again:
        assert again == url
        assert await store.update("key", get) == {"n": 1}
        await store.aclose()
