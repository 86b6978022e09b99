"""Grants in the keyring of a desktop."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async.auth._keyring import Keyring
from cc_async.errors import StoreCorruptError, StoreError
from cc_async.testing._check_store import get
from tests.support.keyrings import DictKeyring


async def test_a_locked_keyring_is_an_error(ring: DictKeyring, tmp_path: Path) -> None:
    """A keyring that does not open is an error with another place as the remedy."""
    ring.is_locked = True
    with pytest.raises(StoreError, match="KeyringLocked"):
        await Keyring(lock=tmp_path / "lock").update("key", get)


async def test_a_damaged_entry_is_an_error(ring: DictKeyring, tmp_path: Path) -> None:
    """An entry of another program is an error, not a traceback."""
    ring.kept["cc-async", "key"] = "hello"
    with pytest.raises(StoreCorruptError):
        await Keyring(lock=tmp_path / "lock").update("key", get)
