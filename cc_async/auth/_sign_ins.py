"""Which application each profile on this machine signed in with; nothing here is secret.

The grant itself may lie in a database or a keyring, which can only be asked while a loop runs;
whose limits count has to be known before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from cc_async.auth._token_file import TokenFile
from cc_async.stores import Record


async def note_sign_in(home: Path, profile: str, client_id: str) -> None:
    """Note that *profile* signed in with the application *client_id*."""
    await _file(home).update(profile, _put({"client_id": client_id}))


async def forget_sign_in(home: Path, profile: str) -> None:
    """Forget what was noted of *profile*."""
    await _file(home).update(profile, _put(None))


def known_application(home: Path, profile: str) -> str | None:
    """Return the application that *profile* signed in with, if that is known."""
    try:
        noted: Any = orjson.loads(_path(home).read_bytes())[profile]["client_id"]
    except (OSError, orjson.JSONDecodeError, LookupError, TypeError):
        return None
    return noted if isinstance(noted, str) else None


def _put(value: Record | None) -> Any:
    return lambda record, now: (value, None)


def _file(home: Path) -> TokenFile:
    return TokenFile(_path(home))


def _path(home: Path) -> Path:
    return home / "sign-ins.json"
