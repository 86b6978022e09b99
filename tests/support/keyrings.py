"""A keyring in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keyring
import keyring.backend
from keyring.errors import KeyringLocked


class DictKeyring(keyring.backend.KeyringBackend):
    """Keeps its entries in a dict; `is_locked` makes it refuse."""

    priority = 1  # type: ignore[assignment]
    is_locked = False

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@contextlib.contextmanager
def memory_keyring() -> Iterator[DictKeyring]:
    """Put a new keyring in place of the machine's."""
    before, ring = keyring.get_keyring(), DictKeyring()
    keyring.set_keyring(ring)
    try:
        yield ring
    finally:
        keyring.set_keyring(before)
