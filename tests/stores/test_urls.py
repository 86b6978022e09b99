"""Addresses of servers: what cannot be read is an error that shows no part of a password."""

from __future__ import annotations

import pytest

from cc_async.auth import open_token_store
from cc_async.errors import StoreError
from cc_async.stores import open_store
from tests.support.errors import told_by

UNREADABLE = [
    "redis://me:hunter2@host:port",
    "redis://me:hunter2@host:port/0",
    "redis://me:hunter2@host:99999",
    "redis://me:hunter2/x@host",
    "redis://hunter2/x@host",
    "redis://:12#hunter2@host",
    "redis://me:12?hunter2@host",
    "redis://me:hun[ter2@host",
    "redis://host:hunter2",
    "rediss://me:1hunter2@host:1x",
    "redis://host?socket_timeout=hunter2",
    "redis://host?protocol=hunter2",
    "redis://host?protocol=7&client_name=hunter2",
    "redis://host?hunter2=1",
    "postgresql://me:hunter2@host:port/db",
    "postgresql://me:hunter2/x@host/db",
    "postgresql://me:12/hunter2@host/db",
    "postgresql://me:12?hunter2@host/db",
    "postgresql://me:12#hunter2@host/db",
    "postgresql://me:hunter2@host/db?x",
    "postgresql://me:hunter2%ss@host/db",
    "postgresql://host:hunter2/db",
    "postgresql://me:hunter2@host:99999999/db",
    "mysql://me:hunter2@host/db",
    "me:hunter2@host/db",
    "hunter2@host/db",
    "hunter2:me@host/db",
    "hunter2",
]


@pytest.mark.parametrize("url", UNREADABLE)
def test_no_error_shows_a_part_of_a_password(url: str) -> None:
    """The error comes at once and says what a good address looks like, in its chain as well."""
    for opener in (open_store, open_token_store):
        with pytest.raises(StoreError) as caught:
            opener(url)
        assert "://" in caught.value.hint
        assert "hunter2" not in told_by(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://me:hunter%2F2@127.0.0.1:1/0",
        "redis://127.0.0.1:1?socket_timeout=1&db=2",
        "postgresql://me:hunter%2F2@127.0.0.1:1/db?application_name=x",
        "postgresql://me@127.0.0.1:1,127.0.0.1:2/db",
    ],
)
async def test_no_error_of_a_connection_shows_a_password(url: str) -> None:
    """An address with other signs in percent code is good; its server is out of reach."""
    store = open_store(url)
    with pytest.raises(StoreError) as caught:
        await store.read("log")
    assert "hunter" not in told_by(caught.value) + repr(store)
    await store.aclose()
