"""The stores of one client: each is opened once, and closed with the client."""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop
from pathlib import Path
from weakref import WeakKeyDictionary, WeakValueDictionary

import attrs

from cc_async.auth import TokenStore, open_token_store
from cc_async.client._options import Stores
from cc_async.settings import Settings
from cc_async.stores import Store, open_store


@attrs.define(eq=False)
class _SharedStore:
    """A store that clients of one event loop have opened by the same URL."""

    store: Store
    users: int = 0


_SHARED: WeakKeyDictionary[AbstractEventLoop, WeakValueDictionary[str, _SharedStore]] = (
    WeakKeyDictionary()
)
"""The open stores of each event loop, by URL, as long as a client uses them: thousands of clients
need one connection."""

_ENDS = ("", "-wal", "-shm", ".lock")
"""Ends of the names of a store's files: the store itself, and what lies beside it."""


@attrs.define(eq=False, repr=False)
class OpenStores:
    """Opens the stores that *stores* or else *settings* name; one given open stays open."""

    _stores: Stores
    _settings: Settings
    _opened: dict[str, _SharedStore] = attrs.field(factory=dict)
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

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of these stores, which no output may replace."""
        return files_of_stores(self._settings, self._stores)

    async def aclose(self) -> None:
        """Close every store that was opened here, unless another client uses it."""
        for token_store in self._opened_token_stores.values():
            await token_store.aclose()
        opened, self._opened = self._opened, {}
        for shared in opened.values():
            shared.users -= 1
            if not shared.users:
                await shared.store.aclose()

    def _open(self, own: Store | str | None, url: str) -> Store:
        chosen = own or self._stores.store or url
        if not isinstance(chosen, str):
            return chosen
        if chosen not in self._opened:
            self._opened[chosen] = shared = _shared_store(chosen)
            shared.users += 1
        return self._opened[chosen].store


def _shared_store(url: str) -> _SharedStore:
    """Return the store at *url*; in memory, and where no event loop runs, always a new one."""
    if url.startswith("memory:"):
        return _SharedStore(open_store(url))
    try:
        stores = _SHARED.setdefault(get_running_loop(), WeakValueDictionary())
    except RuntimeError:
        return _SharedStore(open_store(url))
    shared = stores.get(url)
    if shared is None or not shared.users:
        shared = stores[url] = _SharedStore(open_store(url))
    return shared


def files_of_stores(settings: Settings, stores: Stores = Stores()) -> tuple[Path, ...]:
    """Return the files in which *stores*, and those that *settings* name, may be kept."""
    places = (stores.store, stores.budget, stores.tokens, stores.journal)
    urls = (settings.budget_url, settings.token_url, settings.journal_url)
    found = [_file_of(place) for place in (*places, *urls)]
    names = [path for path in (*found, settings.home / "sign-ins.json") if path is not None]
    return tuple(path.with_name(path.name + end) for path in names for end in _ENDS)


def _file_of(place: object) -> Path | None:
    """Return the file of a store, given open or as a URL; other stores have none."""
    if not isinstance(place, str):
        path = getattr(place, "path", None)
        return path if isinstance(path, Path) else None
    scheme, _, rest = place.partition("://")
    path = Path(rest.removeprefix("/") if scheme == "sqlite" else rest)
    return path if scheme in ("sqlite", "file") and path.name else None
