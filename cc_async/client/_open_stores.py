"""The stores of one client: each is opened once, and closed with the client."""

from __future__ import annotations

import attrs

from cc_async.auth import TokenStore, open_token_store
from cc_async.client._options import Stores
from cc_async.settings import Settings
from cc_async.stores import Store, open_store


@attrs.define(eq=False, repr=False)
class OpenStores:
    """Opens the stores that *stores* or else *settings* name; one given open stays open."""

    _stores: Stores
    _settings: Settings
    _opened: dict[str, Store] = attrs.field(factory=dict)
    _opened_token_stores: dict[str, TokenStore] = attrs.field(factory=dict)

    def budget(self) -> Store:
        """Return the store of the budget."""
        return self._open(self._stores.budget, self._settings.budget_url)

    def journal(self) -> Store:
        """Return the store of the journals of jobs."""
        return self._open(self._stores.journal, self._settings.journal_url)

    def tokens(self) -> TokenStore:
        """Return the place of the sign-ins; only this may also be a plain file or a keyring."""
        own = self._stores.tokens
        if own is None and self._stores.store is None:
            own = self._settings.token_store
        if own is None:
            return self._open(None, self._settings.token_url)
        if not isinstance(own, str):
            return own
        if own not in self._opened_token_stores:
            self._opened_token_stores[own] = open_token_store(own)
        return self._opened_token_stores[own]

    async def aclose(self) -> None:
        """Close every store that was opened here."""
        for opened in (*self._opened_token_stores.values(), *self._opened.values()):
            await opened.aclose()

    def _open(self, own: Store | str | None, url: str) -> Store:
        chosen = own or self._stores.store or url
        if not isinstance(chosen, str):
            return chosen
        if chosen not in self._opened:
            self._opened[chosen] = open_store(chosen)
        return self._opened[chosen]
