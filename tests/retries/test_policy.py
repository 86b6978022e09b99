"""Passing failures, and requests that may be repeated."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    DailyQuotaError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)
from cc_async.retries import RetryPolicy
from cc_async.wire import Request

READ = Request("GET", "/contacts")
SIGN_UP = Request("POST", "/contacts/sign_up_form", retries_conflict=True)
IMPORT = Request("POST", "/activities/contacts_json_import", is_repeatable=False)
PASSING = (
    ServerError(503),
    TransportError("x"),
    TransportTimeoutError("x"),
    UnexpectedResponseError(200, "x"),
)
FINAL = (
    BadRequestError(400),
    NotFoundError(404),
    AuthError("x"),
    DailyQuotaError(dt.datetime.now(dt.UTC)),
)


def wait(
    request: Request,
    error: ConstantContactError,
    *,
    attempt: int = 1,
    elapsed: float = 0.0,
    jitter: float = 1.0,
) -> float | None:
    return RetryPolicy().wait_before_next(
        request, error, attempt=attempt, elapsed=elapsed, jitter=jitter
    )


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_after_a_lost_answer_only_harmless_requests_are_repeated(
    error: ConstantContactError,
) -> None:
    """Reads and sign-ups are repeated after a lost or broken answer; an import never is."""
    assert wait(READ, error) == 0.5
    assert wait(SIGN_UP, error) == 0.5
    assert wait(IMPORT, error) is None


@pytest.mark.parametrize("request_", [READ, SIGN_UP, IMPORT], ids=lambda request: request.path)
def test_a_request_that_was_never_sent_may_always_be_repeated(request_: Request) -> None:
    """After a failed connection every request is repeated."""
    assert wait(request_, ConnectionFailedError("x")) == 0.5


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_refusals_for_good_are_final(error: ConstantContactError) -> None:
    """A request that the service refuses for good is not repeated."""
    assert wait(READ, error) is None


def test_a_conflict_passes_for_sign_ups_only() -> None:
    """A 409 is repeated for a sign-up, since it means two writes at once there, and never else."""
    assert wait(SIGN_UP, ConflictError(409)) == 0.5
    assert wait(READ, ConflictError(409)) is None


def test_waits_double_up_to_a_bound_and_are_spread() -> None:
    """Each wait is twice the last, at most twenty seconds, and jitter takes up to half off."""
    policy = RetryPolicy(attempts=10, max_elapsed=1000)
    error = ServerError(500)
    waits = [
        policy.wait_before_next(READ, error, attempt=attempt, elapsed=0, jitter=1.0)
        for attempt in range(1, 9)
    ]
    assert waits == [0.5, 1, 2, 4, 8, 16, 20, 20]
    assert wait(READ, error, jitter=0.0) == 0.25


def test_attempts_and_time_are_bounded() -> None:
    """After the fourth attempt, or when the next one would begin too late, the error is final."""
    assert wait(READ, ServerError(500), attempt=3) is not None
    assert wait(READ, ServerError(500), attempt=4) is None
    assert wait(READ, ServerError(500), elapsed=119.8) is None


def test_each_kind_of_429_waits_its_own_time() -> None:
    """Throttling waits two seconds, a full queue longer, and a used-up day is final."""
    assert wait(IMPORT, RateLimitError(429, kind="throttled"), attempt=99) == 2.0
    assert wait(IMPORT, RateLimitError(429, kind="queue_full")) == 10.0
    assert wait(IMPORT, RateLimitError(429, kind="quota_exceeded")) is None
    assert wait(READ, RateLimitError(429, retry_after=7.0)) == 7.0
