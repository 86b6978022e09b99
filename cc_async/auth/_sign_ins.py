"""The application of each profile on this machine, noted at its sign-in; nothing here is secret.

The grant itself may lie in a database or a keyring. Those answer only inside a running loop, but
the application, and with it the budget, must be known before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from cc_async.auth._token_file import TokenFile
from cc_async.stores import FORMAT, Record, require_format

_NOTE_FORMAT = 1
"""Version of a note. A note without a version is older and has the same fields."""


async def note_sign_in(home: Path, profile: str, client_id: str) -> None:
    """Note in the folder *home* that *profile* signed in to the application *client_id*."""
    await _file(home).update(profile, _put({FORMAT: _NOTE_FORMAT, "client_id": client_id}))


async def forget_sign_in(home: Path, profile: str) -> None:
    """Delete the note of *profile*."""
    await _file(home).update(profile, _put(None))


def known_application(home: Path, profile: str) -> str | None:
    """Return the application of *profile*, or `None` without a readable note.

    Raises:
        StoredFormatError: The note has an unknown format version.
    """
    try:
        note: Any = orjson.loads(_path(home).read_bytes())[profile]
        client_id = note["client_id"]
    except (OSError, orjson.JSONDecodeError, LookupError, TypeError):
        return None
    require_format(
        note,
        _NOTE_FORMAT,
        what=f"the note of the sign-in of profile {profile!r}",
        remedy="Update cc-async, or sign in again with `cc-async login`.",
        allow_unversioned=True,
    )
    return client_id if isinstance(client_id, str) else None


def _put(value: Record | None) -> Any:
    return lambda record, now: (value, None)


def _file(home: Path) -> TokenFile:
    return TokenFile(_path(home))


def _path(home: Path) -> Path:
    return home / "sign-ins.json"
