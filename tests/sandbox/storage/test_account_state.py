"""An account's state holds everything of a new account."""

from __future__ import annotations

from cc_async.sandbox import Clock, SandboxSettings
from cc_async.sandbox.storage import AccountState, ListRecord


def test_a_deleted_list_is_not_found() -> None:
    """It stays among the lists, where a query can show it."""
    state = AccountState(SandboxSettings(), Clock(lambda: 0.0))
    state.lists["a"] = ListRecord("a", 0, "Newsletter", 0.0, 0.0)
    assert state.find_list("a") is state.lists["a"]
    state.lists["a"].deleted_at = 1.0
    assert state.find_list("a") is None
    assert state.find_list("b") is None


def test_accounts_of_one_seed_are_alike() -> None:
    """Ids repeat with the seed, and differ without one."""
    first, second = (AccountState(SandboxSettings(seed=3), Clock(lambda: 0.0)) for _ in range(2))
    assert first.ids.new() == second.ids.new()
    assert AccountState(SandboxSettings(), Clock(lambda: 0.0)).ids.new() != first.ids.new()
