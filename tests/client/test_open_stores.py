"""The stores of a client: where each comes from, and that each is opened once and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async import Settings, Stores
from cc_async.client._open_stores import OpenStores, _SharedStore
from cc_async.stores import MemoryStore, SqliteStore

ELSEWHERE = Settings(
    store="sqlite:////nowhere/all.db", budget_store="memory:", token_store="sqlite:////nowhere/t.db"
)


def test_stores_of_one_url_are_one_store() -> None:
    """The default store is opened once, for everything."""
    stores = OpenStores(Stores(), Settings(home=Path("/nowhere")))
    assert isinstance(stores.budget(), SqliteStore)
    assert stores.budget() is stores.journal() is stores.tokens()


def test_settings_may_name_a_store_for_each() -> None:
    """Without stores of its own, a client takes those of the settings."""
    stores = OpenStores(Stores(), ELSEWHERE)
    assert isinstance(stores.budget(), MemoryStore)
    assert isinstance(stores.tokens(), SqliteStore)
    assert stores.tokens() is stores.tokens()
    assert stores.journal() is not stores.tokens()


def test_a_store_for_everything_goes_before_all_settings() -> None:
    """A store that is given is used for everything, whatever the settings say."""
    own = MemoryStore()
    stores = OpenStores(Stores(own), ELSEWHERE)
    assert stores.budget() is stores.journal() is stores.tokens() is own
    stores = OpenStores(Stores("memory:"), ELSEWHERE)
    assert stores.budget() is stores.journal() is stores.tokens()


def test_a_store_for_one_purpose_goes_before_the_store_for_everything() -> None:
    """`Stores` may name one store for each purpose."""
    journal, tokens = MemoryStore(), MemoryStore()
    stores = OpenStores(Stores("memory:", journal=journal, tokens=tokens), ELSEWHERE)
    assert stores.journal() is journal
    assert stores.tokens() is tokens
    assert isinstance(stores.budget(), MemoryStore)


@pytest.mark.parametrize("given", ["budget", "tokens", "journal"])
async def test_only_stores_that_were_opened_here_are_closed(given: str) -> None:
    """A store that was given open stays open; one given by its URL is closed."""

    class Watched(MemoryStore):
        is_closed = False

        async def aclose(self) -> None:
            self.is_closed = True

    own, opened = Watched(), Watched()
    stores = OpenStores(Stores(own), Settings())
    getattr(stores, given)()
    stores._opened["memory:"] = _SharedStore(opened, users=1)
    await stores.aclose()
    assert (own.is_closed, opened.is_closed) == (False, True)
