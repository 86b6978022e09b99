"""Stores of state: memory, SQLite, Redis or Valkey, PostgreSQL.

A store keeps records and logs. `update` applies a pure change to a record, atomically and on the
store's own clock; `append` and `read` keep a log. Rules are written once, as such changes, and
run on every store.
"""

from __future__ import annotations

from ._cancellation import defer_cancellation
from ._memory import MemoryStore, loop_clock
from ._openers import default_home, default_store_url, open_store, require_extra
from ._private_files import make_private_folder, open_private_file
from ._sqlite import SqliteStore
from ._store import Change, Record, Store
from ._versions import FORMAT, require_format, require_shape

__all__ = [
    "FORMAT", "Change", "MemoryStore", "Record", "SqliteStore", "Store", "default_home",
    "default_store_url", "defer_cancellation", "loop_clock", "make_private_folder", "open_private_file",
    "open_store", "require_extra", "require_format", "require_shape",
]  # fmt: skip
