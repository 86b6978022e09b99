"""Stores of grants: their URLs, and one update at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cc_async.auth import TokenStore, open_token_store
from cc_async.auth._keyring import Keyring
from cc_async.auth._token_file import TokenFile
from cc_async.errors import StoreError
from cc_async.stores import MemoryStore, Record
from cc_async.testing._check_store import count_calls, get, put
from tests.support.keyrings import DictKeyring
from tests.support.tokens import RotatingService, make_grant, signed_in


@pytest.fixture(params=["file", "keyring"])
def token_store(request: pytest.FixtureRequest, tmp_path: Path, ring: DictKeyring) -> TokenStore:
    if request.param == "file":
        return TokenFile(tmp_path / "deep" / "tokens.json")
    return Keyring(lock=tmp_path / "deep" / "lock")


async def test_a_record_is_kept_changed_and_deleted(token_store: TokenStore) -> None:
    """A token file and a keyring keep records as a store does."""
    assert await token_store.update("one", get) is None
    await token_store.update("one", put({"a": [1, "ü"]}))
    await token_store.update("two", put({"b": 2}))
    assert await token_store.update("one", get) == {"a": [1, "ü"]}
    await token_store.update("one", put(None))
    assert await token_store.update("one", get) is None
    assert await token_store.update("two", get) == {"b": 2}


async def test_changes_at_once_do_not_get_lost(token_store: TokenStore) -> None:
    """Twenty concurrent changes are all there."""
    seen = await asyncio.gather(*(token_store.update("key", count_calls) for _ in range(20)))
    assert sorted(seen) == list(range(1, 21))


async def test_a_cancelled_change_is_complete(token_store: TokenStore) -> None:
    """A cancelled change is done before the cancellation reaches the caller."""
    task = asyncio.create_task(token_store.update("key", count_calls))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert await token_store.update("key", count_calls) == 2


async def test_a_change_that_raises_writes_nothing(token_store: TokenStore) -> None:
    """An exception of a change reaches the caller, and no record is written."""

    def refuse(record: Record | None, now: float) -> tuple[Record | None, None]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await token_store.update("key", refuse)
    assert await token_store.update("key", get) is None


def test_a_place_is_named_by_a_url(tmp_path: Path) -> None:
    """A URL names a file, the keyring, or any store."""
    assert repr(open_token_store(f"file://{tmp_path}/t.json")) == f"TokenFile('{tmp_path}/t.json')"
    assert isinstance(open_token_store("keyring:"), Keyring)
    assert isinstance(open_token_store("memory:"), MemoryStore)
    with pytest.raises(StoreError):
        open_token_store("ftp://x")


class _BrokenStore(MemoryStore):
    """Fails with the records in its local variables."""

    is_broken = False

    async def update(self, key, change, *, durable=True):  # type: ignore[no-untyped-def]
        def failing(record, now):  # type: ignore[no-untyped-def]
            after, _ = wanted(record, now)
            raise StoreError(f"cannot write {len(str(after))} characters")

        wanted, change = change, failing if self.is_broken else change
        return await super().update(key, change, durable=durable)


async def test_an_error_of_the_store_holds_no_token() -> None:
    """An error of the store comes without the frames that hold tokens."""
    service, store = RotatingService(), _BrokenStore()
    await signed_in(service, store)
    grant = make_grant(service, store)
    store.is_broken = True
    with pytest.raises(StoreError) as caught:
        await grant.token()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    shown = [repr(entry.frame.f_locals) for entry in caught.traceback[1:]]
    assert len(shown) > 2
    assert "access-1" not in "".join(shown)
    assert "refresh-0" not in "".join(shown)
