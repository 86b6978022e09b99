"""The account in a file, so that it is still there after a restart.

SQLite holds one row a contact and one for each other part of the account. What changed is
written after every request, and between the slices of a bulk job. A job that was still at work
is started anew from the request that asked for it: what it does can be done twice.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson

from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError
from cc_async.sandbox._saved_parts import PARTS, pack_row, unpack_row
from cc_async.sandbox._saved_work import pack_request, restore_activities, save_activities
from cc_async.sandbox._state import State

VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS contact (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS part (name TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS work (activity_id TEXT PRIMARY KEY, head BLOB NOT NULL,
                                 body BLOB NOT NULL);
"""


class StateFile:
    """Keeps one account in one file, for one sandbox at a time.

    Raises:
        StoreLockedError: Another sandbox has the file.
        StoreCorruptError: It is no such file, or a damaged one.
        StoreError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: dict[str, bytes] = {}
        self._working: set[str] = set()
        with self._errors():
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            with self._errors():
                self._set_up()
        except StoreError:
            self._db.close()
            raise

    def _set_up(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, VERSION}:
            raise StoreCorruptError(f"{self._path} was written by another version of the sandbox")
        self._db.executescript(TABLES)
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StoreLockedError(f"{self._path} is in use by another sandbox") from error
            raise StoreError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StoreCorruptError(f"{self._path} holds no sandbox: {error}") from error
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror}") from error

    def load(self, state: State) -> bool:
        """Fill *state* from the file, and say whether there was anything in it."""
        with self._errors():
            self._written = dict(self._db.execute("SELECT name, data FROM part"))
            rows = self._db.execute("SELECT data FROM contact ORDER BY number")
            for (data,) in rows:
                state.contacts.restore(unpack_row(orjson.loads(data)))
            work = {
                activity_id: (orjson.loads(head), body)
                for activity_id, head, body in self._db.execute("SELECT * FROM work")
            }
        state.keep()
        for name, part in PARTS.items():
            if name in self._written:
                part.read(state, orjson.loads(self._written[name]))
        if "activities" in self._written:
            restore_activities(state, orjson.loads(self._written["activities"]), work)
        self._working = set(work)
        state.contacts.changed = set()
        return bool(self._written)

    def save(self, state: State) -> None:
        """Write what changed since the last time."""
        parts = {name: orjson.dumps(part.write(state)) for name, part in PARTS.items()}
        parts["activities"] = orjson.dumps(save_activities(state))
        new = {name: data for name, data in parts.items() if self._written.get(name) != data}
        changed, state.contacts.changed = state.contacts.changed or (), set()
        if not new and not changed:
            return
        with self._errors():
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR REPLACE INTO contact VALUES (?, ?)",
                [(number, pack_row(state.contacts.row(number))) for number in changed],
            )
            self._db.executemany("INSERT OR REPLACE INTO part VALUES (?, ?)", new.items())
            self._save_work(state)
            self._db.execute("COMMIT")
        self._written |= new

    def _save_work(self, state: State) -> None:
        """Keep the requests of jobs that are at work, and drop those of finished ones."""
        requests = {
            one.activity_id: one.request for one in state.activities if one.request is not None
        }
        for activity_id in requests.keys() - self._working:
            head, body = pack_request(requests[activity_id])
            self._db.execute(
                "INSERT OR REPLACE INTO work VALUES (?, ?, ?)", (activity_id, head, body)
            )
        for activity_id in self._working - requests.keys():
            self._db.execute("DELETE FROM work WHERE activity_id = ?", (activity_id,))
        self._working = set(requests)

    def clear(self) -> None:
        """Forget everything."""
        with self._errors():
            for table in ("contact", "part", "work"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        self._written, self._working = {}, set()

    def close(self) -> None:
        self._db.close()
