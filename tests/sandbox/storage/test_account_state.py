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


def test_accounts_are_told_apart_by_their_tokens() -> None:
    """A token from the settings, and one from a sign-in, lead to the account of its user."""
    settings = SandboxSettings(accounts={"second-token": "tim@example.com"})
    first = AccountState(settings, Clock(lambda: 0.0))
    first.add_accounts()
    tim = first.accounts["tim@example.com"]
    pair = first.grants.start("sandbox-client", frozenset(), 0.0, "tim@example.com")
    for token, state in (
        ("sandbox-token", first), ("second-token", tim), (pair.access_token, tim), ("?", first),
    ):  # fmt: skip
        assert first.of_token(f"Bearer {token}") is state
    assert tim.account["encoded_account_id"] != first.account["encoded_account_id"]
    assert tim.limits is first.limits
    assert tim.contacts is not first.contacts
