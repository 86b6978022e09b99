"""A keyring in memory, for all tests of stored grants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.keyrings import DictKeyring, memory_keyring


@pytest.fixture
def ring() -> Iterator[DictKeyring]:
    with memory_keyring() as ring:
        yield ring
