"""From a URL to a store, and where state lives when nobody says."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path

from cc_async.errors import StoreError

from ._memory import MemoryStore
from ._sqlite import SqliteStore
from ._store import Store

_SQLITE = "sqlite:///"
_EXTRAS = {
    "redis": ("._redis", "RedisStore", "redis"),
    "rediss": ("._redis", "RedisStore", "redis"),
    "postgresql": ("._postgres", "PostgresStore", "postgres"),
    "postgres": ("._postgres", "PostgresStore", "postgres"),
}
_FORMS = "Use memory:, sqlite:///PATH, redis://…, rediss://… or postgresql://…"


def open_store(url: str) -> Store:
    """Return the store that *url* names. Nothing is opened or connected before its first use.

    Args:
        url:
            `memory:`, `sqlite:///PATH` (so an absolute path has four slashes, a relative one
            three), `redis://…`, `rediss://…` or `postgresql://…`.

    Raises:
        StoreError: No such kind of store, or the extra it needs is not installed.
    """
    scheme = url.partition(":")[0].lower()
    if scheme == "memory":
        return MemoryStore()
    if scheme == "sqlite" and url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return SqliteStore(Path(url.removeprefix(_SQLITE)))
    if scheme in _EXTRAS:
        return _open_server(scheme, url)
    raise StoreError(f"{scheme!r} names no store that this can open", _FORMS)


def _open_server(scheme: str, url: str) -> Store:
    module, name, extra = _EXTRAS[scheme]
    try:
        make: Callable[[str], Store] = getattr(importlib.import_module(module, __package__), name)
    except ImportError as error:
        raise StoreError(
            f"a store at {scheme}:// needs a driver that is not installed ({error.name})",
            f"pip install 'cc-async[{extra}]'",
        ) from error
    return make(url)


def default_home() -> Path:
    """Return the folder for state: `CC_ASYNC_HOME`, or the platform's folder for user state.

    The folder need not exist; a store makes it, for its user alone (0700).
    """
    if home := os.environ.get("CC_ASYNC_HOME"):
        return Path(home).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("cc-async", appauthor=False)


def default_store_url(home: Path) -> str:
    """Return the URL of the SQLite store inside *home*."""
    return f"{_SQLITE}{home.absolute().as_posix()}/cc-async.sqlite3"
