"""Identities of accounts: by name, by the claims of a token, by the account's id."""

from __future__ import annotations

from cc_async.auth import (
    identity_of_account_id,
    identity_of_name,
    identity_of_token,
    turn_of_token,
)
from tests.support.accounts import jwt


def test_a_token_tells_its_account_by_application_and_user() -> None:
    """All tokens of one user have one identity; another user or application has another one."""
    lola = identity_of_token(jwt("lola@example.com"))
    assert lola == identity_of_token(jwt("lola@example.com", number=2))
    others = {
        identity_of_token(jwt("tim@example.com")),
        identity_of_token(jwt("lola@example.com", application="app-2")),
    }
    assert len(others | {lola}) == 3


def test_an_identity_hides_the_user() -> None:
    """The name of the user may be an address, and does not stand in the identity."""
    assert "lola" not in str(identity_of_token(jwt("lola@example.com")))


def test_a_token_without_both_claims_tells_no_account() -> None:
    """An opaque token, and one without a user or an application, has no identity."""
    for token in ("opaque", jwt(""), jwt("lola", application="")):
        assert identity_of_token(token) is None


def test_identities_of_different_kinds_differ() -> None:
    """A name, an account's id and parts with separators never make the same identity."""
    found = {
        identity_of_name("a", "b"),
        identity_of_name("a:b", ""),
        identity_of_name("", "a:b"),
        identity_of_name("", "b"),
        identity_of_account_id("b"),
        identity_of_account_id("a:b"),
    }
    assert len(found) == 6


def test_accounts_take_turns_by_their_tokens() -> None:
    """A token that tells its account gives its turn, too; opaque tokens have one each."""
    assert turn_of_token(jwt("lola")) == identity_of_token(jwt("lola", number=2))
    assert turn_of_token("one") == turn_of_token("one") != turn_of_token("two")
    assert "one" not in turn_of_token("one")
