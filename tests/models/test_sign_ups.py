"""Sign-ups."""

from __future__ import annotations

from cc_async.models import SignUp


def test_a_sign_up_takes_any_iterable_of_lists() -> None:
    """The lists become a tuple, so a sign-up can be hashed and compared."""
    assert SignUp("a@example.com", ["l1", "l2"]) == SignUp("a@example.com", ("l1", "l2"))
    assert hash(SignUp("a@example.com", iter(["l1"]))) == hash(SignUp("a@example.com", ("l1",)))


def test_a_repr_shows_no_address_and_no_number() -> None:
    """A sign-up can be logged."""
    assert not {"ann", "555"} & set(repr(SignUp("ann@x.y", phone_number="555")).split("'"))
