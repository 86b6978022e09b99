"""The stores of one client: each opened once, and closed with it."""

from __future__ import annotations

import attrs

from cc_async.stores import Store, open_store


@attrs.define(eq=False, repr=False)
class OpenStores:
    """Opens stores by URL; one that was given opened takes the place of all, and stays open."""

    given: Store | None = None
    _opened: dict[str, Store] = attrs.field(factory=dict)

    def get(self, url: str) -> Store:
        """Return the store at *url*, unless another was given."""
        if self.given is not None:
            return self.given
        if url not in self._opened:
            self._opened[url] = open_store(url)
        return self._opened[url]

    async def aclose(self) -> None:
        """Close every store that was opened here."""
        for store in self._opened.values():
            await store.aclose()
