"""From a URL to a store, and the default place of state."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from cc_async.errors import StoreError

from ._memory import MemoryStore
from ._sqlite import SqliteStore
from ._store import Store

_SQLITE = "sqlite:///"
_FORMS = "Use memory:, sqlite:///PATH, redis://…, rediss://… or postgresql://…"


def open_store(url: str) -> Store:
    """Return the store that *url* names. Its first use opens the file or the connection.

    Args:
        url:
            `memory:`, `sqlite:///PATH` (four slashes for an absolute path, three for a relative
            one), `redis://…`, `rediss://…` or `postgresql://…`.

    Raises:
        StoreError: The scheme names no store, or its driver is not installed.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in OPENERS:  # the address may hold a password, even at its beginning
        raise StoreError("the address of the store begins with no known kind of store", _FORMS)
    return OPENERS[scheme](url)


@contextlib.contextmanager
def require_extra(extra: str, *, what: str) -> Iterator[None]:
    """Turn a missing package of the block's imports into an error that names the *extra*.

    Raises:
        StoreError: A package is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise StoreError(
            f"{what} needs a package that is not installed ({error.name})",
            f"pip install 'cc-async[{extra}]'",
        ) from error


def _open_memory(url: str) -> Store:
    return MemoryStore()


def _open_sqlite(url: str) -> Store:
    path = url.removeprefix(_SQLITE)
    if path in ("", url):
        raise StoreError("the URL of the SQLite store has no path", _FORMS)
    return SqliteStore(Path(path))


def _open_redis(url: str) -> Store:
    with require_extra("redis", what="a store in Redis"):
        from ._redis import RedisStore
    return RedisStore(url)


def _open_postgres(url: str) -> Store:
    with require_extra("postgres", what="a store in PostgreSQL"):
        from ._postgres import PostgresStore
    return PostgresStore(url)


OPENERS: dict[str, Callable[[str], Store]] = {
    "memory": _open_memory,
    "sqlite": _open_sqlite,
    "redis": _open_redis,
    "rediss": _open_redis,
    "postgresql": _open_postgres,
    "postgres": _open_postgres,
}
"""URL scheme to opener. A new store is a file beside this one and a row here.

`cc_async.testing.checks.CheckStore` tells what the new store does wrong.
"""


def default_home() -> Path:
    """Return the folder for state: `CC_ASYNC_HOME`, or the platform's folder for user state.

    The folder need not exist: a store makes it, for its user alone (0700).
    """
    if home := os.environ.get("CC_ASYNC_HOME"):
        return Path(home).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("cc-async", appauthor=False)


def default_store_url(home: Path) -> str:
    """Return the URL of the SQLite store inside *home*."""
    return f"{_SQLITE}{home.absolute().as_posix()}/cc-async.sqlite3"
