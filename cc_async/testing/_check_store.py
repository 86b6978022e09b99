"""One test suite for every store, those of other packages too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio
import pytest

from cc_async.stores import Record, Store

MakeStore = Callable[[], Store]


def put(value: Record | None) -> Callable[[Record | None, float], tuple[Record | None, None]]:
    """Return a change that replaces a record by *value*."""
    return lambda record, now: (value, None)


def get(record: Record | None, now: float) -> tuple[Record | None, Record | None]:
    """Return the record and leave it as it is."""
    return record, record


def count_calls(record: Record | None, now: float) -> tuple[Record, int]:
    """Add one to the count in the record."""
    after = {"count": (record or {"count": 0})["count"] + 1}
    return after, after["count"]


class CheckStore:
    """Suite for stores; each call of the fixture `make_store` opens the same place once more."""

    async def test_a_record_is_none_until_it_is_written(self, make_store: MakeStore) -> None:
        """An unknown record is None, a written record comes back, and None deletes it."""
        store = make_store()
        assert await store.update("key", get) is None
        await store.update("key", put({"a": [1, 2.5, "ü", None, True], "b": {}}))
        assert await store.update("key", get) == {"a": [1, 2.5, "ü", None, True], "b": {}}
        await store.update("key", put(None))
        assert await store.update("key", get) is None

    async def test_records_keep_their_order(self, make_store: MakeStore) -> None:
        """The keys of a record come back in the order they were written."""
        store = make_store()
        await store.update("key", put({"z": 1, "a": 2, "m": 3}))
        assert list(await store.update("key", get) or {}) == ["z", "a", "m"]

    async def test_an_update_that_is_not_durable_is_seen_at_once(
        self, make_store: MakeStore
    ) -> None:
        """An update with `durable=False` is seen by every open store at once."""
        store, other = make_store(), make_store()
        await store.update("key", put({"n": 1}), durable=False)
        assert await other.update("key", get, durable=False) == {"n": 1}
        await other.update("key", put(None), durable=False)
        assert await store.update("key", get) is None

    async def test_an_empty_record_is_a_record(self, make_store: MakeStore) -> None:
        """Only None deletes a record; an empty one is kept."""
        store = make_store()
        await store.update("key", put({}))
        assert await store.update("key", get) == {}

    async def test_keys_are_apart(self, make_store: MakeStore) -> None:
        """Writing one record leaves the others alone."""
        store = make_store()
        await store.update("one", put({"n": 1}))
        await store.update("two", put({"n": 2}))
        assert await store.update("one", get) == {"n": 1}

    async def test_a_change_that_raises_writes_nothing(self, make_store: MakeStore) -> None:
        """The error of a change reaches the caller, and the record stays as it was."""

        def refuse(record: Record | None, now: float) -> tuple[Record | None, None]:
            raise LookupError("no")

        store = make_store()
        await store.update("key", put({"n": 1}))
        with pytest.raises(LookupError, match="no"):
            await store.update("key", refuse)
        assert await store.update("key", get) == {"n": 1}

    async def test_updates_are_atomic(self, make_store: MakeStore) -> None:
        """None of many updates at the same time, through several open stores, is lost."""
        stores = [make_store() for _ in range(3)]
        seen = await asyncio.gather(
            *(stores[n % 3].update("key", count_calls, durable=False) for n in range(60))
        )
        assert sorted(seen) == list(range(1, 61))

    async def test_the_clock_is_utc_and_goes_on(self, make_store: MakeStore) -> None:
        """A change receives seconds since the epoch, on one clock for all open stores."""

        def time(record: Record | None, now: float) -> tuple[Record | None, float]:
            return record, now

        first = await make_store().update("key", time)
        second = await make_store().update("key", time)
        assert 1.7e9 < first <= second < first + 60.0
        assert second < 1e11  # in milliseconds it would be more

    async def test_cancelled_updates_run_to_their_end(self, make_store: MakeStore) -> None:
        """The update of a cancelled caller has ended before the caller sees the cancellation."""
        store = make_store()
        await store.update("key", count_calls)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await store.update("key", count_calls)
        task = asyncio.create_task(store.update("key", count_calls))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert await store.update("key", count_calls) == 4

    async def test_logs_grow_and_are_read_from_any_position(self, make_store: MakeStore) -> None:
        """Entries come back in order from any position, and `append` returns the new length."""
        store = make_store()
        assert await store.read("log") == []
        assert await store.append("log", [b"a", b"\x00\xff"]) == 2
        assert await store.append("log", [b"c"]) == 3
        assert await store.append("log", []) == 3
        assert await store.append("other", [b"x"]) == 1
        assert await store.read("log") == [b"a", b"\x00\xff", b"c"]
        assert await store.read("log", 2) == [b"c"]
        assert await store.read("log", 3) == []

    async def test_a_dropped_log_is_empty(self, make_store: MakeStore) -> None:
        """A dropped log is empty and starts again; other logs are untouched."""
        store = make_store()
        await store.append("log", [b"a"])
        await store.append("other", [b"b"])
        await store.drop("log")
        await store.drop("never was")
        assert await store.read("log") == []
        assert await store.append("log", [b"new"]) == 1
        assert await store.read("other") == [b"b"]

    async def test_entries_may_be_large(self, make_store: MakeStore) -> None:
        """An entry may be as large as an import body of 4 MB."""
        store = make_store()
        body = bytes(range(256)) * 15_600
        await store.append("log", [body])
        assert await store.read("log") == [body]

    async def test_appends_at_the_same_time_are_kept(self, make_store: MakeStore) -> None:
        """All entries appended at the same time through several open stores are kept, each batch whole."""
        stores = [make_store() for _ in range(3)]
        lengths = await asyncio.gather(
            *(stores[n % 3].append("log", [b"%d" % n, b"%d" % n]) for n in range(30))
        )
        entries = await stores[0].read("log")
        assert sorted(lengths) == list(range(2, 62, 2))
        assert entries[::2] == entries[1::2]

    async def test_a_closed_store_opens_again(self, make_store: MakeStore) -> None:
        """Closing releases files and connections, and the next call opens them again."""
        store = make_store()
        await store.update("key", put({"n": 1}))
        await store.aclose()
        await store.aclose()
        assert await store.update("key", get) == {"n": 1}
