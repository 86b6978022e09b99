"""The store in memory."""

from __future__ import annotations

import pytest

from cc_async.stores import (
    MemoryStore,
)
from cc_async.testing._check_store import CheckStore, MakeStore


class TestMemoryStore(CheckStore):
    """Memory, through one object: there is no second opening."""

    @pytest.fixture
    def make_store(self) -> MakeStore:
        store = MemoryStore()
        return lambda: store
