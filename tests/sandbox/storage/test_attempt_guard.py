"""Too many sign-ups in a day block an address."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller, problem


def test_the_sixth_attempt_in_a_day_blocks_an_address() -> None:
    """It is refused as an invalid address, and is free again after 48 hours."""
    caller = make_caller()
    statuses = [caller.sign_up("a@example.com")[0] for _ in range(6)]
    assert statuses == [201, 200, 200, 200, 200, 400]
    assert caller.sign_up("b@example.com")[0] == 201
    caller.sandbox.clock.advance(47 * 3_600)
    status, payload = caller.sign_up("A@example.com")
    assert (status, problem(payload)[1]) == (400, "email_address is invalid")
    caller.sandbox.clock.advance(3_600)
    assert caller.sign_up("a@example.com")[0] == 200


def test_attempts_are_forgotten_after_a_day() -> None:
    """Five attempts today and five tomorrow are allowed."""
    caller = make_caller()
    for _ in range(2):
        assert all(caller.sign_up("a@example.com")[0] < 300 for _ in range(5))
        caller.sandbox.clock.advance(86_401)


def test_an_account_without_attempts_refuses_the_first() -> None:
    """With a setting of 0, every address is blocked from the start."""
    caller = make_caller(attempts_per_day=0)
    status, payload = caller.sign_up("a@example.com")
    assert (status, problem(payload)[1]) == (400, "email_address is invalid")
