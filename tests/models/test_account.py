"""The account behind a token."""

from __future__ import annotations

from cc_async.models import Account


def test_a_repr_shows_no_address_and_no_number() -> None:
    """An account can be logged."""
    account = Account(contact_email="ann@example.com", contact_phone="555")
    assert not any(text in repr(account) for text in ("ann@", "555"))
